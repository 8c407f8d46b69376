"""Opening the case, and what is said about it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from actions.cases.book import Contact, NewCase
from actions.cases.deadline import due_at
from actions.dialogue.answer import (
    search,
    tell_aspects,
    use_manner,
)
from actions.dialogue.facts import (
    asks,
)
from actions.dialogue.intake.flow import end_form
from actions.dialogue.intake.missing import cannot_wait
from actions.dialogue.intake.written import place_of, what_of, without_reporter
from actions.dialogue.scene import Scene
from actions.dialogue.social import due_in_words
from actions.dialogue.state import Draft
from knowledge.schema import Duty, OursDuty, Unit
from knowledge.search.finding import Outcome
from nlu.text.numbers import digit_by_digit


def file_case(scene: Scene) -> None:
    """Open the case, say its number and what happens next; a form that ended without a yes files nothing."""
    if scene.state.draft is None or "confirmed" not in scene.state.draft.asked:
        return
    draft = scene.state.draft
    case = scene.cases.open(_new_case(scene, draft))
    duty = scene.duties.duties[draft.duty]
    number = digit_by_digit(case.number, scene.heard.language) if scene.heard.spoken else case.number
    office = scene.put(scene.duties.offices[duty.office].name)
    due = due_in_words(scene, case.due_at)
    scene.say("filed", number=number, office=office, due=due)
    if draft.urgent:
        scene.say("filed_urgent")
        detail = {"case": case.number, "duty": case.duty, "place": case.place}
        scene.cases.raise_alert(
            "red" if cannot_wait(scene, draft) else "yellow", "urgent_case", scene.heard.now, detail
        )
    if draft.anonymous:
        scene.say("filed_anonymous", code=case.phone_tail)
    elif not draft.phone:
        scene.say("filed_code", code=case.phone_tail)
    end_form(scene)
    scene.state.case = "" if draft.anonymous else case.number
    scene.state.duty = case.duty
    if draft.after:
        _answer_rest(scene, draft.after)
    _take_up_later(scene, draft)


def _answer_rest(scene: Scene, rest: str) -> None:
    """“Yes. And how do I …?”: the question that came with the yes."""
    scene.heard = replace(scene.heard, clean=rest)
    aspects = scene.know.aspects.of(rest)
    if scene.know.manners.find(rest) is not None:
        use_manner(scene)
    elif aspects and asks(rest):
        tell_aspects(scene, scene.state.duty, aspects)


def _take_up_later(scene: Scene, draft: Draft) -> None:
    """Offer to file the matter that was put aside."""
    if not draft.later:
        return
    finding = search(scene, scene.know.listener.plain(draft.later[0], scene.heard.spoken))
    if finding.outcome is not Outcome.PASS_ON:
        scene.state.duty, scene.state.offer, scene.state.opening = finding.candidates[0].duty, "file", draft.later[0]
        scene.state.opening_others, scene.state.opening_sureness = [], None
        scene.say("next_matter", words=draft.later[0], buttons=("file",))


def _new_case(scene: Scene, draft: Draft) -> NewCase:
    heard, duty = scene.heard, scene.duties.duties[draft.duty]
    place = place_of(scene, draft)
    details = {key: without_reporter(said) if draft.anonymous else said for key, said in draft.details.items()}
    code = draft.phone[-4:] if draft.phone else f"{secrets.randbelow(10_000):04d}"
    return NewCase(
        talk_id=heard.talk_id,
        duty=duty.id,
        list_version=scene.duties.version,
        office=duty.office,
        community=place.community or None,
        what=what_of(draft) or scene.put(duty.name),
        place=place.in_words("zh" if heard.language == "zh" else "en"),
        language=heard.language,
        urgent=draft.urgent,
        anonymous=draft.anonymous,
        contact=Contact() if draft.anonymous else Contact(draft.phone, draft.email, draft.wish),
        phone_tail=code,
        opened_at=heard.now,
        due_at=_due(duty, heard.now),
        details={**details, **({"photos": draft.photos} if draft.photos else {})},
    )


def _due(duty: Duty, now: datetime) -> datetime | None:
    if not isinstance(duty, OursDuty) or duty.limit.unit is Unit.IMMEDIATE:
        return None
    return due_at(duty.limit, now)
