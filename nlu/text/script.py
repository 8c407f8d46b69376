"""Which language and which script a message is in, and folding Traditional Chinese to Simplified."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import opencc

Language = Literal["zh", "en"]
Script = Literal["hans", "hant"]

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_ADDRESSES = re.compile(r"\S+@\S+|https?://\S+|\b[A-Za-z]?\d+[A-Za-z]?\b")
_NEUTRAL = {"ok", "okay", "hi", "hello", "bye", "a", "b", "c", "d", "wechat", "app", "vip", "wifi", "pm", "am"}
"""Words that Chinese speakers also use; alone they do not change the language of a talk."""
_CANTONESE = re.compile(r"[嘅咗喺佢嚟啲唔冇嗰乜咁攞畀睇哋嘢搵]")


@cache
def _converter(profile: str) -> opencc.OpenCC:
    return opencc.OpenCC(profile)


def fold(text: str) -> str:
    """`text` with Traditional characters made Simplified; everything else unchanged."""
    return str(_converter("t2s").convert(text))


def unfold(text: str) -> str:
    """`text` with Simplified characters made Traditional, for residents who write Traditional."""
    return str(_converter("s2hk").convert(text))


def has_han(text: str) -> bool:
    """Whether `text` holds a Chinese character."""
    return _HAN.search(text) is not None


def language_of(text: str, previous: Language = "zh") -> Language:
    """The language that `text` is mainly in.

    `previous` (the talk's language so far) decides when the text itself does not: digits, a stamp, “ok”.
    A Latin word weighs one and a half Chinese characters, since Chinese needs about that many for a word.
    """
    han = len(_HAN.findall(text))
    words = [word for word in _LATIN_WORD.findall(_ADDRESSES.sub(" ", text)) if word.lower() not in _NEUTRAL]
    if not han and not words:
        return previous
    return "zh" if han >= 1.5 * len(words) else "en"


def script_of(text: str, previous: Script = "hans") -> Script:
    """The script of the Chinese in `text`; `previous` when its characters are the same in both."""
    folded, unfolded = fold(text), unfold(text)
    traditional = sum(a != b for a, b in zip(text, folded, strict=False)) + len(_CANTONESE.findall(text))
    simplified = sum(a != b for a, b in zip(text, unfolded, strict=False)) - len(_CANTONESE.findall(text))
    if traditional == 0 and simplified <= 0:
        return previous
    return "hant" if traditional > simplified else "hans"
