"""The calendar: a month, a week or a day of the diary."""

from collections import defaultdict
from datetime import date, timedelta
from typing import assert_never

import flet as ft

from vigfield import clock
from vigfield.app import DiaryEntry, Span
from vigfield.model import OFF, Booking
from vigfield.ui import calendarwords, months, parts, words
from vigfield.ui.desk import BAR_BELOW, Desk
from vigfield.ui.entry import tile
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import Calendar, CalendarFiles, CalendarView, NewSession, SessionPlace

_COLUMNS = 900
_ONE_LINE = 1200  # all buttons above the calendar stand in one line
_HEAD_OF_ONE, _HEAD = 200, 290  # what is above the days of a month and below them, in pixels
_LOWEST, _HIGHEST = 76, 160
_NUMBER, _LINE = 42, 25  # of a day: its number with what is around it, and a line of letters
_BOX = 8  # around the words in a column of the week: at 1024 pixels "Supervision" has to fit
_DAY = timedelta(days=1)

ByDay = defaultdict[date, list[DiaryEntry]]


@ft.component
@boundary
def CalendarScreen(place: Calendar) -> ft.Control:
    """The diary."""
    desk = use_desk()
    day = place.day or clock.today()
    names = place.view is not CalendarView.MONTH

    async def read() -> Span:
        return await desk.work.diary.between(*months.days(place.view, day), names=names)

    loaded = use_loaded(read, (place.view, day))
    title = parts.heading(calendarwords.title(place.view, day))
    if place.view is CalendarView.DAY:
        title = parts.tagged(f"day-{day.isoformat()}", title)
    head = [title, _controls(desk, place.view, day)]
    match loaded:
        case Loading():
            return parts.page(*head)
        case Failed(sentence):
            return parts.page(*head, parts.notice(sentence, error=True))
        case Loaded(span):
            return _wide(desk, *head, _sight(desk, place.view, day, span))


def _wide(desk: Desk, *controls: ft.Control) -> ft.Control:
    """As a page, as wide as the window: on a phone seven days of 48 pixels are beside each other."""
    beside = 12 if desk.layout.width < BAR_BELOW else 20
    column = ft.Column(
        list(controls), spacing=20, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )
    inner = ft.Container(column, padding=ft.Padding.symmetric(horizontal=beside, vertical=24))
    return ft.Column(
        [inner],
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _controls(desk: Desk, view: CalendarView, day: date) -> ft.Control:
    def go(to: date, how: CalendarView = view) -> parts.Click:
        return lambda: desk.go(Calendar(how, to))

    views = [
        parts.primary(f"calendar-{one.value}", label, go(day, one))
        if one is view
        else parts.secondary(f"calendar-{one.value}", label, go(day, one))
        for one, label in calendarwords.VIEWS.items()
    ]
    earlier, later = go(months.turned(view, day, -1)), go(months.turned(view, day, 1))
    turning = parts.row(
        parts.link("calendar-prev", calendarwords.BEFORE, earlier, icon=ft.Icons.CHEVRON_LEFT),
        parts.link("calendar-today", calendarwords.NOW, go(clock.today()), icon=ft.Icons.TODAY),
        parts.link("calendar-next", calendarwords.AFTER, later, icon=ft.Icons.CHEVRON_RIGHT),
    )
    more = parts.row(
        parts.secondary(
            "new-session", words.NEW_SESSION, lambda: desk.go(NewSession(day=day)), icon=ft.Icons.EVENT
        ),
        parts.link(
            "calendar-files",
            calendarwords.FILES,
            lambda: desk.go(CalendarFiles()),
            icon=ft.Icons.IMPORT_EXPORT,
        ),
    )
    return parts.row(turning, parts.row(*views), more)


def _sight(desk: Desk, view: CalendarView, day: date, span: Span) -> ft.Control:
    found: ByDay = defaultdict(list)
    for entry in span.entries:
        found[clock.local(entry.session.starts).date()].append(entry)
    match view:
        case CalendarView.MONTH:
            return _grid(desk, day, found)
        case CalendarView.WEEK if desk.layout.width >= _COLUMNS:
            return _columns(desk, months.weeks(view, day)[0], found, span)
        case CalendarView.WEEK:
            return parts.stack([_day(desk, one, found, span) for one in months.weeks(view, day)[0]])
        case CalendarView.DAY:
            return parts.stack(_entries(desk, day, found, span))
        case _:
            assert_never(view)


def _grid(desk: Desk, day: date, found: ByDay) -> ft.Control:
    names = ft.Row(
        [ft.Container(parts.quiet(name), expand=True, padding=4) for name in calendarwords.WEEKDAYS],
        spacing=4,
    )
    weeks = months.weeks(CalendarView.MONTH, day)
    height = _height(desk, len(weeks))
    rows = [
        ft.Row([_cell(desk, one, found[one], one.month == day.month, height) for one in week], spacing=4)
        for week in weeks
    ]
    return ft.Column([names, *rows], spacing=4, tight=True)


def _height(desk: Desk, weeks: int) -> float:
    """Of a day: the whole month is in sight where the window is high enough, and is spread over it."""
    head = _HEAD_OF_ONE if desk.layout.width >= _ONE_LINE else _HEAD
    return min(_HIGHEST, max(_LOWEST, (desk.layout.height - head) / weeks - 4))


def _cell(desk: Desk, day: date, entries: list[DiaryEntry], inside: bool, height: float) -> ft.Control:
    standing = [entry for entry in entries if entry.session.status not in OFF]
    roomy = desk.layout.width >= BAR_BELOW
    today = day == clock.today()
    ink = ft.Colors.ON_PRIMARY if today else ft.Colors.ON_SURFACE if inside else ft.Colors.ON_SURFACE_VARIANT
    number = ft.Container(
        ft.Text(str(day.day), color=ink),
        padding=ft.Padding.symmetric(horizontal=8, vertical=2),
        border_radius=12,
        bgcolor=ft.Colors.PRIMARY if today else None,
    )
    fitting = int((height - _NUMBER) / _LINE)
    shown = len(standing) if len(standing) <= fitting else max(fitting - 1, 0)
    lines = [_brief(desk, entry) for entry in standing[:shown]] if roomy else []
    left = len(standing) - len(lines)
    more = [ft.Text(f"+{left}" if roomy else str(left), color=ft.Colors.PRIMARY)] if left else []
    inside_it = ft.Column([ft.Row([number]), *lines, *more], spacing=2, tight=True)
    cell = ft.Container(
        ft.Semantics(exclude_semantics=True, content=inside_it),
        height=height,
        padding=6,
        border_radius=12,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOW if inside else ft.Colors.SURFACE,
        ink=True,
        clip_behavior=ft.ClipBehavior.HARD_EDGE,
        on_click=lambda _: desk.go(Calendar(CalendarView.DAY, day)),
    )
    said = ft.Semantics(
        identifier=f"day-{day.isoformat()}", label=calendarwords.spoken(day, standing), content=cell
    )
    return ft.MergeSemantics(said, expand=True)


def _brief(desk: Desk, entry: DiaryEntry) -> ft.Control:
    said = calendarwords.brief(entry) if desk.layout.width >= _COLUMNS else calendarwords.about(entry)
    return ft.Text(said, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS)


def _columns(desk: Desk, week: list[date], found: ByDay, span: Span) -> ft.Control:
    return ft.Row(
        [_column(desk, day, found[day], _taken(day, span)) for day in week],
        spacing=6,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _column(desk: Desk, day: date, entries: list[DiaryEntry], bookings: list[Booking]) -> ft.Control:
    today = day == clock.today()
    head = parts.tagged(
        f"day-{day.isoformat()}",
        ft.Container(
            ft.Text(
                f"{calendarwords.WEEKDAYS[day.weekday()]} {day.day}",
                color=ft.Colors.ON_PRIMARY if today else ft.Colors.ON_SURFACE,
            ),
            padding=ft.Padding.symmetric(horizontal=10, vertical=13),
            border_radius=12,
            bgcolor=ft.Colors.PRIMARY if today else ft.Colors.SURFACE_CONTAINER,
            ink=True,
            on_click=lambda _: desk.go(Calendar(CalendarView.DAY, day)),
        ),
    )
    return ft.Column(
        [head, *(_box(desk, entry) for entry in entries), *map(_theirs, bookings)],
        spacing=6,
        tight=True,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _box(desk: Desk, entry: DiaryEntry) -> ft.Control:
    session = entry.session
    off = session.status in OFF
    texts: list[ft.Control] = [ft.Text(calendarwords.brief(entry)), parts.quiet(words.KINDS[session.kind])]
    if off:
        texts.append(parts.quiet(words.STATUSES[session.status]))
    return parts.tagged(
        f"entry-{session.id}",
        ft.Container(
            ft.Column(texts, spacing=2, tight=True),
            padding=_BOX,
            border_radius=12,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOW if off else ft.Colors.SECONDARY_CONTAINER,
            ink=True,
            on_click=lambda _: desk.go(SessionPlace(session.id)),
        ),
    )


def _theirs(booking: Booking) -> ft.Control:
    """A room that somebody else has, under the sessions of its day."""
    return ft.Container(parts.quiet(calendarwords.taken_briefly(booking)), padding=_BOX)


def _taken(day: date, span: Span) -> list[Booking]:
    return [
        one
        for one in span.bookings
        if one.starts < clock.midnight(day + _DAY) and one.ends > clock.midnight(day)
    ]


def _day(desk: Desk, day: date, found: ByDay, span: Span) -> ft.Control:
    title = parts.tagged(f"day-{day.isoformat()}", parts.title(words.day(day)))
    return parts.stack([title, *_entries(desk, day, found, span)])


def _entries(desk: Desk, day: date, found: ByDay, span: Span) -> list[ft.Control]:
    lines = [_line(desk, entry) for entry in found[day]]
    taken = [parts.quiet(calendarwords.taken(one)) for one in _taken(day, span)]
    nothing = [] if lines or taken else [parts.quiet(calendarwords.NOTHING)]
    return [*lines, *taken, *nothing]


def _line(desk: Desk, entry: DiaryEntry) -> ft.Control:
    session = entry.session
    return tile(
        f"entry-{session.id}",
        lambda: desk.go(SessionPlace(session.id)),
        parts.strong(words.whose(session, entry.family)),
        parts.quiet(calendarwords.line(session)),
        parts.quiet(words.STATUSES[session.status]),
    )
