"""Promised times and opening hours, around the National Day of 2026 (1 to 7 October; work on 20 September and 10 October)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases.deadline import (
    SHANGHAI,
    calendar_known_until,
    due_at,
    is_open,
    is_work_day,
    next_opening,
    opens_on,
)
from knowledge.duty_list import DutyList
from knowledge.schema import Hours, Limit, Shift, Text, Unit


def at(day: str, clock: str = "10:00") -> datetime:
    """A moment of Shanghai's clock, in UTC."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI).astimezone(UTC)


def days(value: int, unit: Unit = Unit.WORK_DAYS) -> Limit:
    return Limit(unit=unit, value=value)


@pytest.mark.parametrize(
    ("start", "value", "due"),
    [
        ("2026-11-17", 3, "2026-11-20"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-09-18", 1, "2026-09-20"),  # the Sunday before the holiday is worked
        ("2026-09-30", 1, "2026-10-08"),  # the holiday is not
        ("2026-09-30", 3, "2026-10-10"),  # the Saturday after it is worked
        ("2026-10-03", 1, "2026-10-08"),
    ],
)
def test_work_days_follow_the_published_calendar(start: str, value: int, due: str) -> None:
    assert due_at(days(value), at(start)) == at(due, "17:30")


def test_calendar_days_run_through_holidays() -> None:
    assert due_at(days(3, Unit.CALENDAR_DAYS), at("2026-09-30")) == at("2026-10-03", "17:30")


def test_hours_run_on_the_clock() -> None:
    assert due_at(days(24, Unit.HOURS), at("2026-09-30", "23:00")) == at("2026-10-01", "23:00")


def test_what_is_immediate_is_due_at_once() -> None:
    assert due_at(Limit(unit=Unit.IMMEDIATE), at("2026-09-30")) == at("2026-09-30")


def test_a_day_begins_in_shanghai_and_not_in_greenwich() -> None:
    assert due_at(days(1), at("2026-11-18", "00:30")) == at("2026-11-19", "17:30")


@given(st.integers(0, 4 * 365 * 24), st.integers(1, 40))
def test_a_work_day_limit_ends_on_a_work_day_and_counts_as_many(hours: int, value: int) -> None:
    moment = at("2025-01-01") + timedelta(hours=hours)
    due = due_at(days(value), moment).astimezone(SHANGHAI).date()
    first = moment.astimezone(SHANGHAI).date()
    between = (first + timedelta(days=n) for n in range(1, (due - first).days + 1))
    assert is_work_day(due)
    assert sum(map(is_work_day, between)) == value


def test_past_the_known_calendar_weekends_alone_count() -> None:
    year = calendar_known_until().year + 1
    assert is_work_day(date(year, 10, 1)) is (date(year, 10, 1).weekday() < 5)
    assert due_at(days(1), at(f"{year}-09-30")) > at(f"{year}-09-30")


@pytest.mark.parametrize(
    ("hours", "day", "opens"),
    [
        ("office", "2026-11-17", True),
        ("office", "2026-11-21", False),
        ("office", "2026-10-01", False),
        ("office", "2026-10-10", True),
        ("hall", "2026-11-21", True),
        ("hall", "2026-10-03", False),  # the Saturday inside the holiday
        ("hall", "2026-11-22", False),
        ("daily", "2026-10-01", True),
        ("culture", "2026-11-16", False),  # Mondays are its day off
        ("culture", "2026-10-01", True),
    ],
)
def test_counters_open_on_their_days(street_data: DutyList, hours: str, day: str, opens: bool) -> None:
    assert opens_on(street_data.hours[hours], date.fromisoformat(day)) is opens


def test_a_counter_of_six_days_is_closed_on_a_holiday_saturday() -> None:
    six = Hours(
        name=Text(zh="周一至周六", en="six days"),
        days=[1, 2, 3, 4, 5, 6],
        shifts=[Shift(opens="09:00", closes="17:00")],
    )
    assert opens_on(six, date(2026, 11, 21)) and not opens_on(six, date(2026, 10, 3))


@pytest.mark.parametrize(
    ("clock", "opens"),
    [("08:59", False), ("09:00", True), ("11:59", True), ("12:00", False), ("13:30", True), ("17:30", False)],
)
def test_a_counter_is_open_in_its_shifts(street_data: DutyList, clock: str, opens: bool) -> None:
    assert is_open(street_data.hours["office"], at("2026-11-17", clock)) is opens


def test_a_worked_saturday_has_the_work_days_hours(street_data: DutyList) -> None:
    assert is_open(street_data.hours["hall"], at("2026-10-10", "15:00"))
    assert not is_open(street_data.hours["hall"], at("2026-11-21", "15:00"))


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        (at("2026-11-17", "12:30"), at("2026-11-17", "13:30")),
        (at("2026-11-17", "18:00"), at("2026-11-18", "09:00")),
        (at("2026-11-20", "18:00"), at("2026-11-23", "09:00")),
        (at("2026-09-30", "18:00"), at("2026-10-08", "09:00")),
    ],
)
def test_the_next_opening_skips_nights_weekends_and_holidays(
    street_data: DutyList, moment: datetime, opening: datetime
) -> None:
    assert next_opening(street_data.hours["office"], moment) == opening


def test_a_counter_that_never_opens_has_no_next_opening() -> None:
    never = Hours(name=Text(zh="不开", en="never"), days=[], shifts=[Shift(opens="09:00", closes="10:00")])
    assert next_opening(never, at("2026-11-17")) is None
