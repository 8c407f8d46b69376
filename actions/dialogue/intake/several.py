"""Several matters in one message, or one beside the case in hand: each has its turn, and none is lost meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from actions.dialogue.answer import limit_in_words, offer_choices, tell_aspects, tell_duty, where_of
from actions.dialogue.heard import Hearing
from actions.dialogue.intake import questions
from actions.dialogue.intake.facts_taken import take_facts
from actions.dialogue.intake.filing import file_one
from actions.dialogue.intake.missing import next_slot
from actions.dialogue.intake.opening import announce, find_matter, routes_of
from actions.dialogue.matters import heard_part, matters_beside
from actions.dialogue.scene import Scene
from actions.dialogue.state import Draft, Matter
from knowledge.schema import OursDuty

_ASK: Mapping[str, Callable[[Scene], None]] = {
    "matter": questions.ask_matter,
    "place": questions.ask_place,
    "detail": questions.ask_detail,
    "contact": questions.ask_contact,
    "confirmed": questions.ask_confirmed,
}


def take_apart(scene: Scene, matters: list[Matter]) -> None:
    """Say how many matters were heard; answer the questions, then take up the first report. By voice only the first."""
    state = scene.state
    names = [name_of(scene, matter) for matter in matters]
    numbered = "\n".join(f"{n}. {name}" for n, name in enumerate(names, 1))
    scene.say("matters_heard", count=scene.words(f"count_{len(matters)}"), first=names[0], matters=numbered)
    state.offer, state.opening, state.misses = "", "", 0
    waiting = matters
    if not scene.heard.spoken:
        for matter in matters:
            if matter.asks and matter.duty:
                _answer(scene, matter)
        waiting = [matter for matter in matters if not (matter.asks and matter.duty)]
    state.later = [*waiting[1:], *state.later]
    if waiting:
        take_up(scene, waiting[0])
    if state.draft is not None:
        state.draft.photos += scene.heard.photos


def take_up(scene: Scene, matter: Matter) -> None:
    """Answer a matter, ask what it is, or begin its case."""
    part = replace(scene, heard=heard_part(scene, matter.words))
    if matter.asks and matter.duty:
        _answer(scene, matter)
    elif matter.asks and matter.choices:
        scene.say("matter_unclear", words=matter.words)
        offer_choices(part, matter.choices)
    else:
        _begin(scene, part, matter)


def _begin(scene: Scene, part: Scene, matter: Matter) -> None:
    """A case from what was said of the matter and from what holds for all of them."""
    state = scene.state
    intent = next((intent for intent, duty in routes_of(scene).items() if duty == matter.duty), "report_problem")
    draft = Draft(intent=intent, duty=matter.duty, choices=matter.choices, words=[matter.words], spot=matter.spot)
    draft.phone, draft.email, draft.wish = matter.phone, matter.email, matter.wish
    draft.no_phone, draft.anonymous = matter.no_phone, matter.anonymous
    state.loop, state.draft, state.choices, state.misses, state.offer = "case_form", draft, [], 0, ""
    take_facts(part, draft, Hearing.of(part.heard), matter.words)
    if not (draft.duty or draft.choices):
        find_matter(scene, draft)
    if draft.duty:
        announce(scene, draft)
    if state.draft is None:  # it turned out to be somebody else's, and was answered
        state.end_form()


def _answer(scene: Scene, matter: Matter) -> None:
    """The answer to a question among others, in brief: what was asked of the duty, or where to go."""
    part = replace(scene, heard=heard_part(scene, matter.words))
    state, duty = scene.state, scene.duties.duties[matter.duty]
    state.duty = matter.duty
    aspects = scene.know.aspects.of(part.heard.clean)
    if not isinstance(duty, OursDuty):
        tell_duty(part, matter.duty)
    elif aspects:
        tell_aspects(part, matter.duty, aspects)
        if not scene.heard.spoken:  # which of the answers this is
            told = scene.replies.pop().text
            scene.say_text(scene.words("matter_named", name=scene.put(duty.name)) + f"\n{told}")
    else:
        office = scene.duties.offices[duty.office]
        scene.say("matter_answered", name=scene.put(duty.name), office=scene.put(office.name), where=where_of(scene, duty), phone=office.phone,
                  limit=limit_in_words(scene, duty.limit), duty=duty.id, version=scene.duties.version)  # fmt: skip


def name_of(scene: Scene, matter: Matter) -> str:
    """What a matter is called when it is announced: its duty's name, or the resident's words while it is unclear."""
    return scene.put(scene.duties.duties[matter.duty].name) if matter.duty else f"“{matter.words}”"


# -- one after the other -------------------------------------------------------------------------------------------


def file_case(scene: Scene) -> None:
    """Open the case, then take up the next matter; a form that ended without a yes files nothing."""
    while scene.state.draft is not None and "confirmed" in scene.state.draft.asked:
        draft = scene.state.draft
        file_one(scene, draft)
        hand_on(scene, draft)
        _take_up_next(scene)
        ask_on(scene)


def ask_on(scene: Scene) -> None:
    """Ask the next question of a case that was begun in the middle of a turn; nothing is asked when none is missing."""
    state = scene.state
    if state.loop == "case_form" and state.draft is not None:
        state.requested = next_slot(scene, state.draft)
        if state.requested:
            _ASK[state.requested](scene)


def hand_on(scene: Scene, draft: Draft) -> None:
    """How to reach the resident, or that they stay unnamed, holds for the matters that wait too."""
    for matter in scene.state.later:
        matter.anonymous, matter.no_phone = draft.anonymous or matter.anonymous, draft.no_phone or matter.no_phone
        matter.phone, matter.email = matter.phone or draft.phone, matter.email or draft.email
        matter.wish = matter.wish or draft.wish
        if matter.anonymous:
            matter.phone = matter.email = matter.wish = ""


def _take_up_next(scene: Scene) -> None:
    """Announce the next matter and take it up; one that the resident was asked about before is offered again."""
    state = scene.state
    while state.later and state.draft is None and not state.choices:
        if state.later[0].offered or _has_asked(scene):
            state.later[0].offered = False
            return  # `remind` offers it
        matter = state.later.pop(0)
        scene.say("next_begins", words=matter.words, name=name_of(scene, matter))
        take_up(scene, matter)
        if scene.heard.spoken:
            return


def remind(scene: Scene) -> None:
    """Offer the matter that waits, once whatever came in between has been answered and nothing else is asked."""
    state = scene.state
    if not state.later or state.loop or state.offer or state.choices or _has_asked(scene):
        return
    matter = state.later[0]
    if matter.offered:
        return
    matter.offered, state.offer = True, "next"
    scene.say("next_matter", words=matter.words, name=name_of(scene, matter), buttons=("next", "leave"))


def _has_asked(scene: Scene) -> bool:
    """Whether this turn has asked its one question by voice already."""
    return scene.heard.spoken and any("？" in reply.text or "?" in reply.text for reply in scene.replies)


def take_up_offered(scene: Scene) -> None:
    """The resident wants to go on with the matter that was offered."""
    state = scene.state
    state.offer = ""
    if state.later:
        take_up(scene, state.later.pop(0))
        _go_on(scene)


def _go_on(scene: Scene) -> None:
    """What follows a matter that was taken up outside a form: its first question, or the case at once."""
    ask_on(scene)
    if scene.state.draft is not None and scene.state.requested is None:
        file_case(scene)


def leave_offered(scene: Scene) -> None:
    """The resident does not want the matter that was offered; the others stay."""
    scene.state.offer = ""
    scene.state.later = scene.state.later[1:]
    scene.say("next_left", buttons=("human",) if not scene.state.later else ())


# -- while a case is being taken down ------------------------------------------------------------------------------


def set_aside(scene: Scene, draft: Draft) -> list[Matter]:
    """Keep other matters that a message brings along with its answer; the message goes on without them."""
    rest, matters = matters_beside(scene, draft.duty)
    if matters:
        scene.heard = heard_part(scene, rest)
    return matters


def keep(scene: Scene, matters: list[Matter]) -> None:
    """Answer those that ask, and keep the others until this case is filed."""
    told = False
    for matter in matters:
        if matter.asks and matter.duty and not scene.heard.spoken:
            duty_in_hand = scene.state.duty
            _answer(scene, matter)
            scene.state.duty = duty_in_hand
        else:
            scene.state.later.append(matter)
            told = True
    if told:
        scene.say("one_after_another")


def take_apart_and_ask(scene: Scene, matters: list[Matter]) -> None:
    """As `take_apart`, where no form asks the questions of the report that is taken up."""
    take_apart(scene, matters)
    _go_on(scene)
