"""Which days a month, a week or a day of the calendar shows, and where its buttons lead."""

import calendar
from datetime import date, datetime, time, timedelta

from vigfield import clock
from vigfield.ui.places import CalendarView


def days(view: CalendarView, day: date) -> tuple[date, date]:
    """The first and the last day in sight; weeks begin on Monday."""
    match view:
        case CalendarView.MONTH:
            first = day.replace(day=1)
            last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
            return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
        case CalendarView.WEEK:
            first = day - timedelta(days=day.weekday())
            return first, first + timedelta(days=6)
        case CalendarView.DAY:
            return day, day


def weeks(view: CalendarView, day: date) -> list[list[date]]:
    """The days in sight, a week a row."""
    first, last = days(view, day)
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [every[start : start + 7] for start in range(0, len(every), 7)]


def turned(view: CalendarView, day: date, by: int) -> date:
    """The day that is in sight after going so many months, weeks or days on, or back."""
    match view:
        case CalendarView.MONTH:
            months = day.year * 12 + day.month - 1 + by
            year, month = months // 12, months % 12 + 1
            return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
        case CalendarView.WEEK:
            return day + timedelta(days=7 * by)
        case CalendarView.DAY:
            return day + timedelta(days=by)


def moment(day: date, at: time) -> datetime:
    """A time of day on the tablet's calendar, aware; one that the clocks leave out is moved on."""
    return clock.moment(day, at)
