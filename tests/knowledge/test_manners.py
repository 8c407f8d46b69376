"""What no duty covers gets its own answer, and nothing that a duty covers is brushed off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from knowledge.manners import Manners
from nlu.text.script import fold, has_han

_ROOT = Path(__file__).parents[2]
_DATA = yaml.safe_load((Path(__file__).parent / "data" / "manners.yml").read_text(encoding="utf-8"))
_ASKED = [(key, text) for key, texts in _DATA["manners"].items() for text in texts]
_MANNERS = Manners.read(_ROOT / "knowledge" / "default" / "manners.yml")
_ROWS = [row for row, *_ in _MANNERS.rows]


@pytest.mark.parametrize(("key", "text"), _ASKED)
def test_finds_manner(key: str, text: str) -> None:
    found = _MANNERS.find(fold(text))
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("text", _DATA["not"])
def test_leaves_other_messages(text: str) -> None:
    found = _MANNERS.find(fold(text))
    assert found is None, found.key


def test_every_manner_is_tried_in_both_languages() -> None:
    assert {row.key for row in _ROWS} == set(_DATA["manners"])
    for key, texts in _DATA["manners"].items():
        assert any(has_han(text) for text in texts), key
        assert any(not has_han(text) for text in texts), key


def test_duty_questions_are_hardly_ever_brushed_off() -> None:
    texts = [
        text
        for path in sorted((_ROOT / "knowledge" / "default" / "utterances").glob("*.yml"))
        for said in yaml.safe_load(path.read_text(encoding="utf-8")).values()
        for text in [*said["zh"], *said["en"], *(near["text"] for near in said.get("near", []))]
    ]
    hits = [(found.key, text) for text in texts if (found := _MANNERS.find(fold(text))) and found.ends_turn]
    assert len(hits) <= 0.003 * len(texts), hits


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row.key)
def test_what_is_spoken_is_at_most_two_short_sentences(row: object) -> None:
    manner = next(r for r in _ROWS if r is row)
    assert manner.spoken is not None
    assert len(re.findall(r"[。？！]", manner.spoken.zh)) <= 2
    assert len(manner.spoken.zh) <= 60
    assert len(re.findall(r"[.?!](?:\s|$)", manner.spoken.en)) <= 2
    assert len(manner.spoken.en.split()) <= 30


@pytest.mark.parametrize("key", ["other_people", "who_reported", "on_behalf"])
def test_other_peoples_affairs_are_neither_confirmed_nor_denied(key: str) -> None:
    answer = next(row.answer for row in _ROWS if row.key == key)
    assert re.search("不(?:能)?说", answer.zh)
    assert re.search(r"cannot|never", answer.en)
    assert not re.search("^(?:是的|没有|有的)", answer.zh)
