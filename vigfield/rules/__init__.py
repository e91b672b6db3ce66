"""What may happen now: pure decisions, each with its reason.

A refusal names a `Reason`; the sentence that a person reads for it is in `ui.words`.
"""

from vigfield.rules.consent import (
    FILMED_UNDER,
    Change,
    State,
    Subject,
    Use,
    allows,
    becomes,
    may,
    needed,
    overall,
    permits,
    standing,
    states,
)
from vigfield.rules.diary import Clash, Elsewhere, RoomTaken, away, clash, proposed, same_room
from vigfield.rules.egress import Step, may_send, upload_step
from vigfield.rules.filming import (
    START_FREE_BYTES,
    STOP_FREE_BYTES,
    WARN_FREE_BYTES,
    has_room,
    may_erase,
    may_record,
    may_use,
    must_stop,
    subject,
)
from vigfield.rules.network import network_fits
from vigfield.rules.reasons import Allowed, Reason, Refused
from vigfield.rules.retention import Erasable, Urgency, destroy_by, queue

__all__ = [
    "FILMED_UNDER",
    "START_FREE_BYTES",
    "STOP_FREE_BYTES",
    "WARN_FREE_BYTES",
    "Allowed",
    "Change",
    "Clash",
    "Elsewhere",
    "Erasable",
    "Reason",
    "Refused",
    "RoomTaken",
    "State",
    "Step",
    "Subject",
    "Urgency",
    "Use",
    "allows",
    "away",
    "becomes",
    "clash",
    "destroy_by",
    "has_room",
    "may",
    "may_erase",
    "may_record",
    "may_send",
    "may_use",
    "must_stop",
    "needed",
    "network_fits",
    "overall",
    "permits",
    "proposed",
    "queue",
    "same_room",
    "standing",
    "states",
    "subject",
    "upload_step",
]
