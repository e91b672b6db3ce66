"""The service's policy: a signed text, read strictly, and whether it holds now. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vigfield.model import Field, Identifier, Networks, Policy, Retention, Video
from vigfield.sync import jws
from vigfield.sync.shape import Misshapen, Shape

TYPE = "vigfield-policy+jws"
FORMAT = 1
LONGEST = timedelta(days=800)  # from not_before to expires

_MEMBERS = {
    "vigfield",
    "format",
    "service",
    "version",
    "not_before",
    "expires",
    "minimum_app",
    "fields",
    "identifiers",
    "video",
    "networks",
    "recording",
    "retention",
    "lock",
    "papers",
    "sync",
}
_SERVICE = r"[A-Za-z0-9.-]{1,64}"


class NoPolicy(StrEnum):
    """Why no policy of the service is in force, so that the strict default is."""

    NONE = "none"  # the service never gave one, or there is no service
    UNREADABLE = "unreadable"  # not a policy, or not one that this version understands
    FORGED = "forged"  # not signed by a key that this tablet knows
    OTHER_SERVICE = "other-service"
    OLDER = "older"  # an earlier version than the one that was in force
    NOT_YET = "not-yet"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Unfit:
    """A text that is no policy for this tablet; `where` names what is wrong with it, if that is known."""

    why: NoPolicy
    where: str = ""


def read(text: str, service: str, keys: Mapping[str, bytes]) -> Policy | Unfit:
    """The policy in a signed text, if one of the service's keys signed it; whether it holds is `holds`."""
    claims = jws.opened(text, TYPE, keys)
    if isinstance(claims, jws.Fault):
        forged = claims in (jws.Fault.FORGED, jws.Fault.UNKNOWN_KEY, jws.Fault.OTHER_KIND)
        return Unfit(NoPolicy.FORGED if forged else NoPolicy.UNREADABLE, claims.value)
    try:
        shape = Shape.of(claims.content, _MEMBERS)
        if shape.text("service", _SERVICE) != service:
            return Unfit(NoPolicy.OTHER_SERVICE)
        return _policy(shape)
    except Misshapen as misshapen:
        return Unfit(NoPolicy.UNREADABLE, misshapen.where)


def holds(policy: Policy, highest: int, now: datetime) -> NoPolicy | None:
    """Why a policy is not in force now; None when it is. `highest` is the newest version ever in force."""
    if policy.version < highest:
        return NoPolicy.OLDER
    if policy.not_before is not None and now < policy.not_before:
        return NoPolicy.NOT_YET
    if policy.expires is None or now >= policy.expires:
        return NoPolicy.EXPIRED
    return None


def _policy(shape: Shape) -> Policy:
    shape.text("vigfield", "policy")
    shape.number("format", FORMAT, FORMAT)
    begins, ends = shape.instant("not_before"), shape.instant("expires")
    if not timedelta() < ends - begins <= LONGEST:
        raise shape.wrong("expires")
    video = shape.within("video", {"upload"})
    networks = shape.within("networks", {"metadata", "video"})
    papers = shape.within("papers", {"consents", "names_in_calendar_files"})
    lock = shape.within("lock", {"idle_seconds", "tries_in_five_minutes"})
    return Policy(
        **_recording(shape.within("recording", _RECORDING)),
        idle_seconds=lock.number("idle_seconds", 30, 1800),
        tries=lock.number("tries_in_five_minutes", 3, 10),
        retention=_retention(shape.within("retention", _RETENTION)),
        names_may_leave=papers.yes("names_in_calendar_files"),
        papers_may_leave=papers.yes("consents"),
        version=shape.number("version", 1, 2**31 - 1),
        not_before=begins,
        expires=ends,
        fields=shape.several("fields", Field),
        identifiers=shape.several("identifiers", Identifier),
        video=video.one("upload", Video),
        networks=networks.one("metadata", Networks),
        video_networks=networks.one("video", Networks),
        minimum_app=shape.version("minimum_app"),
        every_minutes=shape.within("sync", {"every_minutes"}).number("every_minutes", 1, 1440),
    )


_RECORDING = {"target_seconds", "longest_seconds", "width", "height", "frames", "bitrate"}
_RETENTION = {"after_filming", "after_ending", "after_withdrawal"}


def _recording(shape: Shape) -> dict[str, int]:
    bounds = {
        "target_seconds": (30, 3600),
        "longest_seconds": (60, 7200),
        "width": (320, 1920),
        "height": (240, 1080),
        "frames": (10, 30),
        "bitrate": (300_000, 12_000_000),
    }
    return {name: shape.number(name, *bounds[name]) for name in bounds}


def _retention(shape: Shape) -> Retention:
    return Retention(
        after_filming=shape.number("after_filming", 1, 3650),
        after_ending=shape.number("after_ending", 1, 3650),
        after_withdrawal=shape.number("after_withdrawal", 1, 90),
    )
