"""Transcripts lose their stutters and keep their meaning."""

import pytest

from nlu.text.segment import words_of
from nlu.text.sound import nearly_alike, syllables
from nlu.text.speech import clean_transcript


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("喂 喂 听得见吗 我们楼的灯坏了", "我们楼的灯坏了"),
        ("呃 我想问问 就是说 老年卡怎么办", "我想问问 老年卡怎么办"),
        ("煤气煤气味道很大", "煤气味道很大"),
        ("um the lift the lift is broken", "the lift is broken"),
        ("住在五号楼幺零三", "住在5号楼103"),
    ],
)
def test_a_transcript_is_cleaned(heard: str, meant: str) -> None:
    assert clean_transcript(heard) == meant


def test_words_of_a_mixed_text() -> None:
    assert words_of("樓上的空調 is dripping") == ["楼上", "空调", "dripp"]


def test_misheard_words_sound_alike() -> None:
    assert syllables("食堂") == syllables("石堂")
    assert syllables("南京") == syllables("兰金")


@pytest.mark.parametrize(("one", "other"), [("gui", "gu"), ("hua", "huan"), ("bai", "pai"), ("lu", "lu")])
def test_a_syllable_said_carelessly_is_nearly_alike(one: str, other: str) -> None:
    assert nearly_alike(one, other) and nearly_alike(other, one)


@pytest.mark.parametrize(("one", "other"), [("jian", "ji"), ("gui", "hua"), ("lu", "yuan")])
def test_other_syllables_are_not(one: str, other: str) -> None:
    assert not nearly_alike(one, other)
