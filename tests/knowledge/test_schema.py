"""The schema refuses what would be told wrongly to a resident."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from knowledge.schema import Clock, DutyId, Limit, Record, Shift, Text, Unit


@pytest.mark.parametrize(
    "row",
    [{"zh": "办"}, {"en": "go"}, {"zh": "", "en": "go"}, {"zh": " ", "en": "go"}, {"zh": "办", "en": "go", "fr": "va"}],
)
def test_a_text_has_both_languages_and_nothing_else(row: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Text.model_validate(row)


def test_a_text_is_said_in_the_language_asked_for() -> None:
    text = Text(zh=" 办 ", en="go")
    assert (text.in_("zh"), text.in_("en"), text.in_("fr")) == ("办", "go", "办")


@given(st.text(max_size=8))
def test_only_ids_of_the_list_are_duty_ids(text: str) -> None:
    valid = (
        len(text) == 6
        and text[:3].isascii()
        and text[:3].isupper()
        and text[3] == "-"
        and text[4:].isdigit()
        and text[:3].isalpha()
    )
    try:
        TypeAdapter(DutyId).validate_python(text)
    except ValidationError:
        assert not (valid and text.isascii())
    else:
        assert valid


@pytest.mark.parametrize(
    ("clock", "right"),
    [("00:00", True), ("23:59", True), ("24:00", False), ("9:00", False), ("12:60", False), ("noon", False)],
)
def test_clock_times_are_written_with_four_figures(clock: str, right: bool) -> None:
    if right:
        assert Shift(opens=clock, closes="23:59").opens == clock
    else:
        with pytest.raises(ValidationError):
            TypeAdapter(Clock).validate_python(clock)


@pytest.mark.parametrize("value", [0, -1, "many", 1.5])
def test_a_limit_is_a_whole_number_of_one_or_more(value: Any) -> None:
    with pytest.raises(ValidationError):
        Limit(unit=Unit.HOURS, value=value)


def test_rows_are_frozen() -> None:
    class Row(Record):
        name: str

    row = Row(name="a")
    with pytest.raises(ValidationError):
        row.name = "b"  # type: ignore[misc]
    assert hash(row) == hash(Row(name="a"))
