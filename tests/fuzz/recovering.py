"""The recovery slot, the request for it and the reply: made once, so that a case stays the same case."""

import json
from collections.abc import Callable
from random import Random

from tests.fuzz.alter import altering, any_bytes, value
from tests.fuzz.case import Case
from tests.fuzz.run import Target, Wrong
from tests.fuzz.small import VAULT_KEY, checked
from vigfield.errors import Damaged, NewerVault
from vigfield.seal import Key, PublicKey, Request, open_reply, recipient_of
from vigfield.seal.recovery import answer

HOLDER, REPLY_KEY = Key(bytes(range(1, 33))), Key(bytes(range(41, 73)))
SLOT = {
    "kind": "recovery",
    "version": 1,
    "recipient": "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=",
    "sealed": (
        "4Lke9uaX2N1WdhdR/BmEO1zBjTt+h4DNjIYtbmSOMTshEOhzq92L7HFEARZAyKeh"
        "XU4DqlHWtBJRKpP8XH+IrF8nWINbL6JsYU18Yl8KdDQ="
    ),
    "check": "ZW0/ys1uTFf/jvyIugshIrjbeMSPGGj/4ELEAfO0Yhg=",
}
REQUEST = (
    "vigfield-request-1.B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHzguR725pfY3VZ2F1H8GYQ7XMGNO36"
    "HgM2Mhi1uZI4xOyEQ6HOr3YvscUQBFkDIp6FdTgOqUda0ElEqk_xcf4isXydYg1svomxhTXxiXwp0NEaxiAoNypeuF"
    "hjT2MBMxRsQ_QjBzYg5wbv0vX_gFABddmF1bHQtMQ.4a8c2818"
)
REPLY = (
    "vigfield-reply-1.XheJsFxIpnc3TBx7z-lz6PpvPuCf6aMHHRZRRvcKBAYIvBqN9y8Fo3Qkmu3YHHSmxPXigOUtU"
    "Rzzw32CuHf69gJsEaRN7dTQ0NdufFJkpq0.8567d850"
)


def judge_recovery_slot(data: bytes) -> str:
    """The true key for the holder, or a named error; also when the check was made again."""
    try:
        slot = json.loads(data)
    except (ValueError, RecursionError):
        return "not JSON"
    return f"{_asked(slot)}; {_asked(checked(slot))}" if isinstance(slot, dict) else "no object"


def _asked(slot: dict[str, object]) -> str:
    try:
        recipient_of(slot)
        request = Request.of_slot("vault-1", slot, PublicKey.of(REPLY_KEY))
    except (Damaged, NewerVault) as error:
        return f"{type(error).__name__}: {error}"
    return _answered(request)


def judge_request(data: bytes) -> str:
    """The request that the text is, which the holder answers with the true key or not at all."""
    line = data.decode("utf-8", "surrogateescape")
    try:
        request = Request.decode(line)
    except Damaged as error:
        return str(error)
    if request.encode() != "".join(line.split()):
        raise Wrong("a request that is not its text")
    return _answered(request)


def _answered(request: Request) -> str:
    try:
        reply = answer(request, HOLDER)
    except Damaged as error:
        return str(error)
    try:
        opened = open_reply(reply, request, REPLY_KEY)
    except Damaged as error:
        return f"answered, {error}"
    if opened.reveal() != VAULT_KEY:
        raise Wrong("another key came out of a request")
    return "the key"


def judge_reply(data: bytes) -> str:
    """The true key, or a named error."""
    try:
        opened = open_reply(data.decode("utf-8", "surrogateescape"), Request.decode(REQUEST), REPLY_KEY)
    except Damaged as error:
        return str(error)
    if opened.reveal() != VAULT_KEY:
        raise Wrong("another key came out of a reply")
    return "the key"


def _text(name: str, judge: Callable[[bytes], str], line: str) -> Target:
    pool = {"0": line.encode()}
    return Target(name, (pool,), altering(any_bytes(pool)), judge)


def _slot_altered() -> Callable[[Random, Case], Case]:
    return altering([*[value] * 60, *any_bytes(_SLOTS)])


_SLOTS = {"0": json.dumps(SLOT).encode()}
RECOVERY_TEXTS = (
    Target("recovery-slot", (_SLOTS,), _slot_altered(), judge_recovery_slot),
    _text("request", judge_request, REQUEST),
    _text("reply", judge_reply, REPLY),
)
