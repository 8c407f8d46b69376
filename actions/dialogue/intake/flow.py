"""One message of a case that is being taken down."""

from __future__ import annotations

from actions.dialogue import emergency
from actions.dialogue.answer import (
    answer,
    use_manner,
)
from actions.dialogue.facts import (
    is_key_zero,
    wants_no_name,
    wants_person,
)
from actions.dialogue.intake.answers import ANSWERS, OTHERWISE
from actions.dialogue.intake.digressions import is_digression, question_beside_the_answer
from actions.dialogue.intake.doubts import settle
from actions.dialogue.intake.facts_taken import says_something, surely_another_duty, take_volunteered
from actions.dialogue.intake.missing import next_slot
from actions.dialogue.intake.opening import begin, is_lost, only_asks, wordless
from actions.dialogue.intake.several import hand_on, keep, set_aside, take_apart
from actions.dialogue.intake.signs import AFRAID, AGAIN, LONG, SURE, VERY_SURE, is_cancel
from actions.dialogue.matters import matters_in
from actions.dialogue.scene import Scene
from actions.dialogue.social import ask_human, change_language, repeat
from actions.dialogue.state import Draft


def validate(scene: Scene) -> None:
    """Take in a message for the case at hand, then say which slot to ask for next (`state.requested`)."""
    state = scene.state
    if state.draft is None and wants_person(scene.heard.clean):
        ask_human(scene)
    elif state.draft is None and (matters := matters_in(scene)):
        take_apart(scene, matters)
    elif state.draft is None and (only_asks(scene) or is_lost(scene)):
        answer(scene)
    elif state.draft is None or state.loop != "case_form":
        begin(scene)
    else:
        state.draft.photos += scene.heard.photos
        draft, beside = state.draft, set_aside(scene, state.draft)
        absorb(scene, draft)
        keep(scene, beside)
        if state.draft is None:
            hand_on(scene, draft)
    if state.draft is None:
        offer, opening = state.offer, state.opening
        state.end_form()
        state.offer, state.opening = offer, opening  # what was offered in the form's stead
        return
    state.requested = next_slot(scene, state.draft)
    scene.follow = f"action_ask_case_form_{state.requested}" if state.requested else "action_case_form_done"


def absorb(scene: Scene, draft: Draft) -> None:
    """Take in a message while the case is open: an interruption, an answer, a question, or more about the matter."""
    if not scene.heard.clean:
        wordless(scene, draft)
        return
    if _interrupts(scene, draft):
        return
    if scene.know.manners.find(scene.heard.clean) is not None and use_manner(scene):
        return
    if settle(scene, draft):
        return
    if ANSWERS[scene.state.requested or "matter"](scene, draft):
        question_beside_the_answer(scene, draft)
    elif not is_digression(scene, draft):
        OTHERWISE[scene.state.requested or "matter"](scene, draft)


def _interrupts(scene: Scene, draft: Draft) -> bool:
    """What comes before the form's own question: fear, a stop, a person, another language, no name."""
    heard, state = scene.heard, scene.state
    if heard.intent == "emergency" and heard.confidence >= VERY_SURE and len(heard.clean) > LONG // 3:
        emergency.answer(scene)
        state.hush = True
    elif AFRAID.search(heard.clean) and not draft.anonymous:
        scene.say("afraid", buttons=("anonymous", "person_instead"))
        state.hush = True
    elif (
        wants_person(heard.clean)
        or is_key_zero(heard.clean)
        or (heard.intent == "ask_human" and heard.confidence >= SURE and not surely_another_duty(scene, ""))
    ):
        ask_human(scene)
        state.hush = True
    elif is_cancel(heard.clean) or (
        heard.intent == "cancel" and heard.confidence >= SURE and not says_something(scene)
    ):
        scene.say("case_dropped", buttons=("human",))
        state.draft = None
    elif AGAIN.search(heard.clean) and heard.intent == "repeat_please" and not says_something(scene):
        repeat(scene)
        state.hush = True
    elif heard.intent == "change_language" and heard.confidence >= SURE and not says_something(scene):
        change_language(scene)
    elif wants_no_name(heard.clean) and not draft.anonymous:
        take_volunteered(scene, draft)
        scene.say("anonymous_explained")
    else:
        return False
    return True
