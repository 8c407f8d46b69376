"""Numbers as people say them: 幺零二, 十一楼, “one three eight”. Only what is surely a number is changed."""

from __future__ import annotations

import re

_DIGIT = {
    "零": 0, "〇": 0, "洞": 0, "幺": 1, "一": 1, "壹": 1, "二": 2, "两": 2, "俩": 2, "贰": 2, "三": 3, "仨": 3,
    "四": 4, "五": 5, "六": 6, "七": 7, "拐": 7, "八": 8, "九": 9, "勾": 9,
}  # fmt: skip
_SPOKEN = "零〇幺一二两三四五六七八九"
_NUMBER = "零〇一二两三四五六七八九十百"
_UNITS = "号楼|号院|号线|号|楼|栋|幢|座|单元|室|层|弄|巷|门|院|期|区|组|户|排|路"

_DIGIT_RUN = re.compile(rf"[{_SPOKEN}](?:[\s、，,-]?[{_SPOKEN}]){{2,}}")
_BEFORE_UNIT = re.compile(rf"([{_NUMBER}幺]+)(?=(?:{_UNITS}))")
_AFTER_UNIT = re.compile(rf"((?:楼|栋|幢|座|单元|层|号))([{_NUMBER}幺]{{2,}})(?![{_NUMBER}])")
_ENGLISH = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_ENGLISH_WORD = "|".join(sorted(_ENGLISH, key=len, reverse=True))
_ENGLISH_RUN = re.compile(
    rf"\b(?:(?:double|triple)\s+)?(?:{_ENGLISH_WORD})(?:[\s,-]+(?:(?:double|triple)\s+)?(?:{_ENGLISH_WORD})){{2,}}\b",
    re.IGNORECASE,
)


def chinese_number(words: str) -> int | None:
    """The value of a spoken Chinese number below 1,000 (“十一”, “一百零二”, “幺零二”), or None."""
    if not words or any(ch not in _DIGIT and ch not in "十百" for ch in words):
        return None
    if "十" not in words and "百" not in words:
        return int("".join(str(_DIGIT[ch]) for ch in words))
    total = digit = 0
    for ch in words:
        if ch == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif ch == "十":
            total, digit = total + (digit or 1) * 10, 0
        else:
            digit = _DIGIT[ch]
    return total + digit


def digits_from_speech(text: str) -> str:
    """`text` with spoken digits written as figures, where they are surely a number.

    Runs of three or more digit words (“幺三八零零…”, “one three eight”) and numbers beside an address word
    (“七号楼”, “十一层”, “楼幺零二”). “一下”, “三天两头” and the like stay as they are.
    """
    text = _DIGIT_RUN.sub(_run_figures, text)
    text = _BEFORE_UNIT.sub(_figure, text)
    text = _AFTER_UNIT.sub(lambda m: m.group(1) + _as_figures(m.group(2)), text)
    return _ENGLISH_RUN.sub(_english_figures, text)


def _run_figures(match: re.Match[str]) -> str:
    """A long run is one number said in groups (a telephone number); short groups are numbers of their own."""
    figures = "".join(str(_DIGIT.get(ch, ch)) for ch in match.group())
    return re.sub(r"\D", "", figures) if len(re.sub(r"\D", "", figures)) >= 7 else figures


def _figure(match: re.Match[str]) -> str:
    return _as_figures(match.group(1))


def _as_figures(words: str) -> str:
    value = chinese_number(words)
    return words if value is None else str(value)


def _english_figures(match: re.Match[str]) -> str:
    out, times = "", 1
    for word in re.split(r"[\s,-]+", match.group().lower()):
        if word in ("double", "triple"):
            times = 2 if word == "double" else 3
        else:
            out, times = out + _ENGLISH[word] * times, 1
    return out


def digit_by_digit(number: str, language: str) -> str:
    """A number as it is read out on the telephone: “3 0 4, 7 7 1 5”; Chinese says 幺 for one."""
    in_groups = re.sub(r"^(\d{3})(\d{4})(\d{4})$", r"\1 \2 \3", number.replace("-", " "))
    groups = [" ".join(group) for group in re.findall(r"\d{1,4}", in_groups)]
    spoken = "，".join(groups) if language == "zh" else ", ".join(groups)
    if language == "zh":
        for figure, word in zip("0123456789", "零幺二三四五六七八九", strict=True):
            spoken = spoken.replace(figure, word)
    return spoken
