"""Every emergency is found and of the right kind; what only looks like one is not found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from knowledge.emergencies import Emergencies
from nlu.text.script import fold
from nlu.text.speech import clean_transcript

_ROOT = Path(__file__).parents[2]
_DATA = yaml.safe_load((Path(__file__).parent / "data" / "emergencies.yml").read_text(encoding="utf-8"))
_SAID = [(kind, text) for kind, texts in _DATA["emergencies"].items() for text in texts]


@pytest.fixture(scope="module")
def emergencies() -> Emergencies:
    return Emergencies.read(_ROOT / "knowledge" / "default" / "emergencies.yml")


@pytest.mark.parametrize(("kind", "text"), _SAID)
def test_finds_emergency(emergencies: Emergencies, kind: str, text: str) -> None:
    found = emergencies.find(fold(text))
    assert found is not None
    if kind != "any":
        assert found.key == kind


@pytest.mark.parametrize("text", _DATA["not"])
def test_leaves_look_alike(emergencies: Emergencies, text: str) -> None:
    found = emergencies.find(fold(text))
    assert found is None, found.key


@pytest.mark.parametrize(("kind", "text"), [row for row in _SAID[::5] if "唔" not in row[1]])
def test_finds_it_in_a_transcript_without_punctuation(emergencies: Emergencies, kind: str, text: str) -> None:
    heard = clean_transcript("喂 喂 那个 " + re.sub(r"[，。！？、]", " ", fold(text)))
    assert emergencies.find(heard) is not None


@pytest.mark.parametrize(("kind", "text"), _SAID[2::7])
def test_finds_it_within_a_longer_message(emergencies: Emergencies, kind: str, text: str) -> None:
    assert emergencies.find(fold("您好，我住梧桐路12号。" + text + "。请问你们几点下班？")) is not None


@pytest.mark.parametrize(
    ("text", "alarm"),
    [
        ("去年我家着火了，能申请救助吗", False),
        ("去年着过火，现在又着火了，快来", True),
        ("万一电梯困人怎么办", False),
        ("万一的事真来了，我困在电梯里了", True),
        ("消防演习几点开始", False),
        ("消防演习怎么成真的了，三楼着火了", True),
        ("We had a fire last year, who repairs the stairs?", False),
        ("Is the fire drill over? There is a real fire in the kitchen!", True),
        ("", False),
        ("12345", False),
        ("👍", False),
    ],
)
def test_past_supposed_and_happening(emergencies: Emergencies, text: str, alarm: bool) -> None:
    assert (emergencies.find(text) is not None) is alarm


def test_every_kind_says_whom_to_ring_and_what_to_do(emergencies: Emergencies) -> None:
    kinds = set(_DATA["emergencies"]) - {"any"}
    found = {e.key: e for kind, text in _SAID if kind in kinds and (e := emergencies.find(fold(text)))}
    assert set(found) == kinds
    for emergency in found.values():
        assert all(re.fullmatch(r"\d[\d ]+", phone) for phone in emergency.phones)
        assert 2 <= len(re.findall("。", emergency.advice.zh)) <= 4
        assert len(emergency.advice.zh) <= 110
