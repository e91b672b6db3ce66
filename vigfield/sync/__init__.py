"""Telling the service: what leaves the tablet, in which order, and what became of it."""

from vigfield.sync import egress
from vigfield.sync.client import FhirClient, UnsafeService
from vigfield.sync.line import Limits
from vigfield.sync.outcome import Accepted, Conflict, Later, Outcome, Rejected, Why
from vigfield.sync.plan import Batch, Put, plan, targets
from vigfield.sync.run import push
from vigfield.sync.same import Resource

__all__ = [
    "Accepted",
    "Batch",
    "Conflict",
    "FhirClient",
    "Later",
    "Limits",
    "Outcome",
    "Put",
    "Rejected",
    "Resource",
    "UnsafeService",
    "Why",
    "egress",
    "plan",
    "push",
    "targets",
]
