"""Offsets of words are always right (RasaHQ/rasa #7910)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.components.words import words_with_offsets

MIXED = st.text(st.sampled_from("路灯坏了門牌號樓𠮷〇 abcZé'’0189０９，。!？🙂\n\t"), max_size=40)


@settings(deadline=None)  # the first example reads the dictionary
@given(st.one_of(MIXED, st.text(max_size=40)))
def test_every_word_stands_where_its_offset_says(text: str) -> None:
    end = 0
    for word, start in words_with_offsets(text):
        assert text[start : start + len(word)] == word
        assert start >= end
        end = start + len(word)


@settings(deadline=None)
@given(MIXED)
def test_no_letter_digit_or_character_is_lost(text: str) -> None:
    covered = "".join(word for word, _ in words_with_offsets(text))
    assert [c for c in text if c.isalnum()] == [c for c in covered if c.isalnum()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我要办residence permit怎么弄", ["我要", "办", "residence", "permit", "怎么弄"]),
        ("3号楼WiFi坏了，please help", ["3", "号楼", "WiFi", "坏", "了", "please", "help"]),
        ("路燈壞了，很危險", ["路燈", "壞", "了", "很", "危險"]),
        ("I don't know哪里", ["I", "don't", "know", "哪里"]),
        ("🙂", ["🙂"]),
        ("", [""]),
    ],
)
def test_mixed_text_is_cut_into_words(text: str, words: list[str]) -> None:
    assert [word for word, _ in words_with_offsets(text)] == words
