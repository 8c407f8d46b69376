"""Case numbers: every slip of the tongue is caught, none is given twice."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases.number import CAPACITY, case_number, find_case_number, is_case_number

counters = st.integers(1, CAPACITY - 1)


def _digits(counter: int) -> str:
    return case_number(counter).replace("-", "")


@given(counters, st.integers(0, 6), st.integers(1, 9))
def test_every_wrong_digit_is_found(counter: int, place: int, shift: int) -> None:
    digits = _digits(counter)
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    assert is_case_number(digits) and not is_case_number(wrong)


@given(counters, st.integers(0, 5))
def test_every_swap_of_neighbours_is_found(counter: int, place: int) -> None:
    digits = _digits(counter)
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert swapped == digits or not is_case_number(swapped)


def test_no_number_is_given_twice() -> None:
    assert len({case_number(counter) for counter in range(1, CAPACITY)}) == CAPACITY - 1


def test_neighbours_in_time_do_not_look_it() -> None:
    chosen = random.Random(1).sample(range(1, CAPACITY - 1), 200)
    assert all(abs(int(_digits(n)[:6]) - int(_digits(n + 1)[:6])) > 1000 for n in chosen)


@pytest.mark.parametrize("counter", [0, -1, CAPACITY])
def test_a_counter_out_of_range_has_no_number(counter: int) -> None:
    with pytest.raises(ValueError, match="no case number"):
        case_number(counter)


NUMBER = case_number(1)


@pytest.mark.parametrize("shown", [NUMBER, NUMBER.replace("-", ""), NUMBER.replace("-", " "), NUMBER.replace("-", "—")])
@pytest.mark.parametrize("around", ["{}", "单号{}，到哪步了", "case {} please", "{} 8000", "电话13800138000，单号{}"])
def test_a_number_is_found_however_it_is_written(shown: str, around: str) -> None:
    assert find_case_number(around.format(shown)) == NUMBER


def test_a_telephone_number_said_first_does_not_hide_the_case_number() -> None:
    assert find_case_number(f"我电话 138 0013 8000，单号 {NUMBER}") == NUMBER


@pytest.mark.parametrize("text", ["", "304771", "13800138000", "11010519491231002X", "5550 1000", "304-77155"])
def test_other_figures_are_not_taken_for_one(text: str) -> None:
    assert find_case_number(text) is None
