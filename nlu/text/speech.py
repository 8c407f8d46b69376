"""A recogniser's transcript made readable: fillers and stutters out, spoken digits as figures.

Nothing is guessed here: a word that was misheard stays misheard, and the search weighs its sound.
"""

from __future__ import annotations

import re

from nlu.text.numbers import digits_from_speech

_FILLERS = re.compile(
    r"^(?:喂+[\s，,]*)+(?:听得见[吧吗啊]*[\s，,]*)?"
    r"|[呃嗯](?=[\s，,。]|[^\s])(?!大)"
    r"|(?:就是说|就是那个|怎么说呢|你晓得吧|你知道吧|那个那个|这个这个)"
    r"|\b(?:um+|uh+|erm*|you know|i mean)\b[,\s]*",
    re.IGNORECASE,
)
_PARTICLES = re.compile(r"(?<=[\u4e00-\u9fff])[啊呀哦哎嘛](?=[\s，,\u4e00-\u9fff])")
_REPEAT_ZH = re.compile(r"([\u4e00-\u9fff]{2,8})(?:[\s，,]*\1)+")
_REPEAT_EN = re.compile(r"\b([a-z']+(?: [a-z']+){0,3})(?:[\s,]+\1\b)+", re.IGNORECASE)

_NUMERALS = re.compile(r"[零〇幺一二两三四五六七八九十百]+")


def _said_once(match: re.Match[str]) -> str:
    """What was said twice in a row, once; a number may well repeat itself (“一三八零零一三八零零零”)."""
    return match.group() if _NUMERALS.fullmatch(match.group(1)) else match.group(1)


def clean_transcript(text: str) -> str:
    """`text` as the speaker meant to say it: no fillers, nothing said twice in a row, digits as figures."""
    text = _FILLERS.sub(" ", text)
    text = _PARTICLES.sub(" ", text)
    text = _REPEAT_ZH.sub(_said_once, text)
    text = _REPEAT_EN.sub(r"\1", text)
    text = digits_from_speech(text)
    return re.sub(r"\s+", " ", text).strip()
