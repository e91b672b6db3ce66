"""The course of an upload: what it decides, that it ends, that it may be cut off, that it arrives."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.tus_model import Model, Wrong
from tests.sync.uploads import QUICK, Book, in_memory
from vigfield.sync import Why
from vigfield.sync.course import FIRST_CHUNK, LEAST_CHUNK, MOST_BEGUN
from vigfield.sync.tus import MOST_CHUNK
from vigfield.sync.tus_reply import Ability, Unfit
from vigfield.sync.upload import (
    Altered,
    Arrived,
    CannotRemove,
    Declined,
    Outcome,
    PutOff,
    Removed,
    SealedFile,
    Stopped,
    Unusable,
    remove,
    upload,
)

FILM = bytes(number % 251 for number in range(1000))
CHUNK = 300
TRIES = len(QUICK) + 1


def run(model: Model, book: Book, file: SealedFile | None = None, chunk: int = CHUNK) -> Outcome:
    file = file or in_memory(FILM)
    return asyncio.run(upload(model.tus, file, book.location, book, chunk=chunk, pauses=(0.0, 0.0, 0.0)))


def methods(model: Model) -> list[str]:
    return [method for method, _, _ in model.asked]


# The course.


def test_a_straight_way() -> None:
    model, book = Model(len(FILM)), Book()
    assert run(model, book) == Arrived("/0", verified=True)
    assert methods(model) == ["OPTIONS", "POST", "PATCH", "PATCH", "PATCH", "PATCH", "GET"]
    assert [count for _, _, count in model.asked_for("PATCH")] == [300, 300, 300, 100]
    assert (book.location, book.offset, book.questions) == ("/0", 1000, 5)


def test_a_resumption_begins_with_a_look_and_sends_what_is_missing() -> None:
    model = Model(len(FILM), held={"/7": bytearray(FILM[:450])})
    assert run(model, Book("/7", 300)) == Arrived("/7", verified=True)
    assert methods(model) == ["OPTIONS", "HEAD", "PATCH", "PATCH", "GET"]


def test_what_arrived_earlier_is_read_back_and_not_sent_again() -> None:
    model, book = Model(len(FILM), held={"/7": bytearray(FILM)}), Book("/7", 700)
    assert run(model, book) == Arrived("/7", verified=True)
    assert methods(model) == ["OPTIONS", "HEAD", "GET"]
    assert (book.questions, book.offset) == (0, 1000)


def test_a_server_that_has_less_than_it_said_gets_it_again() -> None:
    model = Model(len(FILM), held={"/7": bytearray(FILM[:100])})
    assert run(model, Book("/7", 900)) == Arrived("/7", verified=True)


def test_an_upload_that_is_gone_is_begun_anew() -> None:
    model, book = Model(len(FILM)), Book("/gone", 900)
    assert run(model, book) == Arrived("/0", verified=True)
    assert book.places == ["/0"]


def test_no_more_than_four_mebibytes_are_ever_read() -> None:
    data, asked = bytes(4 * MOST_CHUNK), []
    plain = in_memory(data)

    async def read(offset: int, length: int) -> bytes:
        asked.append(length)
        return await plain.read(offset, length)

    model = Model(len(data))
    assert run(model, Book(), replace(plain, read=read), 10**9) == Arrived("/0", verified=True)
    assert max(asked) == MOST_CHUNK
    sizes = [count for _, _, count in model.asked_for("PATCH")]
    assert sizes[:6] == [FIRST_CHUNK << doubled for doubled in range(5)] + [MOST_CHUNK]


def test_chunks_shrink_until_the_server_takes_them() -> None:
    data = bytes(1_000_000)
    model = Model(len(data), most_body=100_000)
    assert run(model, Book(), in_memory(data), 200_000) == Arrived("/0", verified=True)
    sizes = [count for _, _, count in model.asked_for("PATCH")]
    assert sizes == [200_000, *[100_000] * 10]


def test_a_chunk_is_half_after_one_that_did_not_get_through_and_grows_again() -> None:
    data = bytes(2_000_000)
    model = Model(len(data))
    cut = [("PATCH", 2), ("PATCH", 3)]
    model.wrong = lambda: Wrong.CUT if (methods(model)[-1], methods(model).count("PATCH")) in cut else None
    assert run(model, Book(), in_memory(data), 400_000) == Arrived("/0", verified=True)
    sizes = [count for _, _, count in model.asked_for("PATCH")]
    assert sizes[:6] == [262_144, 400_000, 200_000, 100_000, 200_000, 400_000]


def test_a_server_that_takes_no_chunk_declines() -> None:
    data = bytes(1_000_000)
    model = Model(len(data), most_body=1000)
    assert run(model, Book(), in_memory(data), 400_000) == Declined(413, "too large")
    assert min(count for _, _, count in model.asked_for("PATCH")) == LEAST_CHUNK


# The file on the tablet.


def test_an_altered_file_never_becomes_whole_and_its_upload_is_removed() -> None:
    altered = FILM[:500] + b"\x00" + FILM[501:]
    model = Model(len(FILM))
    assert run(model, Book(), in_memory(altered, FILM)) == Altered()
    assert sum(count for _, _, count in model.asked_for("PATCH")) == 900
    assert model.held == {}


def test_a_short_file_is_altered() -> None:
    for length in (0, 299, 700, 999):
        model = Model(len(FILM))
        assert run(model, Book(), in_memory(FILM[:length], FILM)) == Altered()
        assert model.held == {}


def test_an_altered_file_is_found_even_when_the_last_bytes_went_earlier() -> None:
    model = Model(len(FILM), held={"/7": bytearray(FILM)})
    assert run(model, Book("/7", 900), in_memory(FILM[:-1] + b"\xff", FILM)) == Altered()
    assert model.held == {}


def test_an_altered_file_is_left_where_the_server_removes_nothing() -> None:
    model = Model(len(FILM), ability=Ability(True, False, "", None))
    assert run(model, Book(), in_memory(FILM[:999], FILM)) == Altered()
    assert model.asked_for("DELETE") == []


def test_what_a_file_raises_comes_out_and_the_upload_stays() -> None:
    async def read(offset: int, length: int) -> bytes:
        if offset >= 600:
            raise OSError("the disk is gone")
        return FILM[offset : offset + length]

    model, book = Model(len(FILM)), Book()
    with pytest.raises(OSError, match="the disk is gone"):
        run(model, book, replace(in_memory(FILM), read=read))
    assert run(model, book) == Arrived("/0", verified=True)


# Who says no.


@pytest.mark.parametrize("question", range(1, 6))
def test_after_a_no_nothing_is_begun_and_no_byte_goes(question: int) -> None:
    model = Model(len(FILM))
    book = Book(refuse_at=question)
    book.when_no = model.asked.clear
    assert run(model, book) == Stopped()
    assert model.asked == []
    book.refuse_at = 0
    assert run(model, book) == Arrived("/0", verified=True)


@pytest.mark.parametrize(
    ("ability", "why"),
    [
        (Ability(False, True, "", None), Unfit.CREATION),
        (Ability(True, True, "", 999), Unfit.SIZE),
        (Unfit.VERSION, Unfit.VERSION),
    ],
)
def test_a_server_that_cannot_take_it_is_told_nothing(ability: Ability, why: Unfit) -> None:
    model = Model(len(FILM), ability=ability)
    assert run(model, Book()) == Unusable(why)
    assert methods(model) == ["OPTIONS"]


def test_a_server_may_take_exactly_as_much() -> None:
    model = Model(len(FILM), ability=Ability(True, True, "", 1000))
    assert run(model, Book()) == Arrived("/0", verified=True)


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "HEAD", "GET"])
@pytest.mark.parametrize(
    ("wrong", "outcome", "tries"),
    [
        (Wrong.CUT, PutOff(Why.AWAY, 0.0), TRIES),
        (Wrong.BROKEN, PutOff(Why.SERVER_ERROR, 0.0), TRIES),
        (Wrong.BUSY, PutOff(Why.SERVER_ERROR, 30.0), 1),
        (Wrong.KEPT_OUT, PutOff(Why.NOT_ALLOWED, 0.0), 1),
    ],
)
def test_trouble_that_stays_is_put_off(method: str, wrong: Wrong, outcome: Outcome, tries: int) -> None:
    location = "/7" if method in ("HEAD", "GET") else ""
    model = Model(len(FILM), held={"/7": bytearray(FILM)})
    model.wrong = lambda: wrong if model.asked[-1][0] == method else None
    assert run(model, Book(location)) == outcome
    assert len(model.asked_for(method)) == tries


@pytest.mark.parametrize(
    ("wrong", "outcome", "tries"),
    [
        (Wrong.CUT, PutOff(Why.AWAY, 0.0), TRIES),
        (Wrong.BROKEN, PutOff(Why.SERVER_ERROR, 0.0), TRIES),
        (Wrong.BUSY, PutOff(Why.SERVER_ERROR, 30.0), 1),
        (Wrong.KEPT_OUT, PutOff(Why.NOT_ALLOWED, 0.0), TRIES),
        (Wrong.REFUSED, Declined(402, "no"), 1),
        (Wrong.TOO_LARGE, Declined(413, "too large"), 1),
    ],
)
def test_chunks_that_never_get_through_end(wrong: Wrong, outcome: Outcome, tries: int) -> None:
    model = Model(len(FILM))
    model.wrong = lambda: wrong if model.asked[-1][0] == "PATCH" else None
    assert run(model, Book()) == outcome
    assert len(model.asked_for("PATCH")) == tries


def test_a_creation_that_is_too_large_is_the_servers_limit() -> None:
    model = Model(len(FILM))
    model.wrong = lambda: Wrong.TOO_LARGE if model.asked[-1][0] == "POST" else None
    assert run(model, Book()) == Unusable(Unfit.SIZE)


def test_another_file_at_the_server_is_removed_and_begun_anew_three_times() -> None:
    model = Model(len(FILM))
    model.wrong = lambda: Wrong.SPOIL if model.asked[-1][0] == "GET" else None
    assert run(model, Book()) == PutOff(Why.RUBBISH, 0.0)
    assert len(model.asked_for("POST")) == len(model.asked_for("DELETE")) == MOST_BEGUN
    assert model.held == {}


def test_another_file_at_the_server_once_is_made_good() -> None:
    model, book = Model(len(FILM)), Book()
    model.wrong = lambda: Wrong.SPOIL if methods(model)[-1:] == ["GET"] and len(book.places) == 1 else None
    assert run(model, book) == Arrived("/1", verified=True)
    assert len(book.places) == 2


def test_a_server_that_gives_nothing_back_is_asked_once_more_how_much_it_has() -> None:
    model = Model(len(FILM), gives_back=False)
    assert run(model, Book()) == Arrived("/0", verified=False)
    assert methods(model)[-2:] == ["GET", "HEAD"]


def test_a_server_that_gives_nothing_back_and_loses_bytes_is_not_believed() -> None:
    model = Model(len(FILM), gives_back=False)
    model.wrong = lambda: Wrong.SHRINK if model.asked[-1][0] == "HEAD" else None
    assert run(model, Book()) == PutOff(Why.RUBBISH, 0.0)


def test_a_server_that_takes_a_byte_at_a_time_is_left_alone() -> None:
    model = Model(len(FILM))
    plain = model.send

    async def miser(location: str, offset: int, data: bytes, checksum: str = "") -> object:
        return await plain(location, offset, data[:1], checksum)

    model.send = miser  # type: ignore[assignment, method-assign]
    assert run(model, Book()) == PutOff(Why.RUBBISH, 0.0)
    assert len(model.asked_for("PATCH")) < 25


# Any history.


@dataclass
class History:
    """What a run of mishaps did to one upload."""

    wrongs: list[Wrong | None]
    refusals: list[int]
    model: Model = field(default_factory=lambda: Model(len(FILM)))
    book: Book = field(default_factory=Book)

    def wrong(self) -> Wrong | None:
        return self.wrongs.pop() if self.wrongs else None

    def check(self, outcome: Outcome) -> None:
        if isinstance(outcome, Arrived):
            assert outcome.location == self.book.location
        if outcome == Arrived(self.book.location, verified=True):
            assert bytes(self.model.held[self.book.location]) == FILM
        assert {place for _, place, _ in self.model.asked_for("PATCH")} <= set(self.book.places)
        assert len(self.model.asked) < 200
        self.model.asked.clear()


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from([None, None, None, *Wrong]), max_size=40),
    st.lists(st.integers(1, 8), max_size=3),
    st.booleans(),
)
def test_whatever_happens_it_ends_and_then_arrives(
    wrongs: list[Wrong | None], refusals: list[int], gives_back: bool
) -> None:
    history = History(wrongs, refusals)
    history.model.wrong, history.model.gives_back = history.wrong, gives_back
    while history.wrongs or history.refusals:
        book = history.book
        book.refuse_at = book.questions + history.refusals.pop() if history.refusals else 0
        history.check(run(history.model, book))
        if history.wrongs:
            history.wrongs.pop()  # so that it ends
    history.book.refuse_at = 0
    last = run(history.model, history.book)
    assert last == Arrived(history.book.location, verified=gives_back)
    if gives_back:
        assert bytes(history.model.held[history.book.location]) == FILM


class Unhurried:
    """Anything whose methods are awaited, with a turn of the loop before and after each."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        async def unhurried(*given: object) -> object:
            await asyncio.sleep(0)
            done = await getattr(self._inner, name)(*given)
            await asyncio.sleep(0)
            return done

        return unhurried


def test_it_may_be_cancelled_at_any_await_and_goes_on(tried: Counter[str]) -> None:
    """Cancelled after every number of turns of the loop, until it is through before that."""

    async def cancelled_after(turns: int, model: Model, book: Book) -> bool:
        file = in_memory(FILM)
        slow: Any = Unhurried(model), Unhurried(file), Unhurried(book)
        job = asyncio.create_task(
            upload(slow[0], replace(file, read=slow[1].read), "", slow[2], chunk=CHUNK, pauses=(0.0,))
        )
        for _ in range(turns):
            await asyncio.sleep(0)
        job.cancel()
        await asyncio.wait([job])
        return not job.cancelled()

    for turns in range(1, 1000):
        model, book = Model(len(FILM)), Book()
        through = asyncio.run(cancelled_after(turns, model, book))
        assert run(model, book) == Arrived(book.location, verified=True)
        assert bytes(model.held[book.location]) == FILM
        tried["cancellations of an upload"] += 1
        if through:
            break
    assert through
    assert turns > 50


# Removing.


def removed(model: Model, location: str = "/7") -> object:
    return asyncio.run(remove(model.tus, location, pauses=(0.0, 0.0)))


def test_removed_is_what_the_server_says_is_not_there() -> None:
    model = Model(len(FILM), held={"/7": bytearray(FILM)})
    assert removed(model) == removed(model) == Removed()
    assert model.held == {}


def test_a_server_that_removes_nothing_is_not_asked_to() -> None:
    for ability in (Ability(True, False, "", None), Unfit.VERSION):
        model = Model(len(FILM), ability=ability, held={"/7": bytearray(FILM)})
        assert removed(model) == CannotRemove()
        assert methods(model) == ["OPTIONS"]


@pytest.mark.parametrize("method", ["OPTIONS", "DELETE"])
@pytest.mark.parametrize(
    ("wrong", "outcome", "tries"),
    [
        (Wrong.CUT, PutOff(Why.AWAY, 0.0), 3),
        (Wrong.BUSY, PutOff(Why.SERVER_ERROR, 30.0), 1),
        (Wrong.KEPT_OUT, PutOff(Why.NOT_ALLOWED, 0.0), 1),
    ],
)
def test_a_removal_that_is_not_known_is_put_off(
    method: str, wrong: Wrong, outcome: Outcome, tries: int
) -> None:
    model = Model(len(FILM), held={"/7": bytearray(FILM)})
    model.wrong = lambda: wrong if model.asked[-1][0] == method else None
    assert removed(model) == outcome
    assert len(model.asked_for(method)) == tries
