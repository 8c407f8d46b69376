"""By when something was promised: hours, calendar days or work days, with Chinese holidays and 调休.

Source of the calendar: the package `chinesecalendar`, which carries the State Council's yearly notices; past the
last year it knows, weekends alone count, and `calendar_known_until` says so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

from knowledge.schema import Hours, Limit, Shift, Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
_LAST_YEAR = max(day.year for day in chinese_calendar.holidays)


def calendar_known_until() -> date:
    """The last day whose holidays are known from a published notice."""
    return date(_LAST_YEAR, 12, 31)


def is_work_day(day: date) -> bool:
    """Whether offices work on `day`: 调休 working weekends count, public holidays do not."""
    if day.year > _LAST_YEAR:
        return day.weekday() < 5
    return bool(chinese_calendar.is_workday(day))


def due_at(limit: Limit, start: datetime) -> datetime:
    """When `limit`, counted from `start` (UTC), is up, in UTC.

    Days are counted from the next day and end at 17:30 Asia/Shanghai; a calendar-day limit ends on the day it ends,
    holiday or not. An immediate limit is up at once.
    """
    if limit.unit is Unit.IMMEDIATE or limit.value is None:
        return start
    if limit.unit is Unit.HOURS:
        return start + timedelta(hours=limit.value)
    day = start.astimezone(SHANGHAI).date()
    left = limit.value
    while left:
        day += timedelta(days=1)
        if limit.unit is Unit.CALENDAR_DAYS or is_work_day(day):
            left -= 1
    return datetime.combine(day, time(17, 30), SHANGHAI).astimezone(UTC)


def is_holiday(day: date) -> bool:
    """Whether `day` belongs to a public holiday, a weekend day inside one included."""
    if day.year > _LAST_YEAR:
        return False
    free, name = chinese_calendar.get_holiday_detail(day)
    return bool(free and name)


def _shifts_on(hours: Hours, day: date) -> list[Shift]:
    """The shifts of `day`, in order: a weekend that is worked has the work days' hours."""
    weekday = day.isoweekday()
    if not hours.open_on_holidays:
        if is_holiday(day):
            return []
        if is_weekend(day) and is_work_day(day) and {1, 2, 3, 4, 5} <= set(hours.days):
            return hours.shifts
    usual = hours.shifts if weekday in hours.days else []
    return next((weekend.shifts for weekend in hours.also if weekend.day == weekday), usual)


def is_weekend(day: date) -> bool:
    """Saturday or Sunday, worked or not."""
    return day.isoweekday() >= 6


def is_open(hours: Hours, now: datetime) -> bool:
    """Whether a counter with `hours` is open at `now` (UTC)."""
    local = now.astimezone(SHANGHAI)
    clock = local.strftime("%H:%M")
    return any(shift.opens <= clock < shift.closes for shift in _shifts_on(hours, local.date()))


def opens_on(hours: Hours, day: date) -> bool:
    """Whether a counter with `hours` opens at all on `day`."""
    return bool(_shifts_on(hours, day))


def next_opening(hours: Hours, now: datetime) -> datetime | None:
    """When a counter with `hours` opens next after `now`, in UTC; None when it does not within a month."""
    local = now.astimezone(SHANGHAI)
    for ahead in range(32):
        day = local.date() + timedelta(days=ahead)
        for shift in _shifts_on(hours, day):
            opening = datetime.combine(day, time.fromisoformat(shift.opens), SHANGHAI)
            if opening > local:
                return opening.astimezone(UTC)
    return None
