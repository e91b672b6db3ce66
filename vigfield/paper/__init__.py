"""A paper made in memory as PDF: texts in any script, answers and a signature; no disk is touched."""

from vigfield.paper.page import Block, Choice, Heading, Ink, Line, Paper, Text, render

__all__ = ["Block", "Choice", "Heading", "Ink", "Line", "Paper", "Text", "render"]
