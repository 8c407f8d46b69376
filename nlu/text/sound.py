"""How Chinese sounds: pinyin without tones, with the confusions of northern and southern speakers folded."""

from __future__ import annotations

import re
from functools import lru_cache

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_FOLDS = (
    (re.compile(r"^(z|c|s)h"), r"\1"),  # zh/z, ch/c, sh/s
    (re.compile(r"^n(?=[^g])"), "l"),  # n/l
    (re.compile(r"^f"), "h"),  # f/h
    (re.compile(r"(in|en|an)g$"), r"\1"),  # ing/in, eng/en, ang/an
)


@lru_cache(maxsize=65536)
def _fold(syllable: str) -> str:
    for pattern, replacement in _FOLDS:
        syllable = pattern.sub(replacement, syllable)
    return syllable


def syllables(text: str) -> list[str]:
    """The folded syllables of the Chinese characters in `text`, in order."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a quarter of a second: only for who speaks

    return [_fold(s) for run in _HAN.findall(text) for s in lazy_pinyin(run, style=Style.NORMAL)]


def nearly_alike(one: str, other: str) -> bool:
    """Whether two folded syllables are one letter apart (“gui”, “gu”), as the same syllable said carelessly is."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return one == other
    short, long = sorted((one, other), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[at:] == long[at + 1 :] or short[at + 1 :] == long[at + 1 :]
