"""The number a resident is given: seven digits, the last one a check digit, said in two groups (“304-7715”).

The first six digits are a fixed permutation of a counter, so that neighbours in time are not neighbours in
number and nobody learns from a number how many cases there are. The seventh is Damm's check digit, which
catches every single wrong digit and every swap of two neighbours. Source: H. M. Damm, “Total anti-symmetrische
Quasigruppen” (2004), the quasigroup of order 10 given there.
"""

from __future__ import annotations

import re

CAPACITY = 1_000_000
"""How many cases can be numbered before the numbers grow too short."""

_MULTIPLIER, _OFFSET = 618_033, 271_828
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_WRITTEN = re.compile(r"(?<!\d)(\d{3})[-\s—–]?(\d{4})(?!\d)")


def case_number(counter: int) -> str:
    """The number of the case with this counter (1, 2, 3, …), as “304-7715”.

    Raises ValueError when the counter is out of range.
    """
    if not 0 < counter < CAPACITY:
        raise ValueError(f"no case number for counter {counter}")
    digits = f"{(counter * _MULTIPLIER + _OFFSET) % CAPACITY:06d}"
    return f"{digits[:3]}-{digits[3:]}{_check_digit(digits)}"


def is_case_number(number: str) -> bool:
    """Whether `number` (with or without the dash) carries the right check digit."""
    digits = re.sub(r"\D", "", number)
    return len(digits) == 7 and _check_digit(digits) == 0


def find_case_number(text: str) -> str | None:
    """The case number in `text`, as “304-7715”: the first seven digits with the right check digit.

    When none has, the first seven digits that stand alone, so that the caller can say that one must be wrong.
    """
    found = [f"{first}-{last}" for first, last in _WRITTEN.findall(text)]
    return next(filter(is_case_number, found), found[0] if found else None)


def _check_digit(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim
