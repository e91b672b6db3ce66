"""Measurements of the whole path, each against a limit measured in the same run: `python -m benchmarks`."""
