"""Flet's hooks, typed and made safe: what a screen reads, keeps and shows when it fails."""

import functools
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, ParamSpec, TypeVar, cast

import flet as ft

from vigfield.ui import words
from vigfield.ui.desk import Desk, NotOpen

logger = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

NO_FAULTS: Mapping[str, str] = {}

DeskContext = ft.create_context(cast("Desk | None", None))


def use_desk() -> Desk:
    """The desk of the tab that a component is in."""
    desk = ft.use_context(DeskContext)
    if desk is None:
        raise RuntimeError("no desk")
    return desk


def use_kept(make: Callable[[], T]) -> T:
    """One value for the life of a component; changing what is in it redraws nothing."""
    kept = ft.use_ref(cast("T", None))
    if kept.current is None:
        kept.current = make()
    return kept.current


class Chosen(Generic[T]):
    """What is chosen on a form. `value` is the newest: a touch can come before the screen is drawn anew,
    and the button that it lands on was made with what was chosen before."""

    def __init__(self, value: T, redraw: Callable[[], None]) -> None:
        self.value = value
        self._redraw = redraw

    def put(self, value: T) -> None:
        """Choose this instead."""
        self.value = value
        self._redraw()

    def change(self, **changes: object) -> None:
        """Choose something else in some of the fields; `value` is a frozen dataclass."""
        self.put(replace(self.value, **changes))  # type: ignore[type-var]


def use_chosen(make: Callable[[], T]) -> Chosen[T]:
    """What is chosen in a component, from `make` on; a change draws it anew."""
    _, count = ft.use_state(0)
    return use_kept(lambda: Chosen(make(), lambda: count(lambda n: n + 1)))


def keyed(key: str, component: Callable[..., ft.Control], *arguments: object) -> ft.Control:
    """A component that starts anew whenever its key changes."""
    return component(*arguments, key=key)


@dataclass(frozen=True, slots=True)
class Loading:
    """Not read yet."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Could not be read; the sentence says so."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """What was read."""

    value: T


def use_loaded(load: Callable[[], Awaitable[T]], key: object) -> Loading | Failed | Loaded[T]:
    """What `load` returns, read again when `key` or anything in the app changes."""
    desk = use_desk()
    seen = ft.use_state(desk.seen)[0]
    first: Loading | Failed | Loaded[T] = Loading()
    result, set_result = ft.use_state(first)

    async def fetch() -> None:
        try:
            value = await load()
        except Exception as error:  # noqa: BLE001 - the edge: a screen says what it could not read
            logger.error("a screen could not be read: %s", type(error).__name__)
            failed = Failed(words.sorry(error))
            set_result(lambda _: failed)
        else:
            loaded = Loaded(value)
            set_result(lambda _: loaded)

    ft.use_effect(fetch, [key, seen.count], cleanup=lambda: None)
    return cast("Loading | Failed | Loaded[T]", result)


def boundary(screen: Callable[P, ft.Control]) -> Callable[P, ft.Control]:
    """A component whose failure shows a sentence instead of freezing the app."""

    @functools.wraps(screen)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ft.Control:
        try:
            return screen(*args, **kwargs)
        except NotOpen:
            return ft.Container()
        except Exception as error:  # noqa: BLE001 - Flet drops the session's updates on any error here
            logger.error("render of %s: %s", screen.__name__, type(error).__name__)
            return ft.Text(words.sorry(error))

    return guarded
