"""The screens, one for each place."""
