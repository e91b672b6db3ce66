"""vigfield: a secure, offline-first tablet app for Video Interaction Guidance."""

__version__ = "0.1.0"
