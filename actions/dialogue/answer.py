"""“Which office handles this?” and the questions that follow it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from actions.cases.case import Happening, State
from actions.cases.deadline import SHANGHAI, is_open, opens_on
from actions.dialogue.facts import asks, find_phone
from actions.dialogue.scene import Button, Scene
from knowledge.places import read_spot
from knowledge.schema import Hours, Kind, Limit, OursDuty, OutsideDuty, Unit
from knowledge.search.finding import Finding, Outcome
from nlu.text.script import fold
from nlu.text.segment import words_of

_WEEKDAYS = {
    "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7, "末": 6,
    "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7,
}  # fmt: skip
_DAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天末])|\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b|\b(weekend)", re.I)
_ORDINAL = re.compile(
    r"^\s*(?:第|选|no\.?\s*|number\s*|option\s*)?\s*([1-3一二三123]|first|second|third)\s*(?:个|项|号|条|种|one)?\s*[。.!！]?\s*$",
    re.I,
)
_ORDINALS = {"1": 0, "2": 1, "3": 2, "一": 0, "二": 1, "三": 2, "first": 0, "second": 1, "third": 2}
_FRESH_MATTER = 12
"""A question about an aspect longer than this many characters may be about another duty: it is searched for."""


def answer(scene: Scene) -> None:
    """Answer a question: a choice among those offered, a follow-up, one of the manners, or a duty."""
    heard, state = scene.heard, scene.state
    chosen = choice_among(scene, state.choices)
    if chosen:
        state.choices = []
        if _is_report(scene, chosen):
            state.duty, state.offer, scene.follow = chosen, "file", "case_form"
            return
        tell_duty(scene, chosen)
        return
    if use_manner(scene):
        return
    aspects = scene.know.aspects.of(heard.clean)
    if state.duty and is_follow_up(scene, aspects):
        tell_aspects(scene, state.duty, aspects)
        return
    finding = search(scene, heard.clean)
    top = finding.candidates[0] if finding.candidates else None
    if state.duty and aspects and (finding.outcome is not Outcome.ANSWER or (top and top.duty == state.duty)):
        tell_aspects(scene, state.duty, aspects)
        return
    if finding.outcome is not Outcome.ANSWER and adds_to_urgent_case(scene):
        return
    state.offer = ""
    scene.remember_opening()
    tell_finding(scene, finding)


def adds_to_urgent_case(scene: Scene) -> bool:
    """What is said after an urgent case was filed, and is about nothing else, belongs to it: staff see it at once."""
    case = scene.cases.by_number(scene.state.case) if scene.state.case else None
    if case is None or not case.urgent or case.state in _OVER or asks(scene.heard.clean):
        return False
    heard = scene.heard
    scene.cases.append(case.number, Happening(heard.now, "words", "resident", heard.text))
    scene.cases.raise_alert("red", "urgent_case", heard.now, {"case": case.number, "message": heard.message_id})
    scene.say("added", number=case.number)
    return True


_OVER = frozenset({State.RESOLVED, State.CLOSED, State.WITHDRAWN})
_BETTER = {Outcome.ANSWER: 2, Outcome.ASK: 1, Outcome.PASS_ON: 0}


def search(scene: Scene, words: str) -> Finding:
    """What the search finds for `words`; when that is unsure, for the words without the name of a place in them."""
    heard, find = scene.heard, scene.know.search.find
    finding = find(words, heard.alternatives, heard.spoken)
    bare = scene.know.gazetteer.without_names(words)
    if finding.outcome is Outcome.ANSWER or bare == words:
        return finding
    again = find(bare, heard.alternatives, heard.spoken)
    return again if _BETTER[again.outcome] > _BETTER[finding.outcome] else finding


def is_follow_up(scene: Scene, aspects: list[str]) -> bool:
    """Whether a question is about an aspect of the duty in hand and names no other matter."""
    return bool(aspects) and not _may_name_a_matter(scene)


def _is_report(scene: Scene, duty: str) -> bool:
    """Whether what led to the choice was a report that says where or whom to ring: it goes on at once."""
    opening = fold(scene.state.opening)
    is_case = scene.duties.duties[duty].kind in (Kind.EVENT, Kind.MEDIATION)
    return is_case and not asks(opening) and bool(read_spot(opening, scene.know.gazetteer).area or find_phone(opening))


def _may_name_a_matter(scene: Scene) -> bool:
    """Whether a question about an aspect may be about another duty than the one in hand: then it is searched for."""
    heard = scene.heard
    if heard.language == "zh":
        return len(heard.clean) > _FRESH_MATTER or len(scene.know.aspects.beside(heard.clean)) >= 2
    return len(heard.clean) > 4 * _FRESH_MATTER or len(words_of(scene.know.aspects.beside(heard.clean))) >= 2


def use_manner(scene: Scene) -> bool:
    """Answer one of the questions that no duty covers; True when that was the whole answer."""
    manner = scene.know.manners.find(scene.heard.clean)
    if manner is None:
        return False
    scene.say_text(scene.put(manner.spoken if scene.heard.spoken and manner.spoken else manner.answer))
    return manner.ends_turn


def tell_finding(scene: Scene, finding: Finding) -> None:
    """Say what a search found: the duty, the choices, or that we do not know and who does."""
    state = scene.state
    if finding.outcome is Outcome.ANSWER:
        state.misses = 0
        tell_duty(scene, finding.candidates[0].duty)
    elif finding.outcome is Outcome.ASK:
        offer_choices(scene, [candidate.duty for candidate in finding.candidates[:3]])
    else:
        not_understood(scene)


def offer_choices(scene: Scene, duties: list[str]) -> None:
    """Ask which of two or three duties is meant."""
    scene.state.choices = duties
    if scene.state.draft is None:
        scene.remember_opening()
    names = [scene.put(scene.duties.duties[duty].name) for duty in duties]
    if scene.heard.spoken:
        scene.say("which_matter", first=names[0], second=names[min(1, len(names) - 1)], choices="")
        return
    numbered = "\n".join(f"{n}. {name}" for n, name in enumerate(names, 1))
    buttons: tuple[str | Button, ...] = (*(Button(name, "/ask_duty") for name in names), "none_of_these")
    scene.say("which_matter", choices=numbered, first="", second="", buttons=buttons)


def not_understood(scene: Scene) -> None:
    """Say so; the second time in a row, hand over to a person."""
    state = scene.state
    state.misses += 1
    if state.misses >= 2:
        state.offer = "person"
        scene.say("not_understood_again", phone=scene.duties.street.phone, buttons=("human",))
    else:
        scene.say("not_understood", phone=scene.duties.street.phone, buttons=("human",))


def choice_among(scene: Scene, duties: list[str]) -> str:
    """Which of the duties offered the message picks: by number, by name or by a word of its name."""
    if not duties:
        return ""
    text = scene.heard.clean.strip()
    ordinal = _ORDINAL.match(text)
    if ordinal:
        index = _ORDINALS[ordinal.group(1).lower()]
        return duties[index] if index < len(duties) else ""
    for duty in duties:
        name = scene.duties.duties[duty].name
        if text.lower() in (name.zh.lower(), name.en.lower(), duty.lower()):
            return duty
    picked = [duty for duty in duties if len(text) >= 2 and text.lower() in scene.duties.duties[duty].name.zh]
    return picked[0] if len(picked) == 1 else ""


def tell_duty(scene: Scene, duty_id: str, *, offer: bool = True) -> None:
    """Tell which office handles a duty and what a resident needs first; take the duty in hand."""
    scene.state.duty, scene.state.choices, scene.state.offer = duty_id, [], ""
    duty = scene.duties.duties[duty_id]
    if isinstance(duty, OutsideDuty):
        _tell_outside(scene, duty)
    else:
        _tell_ours(scene, duty, offer=offer)


def _source(scene: Scene, duty: OursDuty | OutsideDuty) -> str:
    return scene.words("source", duty=duty.id, version=scene.duties.version)


def _tell_outside(scene: Scene, duty: OutsideDuty) -> None:
    office = scene.duties.offices[duty.office]
    scene.say(
        "outside", name=scene.put(duty.name), office=scene.put(office.name), why=scene.put(duty.why), reach=scene.put(duty.reach),
        phones=" / ".join(duty.phones), street_can=scene.put(duty.street_can), source=_source(scene, duty),
    )  # fmt: skip


def _tell_ours(scene: Scene, duty: OursDuty, *, offer: bool) -> None:
    state = scene.state
    office = scene.duties.offices[duty.office]
    fields: dict[str, Any] = {
        "name": scene.put(duty.name), "office": scene.put(office.name), "limit": limit_in_words(scene, duty.limit), "phone": office.phone,
        "where": where_of(scene, duty), "hours": scene.put(hours_of(scene, duty).name), "source": _source(scene, duty),
        "fee": scene.put(duty.fee), "materials": _materials(scene, duty), "first_step": scene.put(duty.steps[0]),
        "steps": "\n".join(f"{n}. {scene.put(step)}" for n, step in enumerate(duty.steps, 1)),
    }  # fmt: skip
    if duty.id == scene.duties.street.routes.get("book_visit"):
        state.offer = "file"
        if not state.opening:
            scene.remember_opening()
        scene.say("visit", **fields, buttons=("file", "materials", "human"))
        return
    if duty.kind is Kind.SERVICE:
        scene.say("service", **fields, buttons=("materials", "steps", "human"))
        return
    if not offer:
        scene.say("office_of_event", **fields)
        return
    state.offer = "file"
    if not state.opening:
        scene.remember_opening()
    scene.say("event", **fields, buttons=("file", "steps", "human"))


def tell_aspects(scene: Scene, duty_id: str, aspects: list[str]) -> None:
    """Answer what was asked about the duty in hand, and only that; at most two aspects at once."""
    duty = scene.duties.duties[duty_id]
    if isinstance(duty, OutsideDuty):
        office = scene.duties.offices[duty.office]
        scene.say(
            "aspect_outside", office=scene.put(office.name), reach=scene.put(duty.reach), source=_source(scene, duty)
        )
        return
    parts = [_aspect(scene, duty, aspect) for aspect in aspects[: 1 if scene.heard.spoken else 2]]
    scene.say_text("\n".join(parts) + ("" if scene.heard.spoken else f"\n{_source(scene, duty)}"))


def _aspect(scene: Scene, duty: OursDuty, aspect: str) -> str:
    office = scene.duties.offices[duty.office]
    if aspect == "materials":
        return scene.words("aspect_materials", materials=_materials(scene, duty))
    if aspect == "fee":
        return scene.words("aspect_fee", fee=scene.put(duty.fee))
    if aspect == "limit":
        return scene.words("aspect_limit", limit=limit_in_words(scene, duty.limit))
    if aspect == "hours":
        return hours_in_words(scene, hours_of(scene, duty))
    if aspect == "where":
        return scene.words("aspect_where", where=where_of(scene, duty), phone=office.phone)
    if aspect == "phone":
        return scene.words("aspect_phone", office=scene.put(office.name), phone=office.phone)
    if aspect == "who":
        return scene.words("aspect_who", who=scene.put(duty.who))
    if aspect == "legal":
        return scene.words("aspect_legal", legal="; ".join(scene.put(law) for law in duty.legal))
    steps = [scene.put(step) for step in duty.steps]
    if scene.heard.spoken:
        return steps[0]
    return scene.words("aspect_steps", steps="\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1)))


def _materials(scene: Scene, duty: OursDuty) -> str:
    if not duty.materials:
        return scene.words("no_materials")
    rows = []
    for material in duty.materials:
        note = f"; {scene.put(material.note)}" if material.note else ""
        form = scene.words(f"form_{material.form}")
        rows.append(f"{scene.put(material.name)}（{form}{note.replace('; ', '，')}）" if scene.heard.language == "zh"
                    else f"{scene.put(material.name)} ({form}{note})")  # fmt: skip
    separator = "、" if scene.heard.spoken and scene.heard.language == "zh" else ", " if scene.heard.spoken else "\n· "
    return separator.join(rows) if scene.heard.spoken else "· " + separator.join(rows)


def limit_in_words(scene: Scene, limit: Limit) -> str:
    """A promised limit as people say it, with where it starts and what to know about it."""
    said = scene.words(f"limit_{limit.unit}", value=limit.value or 0)
    if limit.unit is not Unit.IMMEDIATE and limit.starts:
        said = scene.words("limit_from", limit=said, starts=scene.put(limit.starts))
    if limit.note and not scene.heard.spoken:
        said += ("；" if scene.heard.language == "zh" else "; ") + scene.put(limit.note)
    return said


def where_of(scene: Scene, duty: OursDuty) -> str:
    """Where a duty is handled: its counters, or its office's own."""
    places = [scene.duties.counters[key] for key in duty.where]
    if places:
        return (
            "；".join(f"{scene.put(p.name)}（{scene.put(p.address)}）" for p in places)
            if scene.heard.language == "zh"
            else "; ".join(f"{scene.put(p.name)}, {scene.put(p.address)}" for p in places)
        )
    office = scene.duties.offices[duty.office]
    address = scene.put(office.address) if office.address else ""
    return (
        f"{scene.put(office.name)}（{address}）"
        if scene.heard.language == "zh"
        else f"{scene.put(office.name)}, {address}"
    )


def hours_of(scene: Scene, duty: OursDuty) -> Hours:
    """When the place is open where a duty is handled."""
    if duty.where:
        return scene.duties.hours[scene.duties.counters[duty.where[0]].hours]
    return scene.duties.hours[scene.duties.offices[duty.office].hours]


def hours_in_words(scene: Scene, hours: Hours) -> str:
    """Opening hours; for a day that was asked for, whether it is open then, holidays and 调休 included."""
    today = scene.heard.now.astimezone(SHANGHAI).date()
    wanted = _day_asked(scene.heard.clean, today)
    if wanted is None:
        now_open = scene.words("open_now" if is_open(hours, scene.heard.now) else "closed_now")
        return scene.words("aspect_hours", hours=scene.put(hours.name), now=now_open)
    day = scene.words("day", month=wanted.month, day=wanted.day, weekday=weekday_in_words(scene, wanted))
    return scene.words(
        "open_that_day" if opens_on(hours, wanted) else "closed_that_day", day=day, hours=scene.put(hours.name)
    )


def weekday_in_words(scene: Scene, day: date) -> str:
    """The weekday's name."""
    return scene.words(f"weekday_{day.isoweekday()}")


def _day_asked(text: str, today: date) -> date | None:
    if "后天" in text:
        return today + timedelta(days=2)
    if re.search(r"明天|明早|听日|\btomorrow\b", text, re.I):
        return today + timedelta(days=1)
    if re.search(r"今天|今晚|\b(?:today|tonight)\b", text, re.I):
        return today
    match = _DAY.search(text)
    if not match:
        return None
    weekday = 6 if match.group(3) else _WEEKDAYS[(match.group(1) or match.group(2)).lower()]
    return today + timedelta(days=(weekday - today.isoweekday()) % 7)
