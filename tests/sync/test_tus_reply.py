"""What a tus server's answers mean: each status and each header, and what is no number."""

import pytest

from vigfield.sync import Why
from vigfield.sync.reply import Answer, Failure, Hashed, Refusal
from vigfield.sync.tus_reply import (
    Ability,
    CannotRemove,
    Gone,
    Held,
    Moved,
    Removed,
    Stored,
    Unfit,
    Untold,
    to_digest,
    to_offset,
    to_options,
    to_remove,
    to_send,
)

RUBBISH, SLOW, BROKEN, KEPT_OUT = map(Failure, (Why.RUBBISH, Why.SLOW, Why.SERVER_ERROR, Why.NOT_ALLOWED))


def answer(status: int, body: bytes = b"", after: float = 0.0, **headers: object) -> Answer:
    return Answer(status, "", body, after, {k.replace("_", "-"): str(v) for k, v in headers.items()})


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ({"tus_version": "1.0.0"}, Ability(False, False, "", None)),
        ({"tus_resumable": "1.0.0"}, Ability(False, False, "", None)),
        (
            {"tus_version": "2.0.0, 1.0.0", "tus_extension": "creation,termination", "tus_max_size": 7},
            Ability(True, True, "", 7),
        ),
        ({"tus_version": "2.0.0,0.2.2", "tus_extension": "creation"}, Unfit.VERSION),
        ({"tus_version": "11.0.0"}, Unfit.VERSION),
        ({"tus_version": "1.0.0", "tus_extension": "creation-with-upload"}, Ability(False, False, "", None)),
        ({"tus_version": "1.0.0", "tus_max_size": "-1"}, Ability(False, False, "", None)),
        ({"tus_version": "1.0.0", "tus_max_size": "9" * 40}, Ability(False, False, "", None)),
        ({"tus_version": "1.0.0", "tus_max_size": "٣"}, Ability(False, False, "", None)),
        ({}, RUBBISH),
        ({"content_type": "text/html"}, RUBBISH),
    ],
)
def test_what_a_server_says_that_it_can_do(said: dict[str, object], means: object) -> None:
    assert to_options(answer(200, **said)) == to_options(answer(204, **said)) == means


@pytest.mark.parametrize(
    ("known", "used"),
    [
        ("sha1,sha256", "sha256"),
        ("md5, sha1, crc32", "sha1"),
        ("md5,crc32", ""),
        ("sha512", ""),
        ("SHA256", ""),
        ("", ""),
    ],
)
def test_the_best_checksum_that_both_know_is_used(known: str, used: str) -> None:
    said = {"tus_version": "1.0.0", "tus_checksum_algorithm": known}
    with_it = to_options(answer(204, **said, tus_extension="creation,checksum"))
    without = to_options(answer(204, **said, tus_extension="creation,checksum-trailer"))
    assert isinstance(with_it, Ability)
    assert isinstance(without, Ability)
    assert (with_it.checksum, without.checksum) == (used, "")


@pytest.mark.parametrize(
    ("status", "means"),
    [(401, KEPT_OUT), (403, KEPT_OUT), (404, RUBBISH), (405, RUBBISH), (302, RUBBISH), (500, BROKEN)],
)
def test_a_server_that_does_not_say_is_none(status: int, means: object) -> None:
    assert to_options(answer(status, tus_version="1.0.0")) == means


@pytest.mark.parametrize(
    ("status", "offset", "length", "means"),
    [
        (200, "0", "9", Held(0, 9)),
        (204, "9", "9", Held(9, 9)),
        (200, "10", "9", Held(10, 9)),  # whether it can be ours is for the course to say
        (200, "-1", "9", RUBBISH),
        (200, "+1", "9", RUBBISH),
        (200, "1.0", "9", RUBBISH),
        (200, " 1", "9", RUBBISH),
        (200, "1, 1", "9", RUBBISH),
        (200, "0x1", "9", RUBBISH),
        (200, "٣", "9", RUBBISH),
        (200, "9" * 16, "9", RUBBISH),
        (200, "", "9", RUBBISH),
        (200, "1", "", RUBBISH),
        (200, "1", "many", RUBBISH),
        (206, "1", "9", RUBBISH),
        (302, "1", "9", RUBBISH),
        (400, "1", "9", Gone()),
        (404, "1", "9", Gone()),
        (410, "1", "9", Gone()),
        (401, "1", "9", KEPT_OUT),
        (403, "1", "9", KEPT_OUT),
        (423, "1", "9", SLOW),
        (429, "1", "9", SLOW),
        (500, "1", "9", BROKEN),
        (418, "1", "9", Refusal(418, "HTTP 418")),
    ],
)
def test_how_far_an_upload_has_come(status: int, offset: str, length: str, means: object) -> None:
    assert to_offset(answer(status, upload_offset=offset, upload_length=length)) == means


@pytest.mark.parametrize(
    ("status", "offset", "means"),
    [
        (204, "11", Moved(11)),
        (204, "15", Moved(15)),
        (204, "10", RUBBISH),
        (204, "9", RUBBISH),
        (204, "16", RUBBISH),
        (204, "", RUBBISH),
        (200, "15", RUBBISH),
        (307, "15", RUBBISH),
        (404, "15", Gone()),
        (410, "15", Gone()),
        (400, "15", Refusal(400, "HTTP 400")),
        (403, "15", KEPT_OUT),
        (409, "15", RUBBISH),
        (412, "15", Refusal(412, "HTTP 412")),
        (413, "15", Refusal(413, "HTTP 413")),
        (415, "15", Refusal(415, "HTTP 415")),
        (423, "15", SLOW),
        (460, "15", RUBBISH),
        (502, "15", BROKEN),
    ],
)
def test_what_became_of_a_chunk(status: int, offset: str, means: object) -> None:
    assert to_send(answer(status, upload_offset=offset), 10, 5) == means


def test_another_version_and_a_time_to_wait_are_understood() -> None:
    assert to_offset(answer(412, tus_version="2.0.0")) == Unfit.VERSION
    assert to_offset(answer(503, after=30.0)) == Failure(Why.SERVER_ERROR, 30.0)
    assert to_send(answer(429, after=30.0), 0, 1) == Failure(Why.SLOW, 30.0)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"Quota \x00exceeded\r\nfor \xe2\x80\xaethis tablet", "Quota exceeded for this tablet"),
        (b"<html>no</html>", "HTTP 402"),
        (b'{"a": 1}', "HTTP 402"),
        (b"\xff\xfe", "��"),
        (b"", "HTTP 402"),
        (b"x" * 5000, "x" * 300),
    ],
)
def test_the_words_of_a_refusal_are_cleaned(body: bytes, words: str) -> None:
    assert to_send(answer(402, body), 0, 1) == Refusal(402, words)


def hashed(status: int, length: int, after: float = 0.0, **headers: str) -> Hashed:
    return Hashed(status, length, "ab", after, {k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize(
    ("reply", "means"),
    [
        (hashed(200, 9), Stored("ab")),
        (hashed(200, 9, content_encoding="identity"), Stored("ab")),
        (hashed(200, 9, content_encoding="gzip"), Untold()),
        (hashed(200, 8), Untold()),
        (hashed(206, 9), Untold()),
        (hashed(404, 9), Untold()),
        (hashed(403, 9), Untold()),
        (hashed(302, 0), Untold()),
        (hashed(501, 0), Untold()),
        (hashed(503, 0, 5.0), Failure(Why.SERVER_ERROR, 5.0)),
        (hashed(429, 0, 5.0), Failure(Why.SLOW, 5.0)),
        (Failure(Why.RUBBISH), Untold()),
        (Failure(Why.AWAY), Failure(Why.AWAY)),
        (Failure(Why.UNTRUSTED), Failure(Why.UNTRUSTED)),
    ],
)
def test_what_is_given_back_counts_only_if_it_is_exactly_as_long(
    reply: Hashed | Failure, means: object
) -> None:
    assert to_digest(reply, 9) == means


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (204, Removed()),
        (404, Removed()),
        (410, Removed()),
        (200, RUBBISH),
        (302, RUBBISH),
        (400, CannotRemove()),
        (405, CannotRemove()),
        (401, KEPT_OUT),
        (423, SLOW),
        (500, BROKEN),
    ],
)
def test_removed_is_only_what_the_server_says_is_gone(status: int, means: object) -> None:
    assert to_remove(answer(status)) == means
