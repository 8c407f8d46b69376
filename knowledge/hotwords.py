"""Words that a speech recogniser should expect: the street's places, its duties, and how residents talk about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from knowledge.duty_list import DutyList
from nlu.text.script import fold, has_han
from nlu.text.segment import words_of

_LONGEST = 12
"""Recognisers take short phrases; a longer name is given in its parts."""
_PARTS = re.compile(r"[（）()、，,；;/与和及]")
_SAYINGS = 150
"""So many sayings of a duty tell which words are typical of it."""
_TIMES, _DUTIES, _EACH = 4, 6, 8
"""A typical word is said at least so often of a duty, and of at most so many duties; so many are kept of each."""


def hot_words(duty_list: DutyList) -> list[str]:
    """Chinese hot words, each once, the most particular first: places, communities, offices, duties, typical words, dialect."""
    words = [
        *_places(duty_list),
        *(part for office in duty_list.offices.values() for part in _short(office.name.zh)),
        *(part for duty in duty_list.duties.values() for part in _short(duty.name.zh)),
        *_typical(duty_list),
        *(row.word for row in duty_list.dialect),
    ]
    return list(dict.fromkeys(fold(word) for word in words if has_han(word)))


def _places(duty_list: DutyList) -> Iterator[str]:
    yield duty_list.street.name.zh
    for place in duty_list.places:
        yield from (place.name.zh, *place.also)
    for community in duty_list.communities.values():
        yield community.name.zh
        yield from (grid.name.zh for grid in community.grids)


def _short(name: str) -> Iterator[str]:
    if len(name) <= _LONGEST and not _PARTS.search(name):
        yield name
        return
    yield from (part for part in _PARTS.split(name) if len(part) >= 3)


def _typical(duty_list: DutyList) -> Iterator[str]:
    counts = {
        duty: Counter(
            word
            for saying in sayings.zh[:_SAYINGS]
            for word in set(words_of(saying))
            if len(word) > 1 and has_han(word)
        )
        for duty, sayings in duty_list.sayings.items()
    }
    duties = Counter(word for counted in counts.values() for word, times in counted.items() if times >= _TIMES)
    for counted in counts.values():
        own = [word for word, times in counted.most_common() if times >= _TIMES and duties[word] <= _DUTIES]
        yield from own[:_EACH]
