"""Places in what residents say: estates and roads of the gazetteer, and building, unit, floor and room around them.

Nothing is invented: a part that was not said stays empty, and a name the gazetteer does not know is kept as said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

from knowledge.duty_list import DutyList
from knowledge.schema import Place
from nlu.text.numbers import digits_from_speech
from nlu.text.script import fold, has_han
from nlu.text.segment import common_words
from nlu.text.sound import nearly_alike, syllables

_CORRECTION = re.compile(
    r"不是不是|不对|错了|说错|搞错|记错|应该是|(?<![是])不是|改成|\bsorry\b|\bi mean\b|\bactually\b|\bno,|\bnot\b|\bwrong\b",
    re.I,
)
_NUMBER = r"(?:\d{1,4}|[A-Za-z]\d{0,2})"
_BUILDING = re.compile(rf"({_NUMBER}\s*(?:号楼|栋|幢|座))|\b(?:building|block|bldg)\.?\s*({_NUMBER})\b", re.I)
_UNIT = re.compile(r"(\d{1,2}|[A-Za-z])\s*单元|\bunit\s*(\d{1,2}|[A-Z])\b", re.I)
_FLOOR = re.compile(
    r"(地下\d|负\d|\d{1,2})\s*(?:楼|层)(?!道)([A-Z]\b)?|\b(\d{1,2})(?:st|nd|rd|th)\s+floor\b|\bfloor\s+(\d{1,2})\b|\b(ground)\s+floor\b",
    re.I,
)
_ROOM = re.compile(
    r"(?<![\d-])(\d{3,4})\s*(?:室|房)?(?![\d号路弄-])|(\d{1,4})\s*室"
    r"|\b(?:room|flat|apartment|apt|rm)\.?\s*(\d{1,4}[A-Z]?|[A-Z])\b",
    re.I,
)
_HOUSE = re.compile(r"(\d{1,4}(?:[-之]\d+)?)\s*号(?!楼|线|窗|晚|之前|上午|下午)(院)?|\bno\.?\s*(\d{1,4})\b", re.I)
_AREA_ZH = re.compile(
    r"([\u4e00-\u9fff\dA-Z]{1,8}?(?:小区|花园|新村|家园|公寓|大院|家属院|宿舍|大厦|广场|市场|菜场|公园|小学|中学|幼儿园|医院|车站|社区"
    r"|苑|庭|府|城|里(?=\d)|村|大道|胡同|街|路(?![灯面边上人政障口中]|不[平通])|巷|弄|桥)(?:小区|花园|社区|公寓)?)"
)
_GENERIC = (
    r"(?:小区|社区|公园|市场|菜场|小学|中学|医院|幼儿园|车站|街|路|巷|弄|桥|村|城|大道|胡同|广场|宿舍|大院|大厦|公寓)"
)
_NOT_AREA = re.compile(
    r"^(?:.*(?:我们|咱们|你们|他们|哪个|这个|那个|什么|整个|一个|有个|老旧|背街|居民|本|全|住在|就在|因为|那条|这条|一条|门口|[条半走过马公铁道让修挡堵占问逛在出进上下来去]))?"
    + _GENERIC
    + "$"
)
_LEAD = re.compile(
    r"^.*(?:我住在|我家在|住在|就在|地址是|地址|位于|位置|我们|咱们|家住|我住|住的是|是在|靠近|这儿|那儿|这里|那里|这边|那边|举报|投诉|反映|[，,。；;：:、\s]|在|喺|是|到|从|去|住|往|个|的|我家|我|他|她|就|那)"
)
_AREA_EN = re.compile(
    r"\b((?:\d{1,4}[A-Za-z]?\s+)?(?:[A-Z][\w'’]*\s+){1,4}(?:Estate|Gardens?|Village|Court|Road|Rd|Street|St|Lane|Alley|Hutong|Avenue|Homes|"
    r"Apartments|Market|Park|Square|Plaza|Bridge|School|Kindergarten|Hospital|Station|Tower|Mansion|Li|Xiaoqu|Community))\b"
)
_AREA_EN_BARE = re.compile(r"\b(?:by|at|in|near|on|outside|behind)\s+(\d{1,4}[A-Z]?\s+[A-Z]\w+)\b")
_BESIDE = r"(?:门口|旁边|边上|对面|后面|前面|楼下|楼上|地库|车库|拐角|路口|十字路口|东门|西门|南门|北门|天台)"
_LANDMARK = re.compile(rf"((?:[\u4e00-\u9fff]{{0,8}}?){_BESIDE})")
_LANDMARK_EN = re.compile(
    r"\b(?:(?:by|at|near|outside|beside|behind)\s+)?(?:the\s+)?(?:(?:north|south|east|west|main|back|front|side|school)\s+)*(?:gate|entrance|exit)(?:\s+\d{1,2})?\b"
    r"|\b(?:next\s+to|opposite|across\s+from|in\s+front\s+of|beside|behind|outside)\s+(?:the|a|an|our|my)\s+(?!building\b|door\b|house\b|home\b|flat\b|way\b)[a-z][\w'’-]*(?:\s(?!is\b|are\b|was\b|were\b|has\b|have\b|and\b|in\b|at\b|on\b|of\b|for\b|every\b|keeps?\b|that\b|which\b|with\b)[a-z][\w'’-]*){0,2}",
    re.I,
)
_NUMBER_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_NUMBER_WORD = re.compile(
    rf"\b(building|block|unit|floor|room|flat|apartment|number|gate)\s+({'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))})\b",
    re.I,
)
_HAS_A_MOUTH = ("路", "街", "巷", "弄", "胡同", "桥", "村", "里")
"""Places whose beginning is called their mouth (巷口)."""
_FILLS = re.compile(
    r"就|在|喺|的|是|那|这|边|个|门口|旁边|对面|附近|号楼|单元|楼|室|层|房|啊|呢|吧|[\s，,。.!！、；;：:]"
    r"|\b(?:it'?s|is|it|the|a|an|at|in|on|by|near|next|to|of|outside|behind|beside|opposite|building|block|unit|room|flat|floor|number|no)\b",
    re.I,
)
_SHORT = 40
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LONG_NAME = 3
"""Syllables from which on a name is found by its sound anywhere."""
_BEFORE_BUILDING = re.compile(r"(?:小区)?\s*\d{1,3}\s*(?:号楼|栋|幢|座|单元)")
_VAGUE = re.compile(r"^(?:我家|我们|咱们|家|自己|他家|隔壁|谁家)")


@dataclass(frozen=True)
class Spot:
    """A place as far as it was said. `community` is a key of the gazetteer's when the area is known."""

    area: str = ""
    house: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    near: str = ""
    """A landmark, or the resident's own words when they do not fall into parts."""
    community: str = ""
    lat: float | None = None
    long: float | None = None

    def __bool__(self) -> bool:
        return (
            any((self.area, self.house, self.building, self.unit, self.floor, self.room, self.near))
            or self.lat is not None
        )

    @property
    def can_be_found(self) -> bool:
        """Whether somebody who is sent there would get there: an area, a landmark or a pin."""
        return bool(self.area or self.near or self.lat is not None)

    def updated(self, later: Spot) -> Spot:
        """This place with every part that `later` names put in place of the old one."""
        changes = {f.name: getattr(later, f.name) for f in fields(later) if getattr(later, f.name)}
        if later.area and self.area and later.area != self.area:
            if later.house or later.building or later.room:
                return later  # another address altogether
            changes.setdefault("community", "")
            changes.setdefault("house", "")  # a house number is its road's
        return replace(self, **changes)

    def in_words(self, language: str) -> str:
        """The place in one line, as it is read back and sent to the office."""
        if language == "en":
            parts = [
                f"Room {self.room}" if self.room else "",
                f"floor {self.floor}" if self.floor else "",
                f"Unit {self.unit}" if self.unit else "",
                f"Building {re.sub('号楼|[栋幢座]', '', self.building)}" if self.building else "",
                f"No. {self.house}" if self.house else "",
                self.area,
            ]
            return ", ".join([p for p in parts if p] + ([self.near] if self.near else [])) or self._pin()
        room = f"{self.room}室" if re.fullmatch(r"\d{3,4}", self.room) else self.room
        floor = f"{self.floor}楼" if self.floor else ""
        unit = f"{self.unit}单元" if self.unit else ""
        building = (
            f"{self.building}号楼" if re.fullmatch(r"[A-Z]?\d*", self.building) and self.building else self.building
        )
        house = f"{self.house}号" if self.house else ""
        whole = f"{self.area}{house}{building}{unit}{floor}{room}"
        return "，".join(part for part in (whole, self.near) if part) or self._pin()

    def _pin(self) -> str:
        return f"{self.lat:.5f}, {self.long:.5f}" if self.lat is not None and self.long is not None else ""


class Gazetteer:
    """The places of one street, found by name in free text."""

    def __init__(self, duty_list: DutyList) -> None:
        names: list[tuple[str, Place]] = []
        for place in duty_list.places:
            names += [(name.lower(), place) for name in (place.name.zh, place.name.en, *place.also)]
        self._names: Sequence[tuple[str, Place]] = sorted(names, key=lambda pair: -len(pair[0]))

    def find(self, text: str) -> tuple[Place, str] | None:
        """The place that `text` names last, with the name that was used for it; longer names win."""
        lowered = fold(text).lower()
        best: tuple[int, int, Place] | None = None
        for name, place in self._names:
            at = lowered.rfind(name)
            if at >= 0 and (best is None or at > best[0] + best[1]):
                best = (at, len(name), place)
        return (best[2], lowered[best[0] : best[0] + best[1]]) if best else None

    def by_sound(self, text: str) -> tuple[Place, str] | None:
        """The place that a transcript (Simplified) sounds like naming, though it names none, with its name put in.

        Names of three syllables and more may differ by one that sounds nearly alike, never by the last, which tells a
        road from a lane; shorter ones must sound the same and stand before a building's number. What makes sense as
        ordinary words is no misheard name. It is a guess: whoever uses it asks first. None also when two places are as
        likely.
        """
        if self.find(text) is not None:
            return None
        found: list[tuple[tuple[bool, int, int], Place, str]] = []
        words = list(common_words(text))
        for run in _HAN.finditer(text):
            heard = syllables(run[0])
            for name, place, sounds in self._sounds if len(heard) == len(run[0]) else ():
                for at in range(len(heard) - len(sounds) + 1):
                    start, end = run.start() + at, run.start() + at + len(sounds)
                    apart = _apart(heard[at : at + len(sounds)], sounds)
                    short = len(sounds) < _LONG_NAME
                    allowed = 0 if short or place.kind in ("building", "hospital") else 1
                    if apart > allowed or (short and not _BEFORE_BUILDING.match(text, end)):
                        continue
                    if _made_of_words(text, start, name, words, exact=apart == 0):
                        continue
                    found.append(((apart == 0, len(sounds), start), place, text[:start] + name + text[end:]))
        if not found:
            return None
        best = max(found, key=lambda hit: hit[0])
        rivals = {hit[1].name.zh for hit in found if hit[0][:2] == best[0][:2]}
        return (best[1], best[2]) if len(rivals) == 1 else None

    @cached_property
    def _sounds(self) -> list[tuple[str, Place, list[str]]]:
        return [(name, place, syllables(name)) for name, place in self._names if _HAN.fullmatch(name)]

    def without_names(self, text: str) -> str:
        """`text` without the names of places: “outside the kindergarten” says nothing about what is wrong there."""
        found = self.find(text)
        return text if found is None else re.sub(re.escape(found[1]), " ", fold(text), flags=re.I)

    def named(self, area: str, language: str) -> str:
        """What a place is called in `language`; a name that is not known stays as it is."""
        known = next((place for name, place in self._names if name == area.lower()), None)
        return known.name.in_(language) if known else area

    def is_wide(self, name: str) -> bool:
        """Whether somebody who is sent to this place would not yet know where in it: an estate, a road, a river."""
        found = self.find(name)
        if found is None:
            return not any(character.isdigit() for character in name)
        return found[0].kind in ("estate", "road", "lane", "river")

    def community_at(self, lat: float, long: float) -> str:
        """The community of the nearest known place within about a kilometre, or an empty string."""
        known = [place for place in self._names if place[1].community]
        nearest = min(known, key=lambda p: (p[1].lat - lat) ** 2 + (p[1].long - long) ** 2, default=None)
        if nearest is None or (nearest[1].lat - lat) ** 2 + (nearest[1].long - long) ** 2 > 0.01**2:
            return ""
        return nearest[1].community or ""


def _made_of_words(text: str, start: int, name: str, words: Sequence[tuple[int, int]], *, exact: bool) -> bool:
    """Whether ordinary words run across an end of what was heard, or, when it does not sound the same, lie within."""
    end = start + len(name)
    for a, b in words:
        if a < start < b or a < end < b:
            return True
        if not exact and start <= a and b <= end and text[a:b] != name[a - start : b - start]:
            return True
    return False


def _apart(heard: Sequence[str], sounds: Sequence[str]) -> int:
    """How many syllables differ, if they are nearly alike and not the last; else more than are ever allowed."""
    pairs = [(a, b) for a, b in zip(heard, sounds, strict=True) if a != b]
    if len(pairs) > 1 or heard[-1] != sounds[-1] or not all(nearly_alike(a, b) for a, b in pairs):
        return len(sounds)
    return len(pairs)


def read_spot(text: str, gazetteer: Gazetteer, language: str = "zh") -> Spot:
    """The place in `text`, or an empty `Spot`. The last value said wins when the speaker corrects themselves.

    When two values of one part stand side by side without a correction (“12B, and they live in 13B”), nothing is
    chosen: the sentence is kept as it was said.
    """
    said = _figures(digits_from_speech(fold(text))).replace("　", " ")
    said = re.sub(r"(?<!\d)1[3-9]\d[\d\s-]{8,10}(?!\d)", " ", said)
    said = re.sub(r"(?<!\d)\d{3}-\d{4}(?!\d)", " ", said)
    known = gazetteer.find(said)
    area = (known[0].name.in_(language) if known else "") or _unknown_area(said)
    building, several_b = _last(_BUILDING, said)
    unit, several_u = _last(_UNIT, said)
    floor, several_f = _floor(said)
    rest = _BUILDING.sub(" ", _UNIT.sub(" ", _FLOOR.sub(" ", said)))
    room, several_r = _last(_ROOM, rest) if (building or unit or area) else ("", False)
    house, _ = _last(_HOUSE, _BUILDING.sub(" ", said)) if area else ("", False)
    if house == room:
        room = ""
    unclear = (several_b or several_u or several_f or several_r) and not _CORRECTION.search(said)
    spot = Spot(area=area, house=house, building=building, unit=unit, floor=floor, room=room)
    if known and known[0].community:
        spot = replace(spot, community=known[0].community)
    if unclear and area and len(said) > _SHORT:
        # Which of the values is meant stays open; a long sentence is kept whole with the matter and not as a place.
        return replace(spot, building="" if several_b else building, unit="" if several_u else unit,
                       floor="" if several_f else floor, room="" if several_r else room)  # fmt: skip
    if unclear:
        return replace(spot, building="" if several_b else building, unit="" if several_u else unit,
                       floor="" if several_f else floor, room="" if several_r else room, near=text.strip())  # fmt: skip
    return replace(spot, near=_landmark(said, known[1] if known else area))


def _figures(said: str) -> str:
    """English number words beside an address word as figures: “building six”."""
    return _NUMBER_WORD.sub(lambda m: f"{m[1]} {_NUMBER_WORDS.index(m[2].lower()) + 1}", said)


def _landmark(said: str, area: str) -> str:
    """What stands beside the place, without the parts that were read already: “门口”, “药店对面”."""
    rest = re.sub(re.escape(area), "，", said, flags=re.I) if area else said
    for pattern in (_BUILDING, _UNIT, _FLOOR, _HOUSE):
        rest = pattern.sub("，", rest)
    corner = re.search(rf"{re.escape(area)}(?=口(?!罩|号|粮))", said, re.I) if area.endswith(_HAS_A_MOUTH) else None
    if corner:
        return f"{area[-1]}口"
    match = _LANDMARK.search(rest)
    if match is None:
        english = _LANDMARK_EN.search(rest)
        return english.group().strip() if english else ""
    near = _LEAD.sub("", match.group(1)) or match.group(1)
    vague = _VAGUE.match(near) or (not area and re.fullmatch(rf"{_GENERIC}?{_BESIDE}", near))
    return "" if vague else near


def beside_place(text: str, gazetteer: Gazetteer) -> str:
    """What `text` says beside the place in it: nothing when it only names one."""
    said = _figures(digits_from_speech(fold(text)))
    known = gazetteer.find(said)
    area = known[1] if known else _unknown_area(said)
    rest = re.sub(re.escape(area), " ", said, flags=re.I) if area else said
    for pattern in (_BUILDING, _UNIT, _FLOOR, _ROOM, _HOUSE, _LANDMARK_EN):
        rest = pattern.sub(" ", rest)
    return _FILLS.sub("", rest)


def as_said(text: str) -> Spot:
    """A place in the resident's own words, when it was asked for and does not fall into parts."""
    words = re.sub(
        r"^(?:就在|在|我在|it'?s\s+(?:at|in|on)?|at|in|on|the address is|地址是)\s*", "", text.strip(), flags=re.I
    )
    return Spot(near=words.strip(" ，,。.")[:200])


def _unknown_area(said: str) -> str:
    if has_han(said):
        for match in reversed(list(_AREA_ZH.finditer(said))):
            name = _LEAD.sub("", match.group(1))
            if len(name) >= 3 and not _NOT_AREA.match(name):
                return name
    for pattern in (_AREA_EN, _AREA_EN_BARE):
        found = pattern.findall(said)
        if found:
            return str(found[-1]).strip()
    return ""


def _last(pattern: re.Pattern[str], said: str) -> tuple[str, bool]:
    values = [next(group for group in match.groups() if group) for match in pattern.finditer(said)]
    return (values[-1].upper(), len(set(values)) > 1) if values else ("", False)


def _floor(said: str) -> tuple[str, bool]:
    values = []
    for match in _FLOOR.finditer(said):
        number, letter, *english = match.groups()
        values.append((number or next((e for e in english if e), "")) + (letter or ""))
    return (values[-1], len(set(values)) > 1) if values else ("", False)
