"""What a speaker takes back: “三号楼，不对，是五号楼” means five, and nothing but five.

Only what surely was taken back is dropped: a marker (“不对”, “no wait”) alone proves nothing, since people also say
“味道不对” and “that's not right”. There must be a repair beside it: a value of the same kind, a sentence begun anew
with the same words, or, behind the plainest markers, a whole sentence in the place of another. In doubt the text
stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nlu.text.script import has_han

_NUMBER_ZH = r"(?:\d{1,4}|[零〇一二两三四五六七八九十百幺]{1,5}|[A-Za-z]\d{0,2})"
_DIGIT = r"[\d零〇幺一二两三四五六七八九]"
_NUMBER_EN = (
    r"(?:\d{1,4}[a-z]?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen|eighteen|nineteen|twenty)"
)
_KINDS = {
    "long": rf"(?<!\d){_DIGIT}(?:[\s-]?{_DIGIT}){{6,13}}(?!\d)",
    "building": rf"{_NUMBER_ZH}\s*(?:号楼|栋|幢|座)|\b(?:building|block|bldg\.?)\s+{_NUMBER_EN}\b",
    "part": rf"{_NUMBER_ZH}\s*单元|\bunit\s+(?:{_NUMBER_EN}|[a-z])\b",
    "floor": rf"{_NUMBER_ZH}\s*(?:楼|层)(?!道)|\b(?:\d{{1,2}}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|ground|top)\s+floor\b|\bfloor\s+{_NUMBER_EN}\b",
    "room": rf"{_NUMBER_ZH}\s*(?:室|房(?![东屋子间产租租管]))|(?<![{_DIGIT[1:-1]}-]){_DIGIT}{{3,4}}(?![{_DIGIT[1:-1]}号栋幢座楼层个块元年人次户点-])|\b(?:room|flat|apartment|apt\.?)\s+{_NUMBER_EN}\b",
    "house": rf"{_NUMBER_ZH}\s*号(?!楼|线|窗)|\b(?:number|no\.)\s+{_NUMBER_EN}\b",
    "day": r"(?:周|星期|礼拜)[一二三四五六日天]|大?[前后]天|[今明昨]天|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:today|tomorrow|yesterday)\b",
    "half": r"上午|下午|中午|早上|晚上|傍晚|\b(?:morning|afternoon|evening)\b",
    "clock": rf"{_NUMBER_ZH}点(?:半|钟|[一二三四五]刻)?|\b{_NUMBER_EN}\s+o'?clock\b|\b\d{{1,2}}\s*(?:am|pm)\b",
}
"""The values that are put right most often. A value takes back one of its own kind and of no other."""
_INSTEAD = {"house": "building", "room": "house"}
"""“三号楼，不对，五号”: a shorter way to name the same thing, when nothing of its own kind stands before it."""

_PAUSE = r"[\s，,、。；;：:！!…—]"
_OH = r"(?:[哦噢喔啊诶哎唉呃嗯额]|哎[呀哟]|\boh\b|\bum+\b|\buh+\b|\ber+m?\b)"
_LEAD = rf"(?P<pause>(?:{_PAUSE}|{_OH}|\.(?=\s))*)"
_THEN = rf"(?:{_PAUSE}|{_OH}|[啊呀哈啦]|\.(?=\s))*"
_STRONG_ZH = r"(?:不对(?!吗|呢|劲|头|外|称|应|等|口|味|路|的|付|齐|准|比|症|起|住|号|不(?!对)))+|(?<![你他她们员口])(?:我|刚才|刚刚)*(?:[说讲念报]错了?(?!话)|[搞弄记]错了)|不不不+|口误"
_WEAK_ZH = r"我是[说讲](?!真的|实话|如果|要是|万一)|我的意思是|我[说讲]的是|(?<!是)不是不是|(?<![是要就还可])不是(?=[\s，,])|应该是|改成|哦不"
_STRONG_EN = (
    r"\bno,?\s+wait\b|\bwait,?\s+no\b|\bscratch that\b|\bstrike that\b|\bno,?\s+no\b|\blet me correct (?:that|myself)\b"
)
_WEAK_EN = r"\bi mean(?:t)?\b|\bor rather\b|\bmake that\b|\bactually\b|\b(?:no,?\s+)?sorry\b|\bno\b|\bcorrection\b"
_MARKER = re.compile(
    rf"{_LEAD}(?:(?P<strong>{_STRONG_ZH}|{_STRONG_EN})|(?P<weak>{_WEAK_ZH}|{_WEAK_EN})){_THEN}"
    r"(?P<is>(?:应该是|我是[说讲]|我[说讲]的是|我要[说讲]的是|改成|是(?!不是|谁|哪|什么|因为|有|没)|it(?:'|’)?s(?! not)|it is(?! not)|i mean(?:t)?|that(?:'|’)?s(?! not))"
    rf"{_THEN})*",
    re.I,
)
_ONLY_VALUES = re.compile(r"应该是|改成|不是$|^no$|sorry|actually|make that|correction", re.I)
"""Markers behind which most often comes something else than a repair: nothing but a value counts."""
_SENTENCE = re.compile(r"[。！？!?;；]|\.(?=\s|$)")
_CLAUSE = re.compile(r"[。！？!?;；，,]|\.(?=\s|$)")
_CLAUSE_HEARD = re.compile(r"[。！？!?;；，,\s]")
_SAID_WHOLE = re.compile(r"[了着过呢掉]$")
"""How a sentence ends that was said to its end: what follows is no part of it (“灯坏了不对”, and not “味道不对”)."""
_NO_REPAIR = re.compile(
    r"因为|由于|[上下]个?(?:月|周|礼拜|星期)|刚|已经|[没不有被又也都还就才]|谁|什么|啥|怎么|哪|你们?|他们?|人家|真的"
    r"|(?:because|since|last|just|already|not|never|you|they|he|she|who|what|why|how|when)\b",
    re.I,
)
"""How what follows begins when it goes on telling and replaces nothing."""
_CONTRAST = re.compile(
    r"(?<![是要就还可])(?:不是|唔系)(?P<x>[^，,。！？!?\s是系]{1,14}?)[，,\s]*(?:(?:而?是|系)(?!谁|哪|什么|啥|不)|(?<=[，,\s])(?=[\dA-Z零一二两三四五六七八九十]))"
)
_CONTRAST_AFTER = re.compile(r"[，,\s]*(?<![是要就还可])(?:而)?(?:不是|唔系)(?P<x>[^，,。！？!?\s是]{1,14})")
_CONTRAST_EN = re.compile(r"\b(?:it(?:'|’)?s\s+|it is\s+)?not\s+(?:at\s+|in\s+)?", re.I)
_BUT_EN = re.compile(r"[\s,.]*(?:but\s+)?(?=(?P<is>(?:it(?:'|’)?s\s+|it is\s+)?))", re.I)
_WHOSE = re.compile(r"物业|街道|社区|居委|政府|部门|你|他|她|我|谁|管|归|负责|[事人]$|问题$|责任$|意思$|[没不]")
_INTO = re.compile(r"^(?:\s|the\b|at\b|in\b|在|住)+", re.I)
_GAP = re.compile(rf"(?:{_PAUSE}|的|在|住)*")


@dataclass(frozen=True)
class _Value:
    kind: str
    start: int
    end: int


class TakenBack:
    """Drops what speakers take back. `names` are places that can be put right by another of them."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        known = sorted({name.lower() for name in names}, key=lambda name: (-len(name), name))
        kinds = {"name": "|".join(map(re.escape, known)), **_KINDS} if known else _KINDS
        self._values = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items()), re.I)

    def drop(self, text: str) -> str:
        """`text` (Simplified) without what was taken back in it, and without the words that took it back."""
        text = self._without_contrast(text)
        start = 0
        while (marker := _MARKER.search(text, start)) is not None:
            repaired = self._repaired(text[: marker.start()], marker, text[marker.end() :])
            if repaired is None:
                start = max(marker.end(), start + 1)
            else:
                text, start = repaired.strip(), 0
        return text

    # -- “不是三号楼，是五号楼” ------------------------------------------------------------------------------------

    def _without_contrast(self, text: str) -> str:
        for match in _CONTRAST.finditer(text):
            rest = text[match.end() :]
            if self._same_kind(match["x"], rest) or _alike(match["x"], rest):
                return text[: match.start()] + ("是" if match[0][-1] in "是系" else "") + rest
        for match in _CONTRAST_EN.finditer(text):
            denied = self._head(text[match.end() :])
            end = match.end() + denied[-1].end if denied else 0
            but = _BUT_EN.match(text, end)
            if denied and but and self._shares_kind(denied, self._head(text[but.end("is") :])):
                return text[: match.start()] + text[but.end() :]
        for match in _CONTRAST_AFTER.finditer(text):
            before, values = list(self._find(text[: match.start()])), self._head(match["x"])
            if values and values[-1].end == len(match["x"]) and self._shares_kind(values[:1], before):
                return text[: match.start()] + text[match.end() :]
        return text

    def _same_kind(self, denied: str, instead: str) -> bool:
        values = self._head(denied)
        whole = bool(values) and values[-1].end == len(denied.rstrip("的 "))
        return whole and self._shares_kind(values, self._head(instead))

    @staticmethod
    def _shares_kind(some: Iterable[_Value], others: Iterable[_Value]) -> bool:
        return bool({value.kind for value in some} & {value.kind for value in others})

    # -- “三号楼，不对，五号楼” ------------------------------------------------------------------------------------

    def _repaired(self, before: str, marker: re.Match[str], after: str) -> str | None:
        """The text with the repair made; None when there is none to be seen."""
        if not before.strip() or not after.strip():
            return None
        paused = bool(marker["pause"]) or bool(_SAID_WHOLE.search(before)) or not has_han(before)
        put_right = self._by_value(before, after, paused)
        words = marker["strong"] or marker["weak"]
        if put_right is not None or _ONLY_VALUES.search(words) or _NO_REPAIR.match(after):
            return put_right
        return self._by_words(before, after, marker, paused)

    def _by_value(self, before: str, after: str, paused: bool) -> str | None:
        """Each value at the head of `after` put in the place of the last one of its kind in `before`."""
        head = self._head(after)
        if not head:
            return None
        text, found, place = before, False, len(before)
        for value in head:
            old = self._last(text, value.kind)
            said = after[value.start : value.end]
            if old is None and value.kind in _INSTEAD:
                old = self._last(text, _INSTEAD[value.kind])
                said = re.sub(r"号$", "号楼", said) if old else said
            if old is not None and said.isdigit() and text[old.start : old.end].isascii():
                said = re.sub(r"\d+[a-z]?$|[a-z]+$", said, text[old.start : old.end], flags=re.I)
            if old is not None and (paused or _GAP.fullmatch(before, old.end) or found):
                text, place, found = text[: old.start] + said + text[old.end :], old.start + len(said), True
            elif found:
                text, place = text[:place] + said + text[place:], place + len(said)
        rest = after[head[-1].end :]
        rest = rest[1:] if rest[:1] == "的" and text[place : place + 1] == "的" else rest
        return (
            text + (" " if text[-1:].isascii() and rest[:1].isalnum() and rest[:1].isascii() else "") + rest
            if found
            else None
        )

    def _by_words(self, before: str, after: str, marker: re.Match[str], paused: bool) -> str | None:
        """What was begun anew with the same words, or ended with them; or one whole sentence for another."""
        if not paused and not marker["is"]:
            return None
        strong = marker["strong"] is not None
        chinese = has_han(after)
        scope = max((m.end() for m in _SENTENCE.finditer(before)), default=0)
        repair = re.split(_CLAUSE if not chinese else _CLAUSE_HEARD, after.strip(), maxsplit=1)[0]
        old, new = _units(before[scope:], chinese), _units(repair, chinese)
        if len(new) < 2:
            return None
        same_end = _same_end(old, new)
        begun = _begun_anew(old, new, 2 if chinese or not (strong or same_end) else 1)
        needed = 2 if chinese else 1
        if begun is not None and (strong or chinese or same_end):
            return before[:scope] + before[scope:][: old[begun].start] + after
        if same_end >= needed and (strong or chinese):
            return before[: self._clause_start(before, scope)] + after
        lead = (bool(marker["is"]) and not marker["is"].startswith("应该")) or re.match(
            r"我(?:要|想|是)|i (?:want|need)\b|the\b|it\b|my\b", after, re.I
        ) is not None
        start = self._clause_start(before, scope)
        length = len(_units(before[start:], chinese))
        if strong and paused and lead and 0.4 <= len(new) / max(length, 1) <= 2.5:
            return before[:start] + after
        return None

    def _clause_start(self, before: str, scope: int) -> int:
        """Where the sentence begins that is taken back: behind the last stop, and behind the place it is told of."""
        stop = _CLAUSE_HEARD if has_han(before) else _CLAUSE
        body = before.rstrip(" ，,")
        ends = [m.end() for m in stop.finditer(body, scope)] + [value.end for value in self._find(body)]
        start = max((end for end in ends if end < len(body)), default=scope)
        return start + len(body[start:]) - len(body[start:].lstrip("的在 "))

    def _find(self, text: str) -> Iterator[_Value]:
        for match in self._values.finditer(text):
            yield _Value(str(match.lastgroup), match.start(), match.end())

    def _last(self, text: str, kind: str) -> _Value | None:
        return next((value for value in reversed(list(self._find(text))) if value.kind == kind), None)

    def _head(self, text: str) -> list[_Value]:
        """The values that `text` begins with, one right behind the other."""
        head: list[_Value] = []
        at = len(text) - len(_INTO.sub("", text, count=1))
        for value in self._find(text):
            gap = _GAP.match(text, at)
            if value.start > (gap.end() if gap else at):
                break
            head.append(value)
            at = value.end
        return head


@dataclass(frozen=True)
class _Unit:
    text: str
    start: int


def _units(text: str, chinese: bool) -> list[_Unit]:
    """What is compared: characters in Chinese, words in English."""
    pattern = r"[\u3400-\u9fff]|[A-Za-z0-9]+" if chinese else r"[A-Za-z0-9'’]+"
    return [_Unit(match.group().lower(), match.start()) for match in re.finditer(pattern, text)]


def _begun_anew(old: list[_Unit], new: list[_Unit], least: int) -> int | None:
    """Where in `old` stands what `new` begins with again; the longest such beginning, at its first place within reach."""
    reach = 2 * len(new) + 3
    for length in range(min(len(new) - 1, len(old)), least - 1, -1):
        begin = [unit.text for unit in new[:length]]
        for at in range(max(0, len(old) - reach), len(old) - length + 1):
            if [unit.text for unit in old[at : at + length]] == begin:
                return at
    return None


def _same_end(old: list[_Unit], new: list[_Unit]) -> int:
    """With how many of the same characters or words both end."""
    count = 0
    while count < min(len(old), len(new)) and old[-1 - count].text == new[-1 - count].text:
        count += 1
    return count if count < len(new) else 0


def _alike(denied: str, instead: str) -> bool:
    """Whether two short names are of one sort (“路灯”, “楼道灯”): then only the second is meant."""
    if not has_han(denied) or _WHOSE.search(denied) or not 2 <= len(denied) <= 6:
        return False
    name = re.split(r"[，,。！？!?\s]", instead, maxsplit=1)[0]
    if not name or _WHOSE.search(name[:3]):
        return False
    return name.startswith(denied[:2]) or (denied[-1] in name[1:3] and denied[-1] not in "的了着过吗呢")
