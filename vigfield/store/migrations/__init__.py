"""The steps of the schema, in order; a step that has been released is never edited."""
