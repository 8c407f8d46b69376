"""What comes in the middle of a case and is about something else: answered, then the case goes on."""

from __future__ import annotations

from actions.dialogue.answer import (
    is_follow_up,
    tell_aspects,
    tell_duty,
)
from actions.dialogue.facts import (
    asks,
)
from actions.dialogue.intake.facts_taken import surely_another_duty
from actions.dialogue.intake.opening import routes_of
from actions.dialogue.intake.signs import BESIDES, SURE
from actions.dialogue.lookup import progress
from actions.dialogue.matters import without_link
from actions.dialogue.scene import Scene
from actions.dialogue.state import Draft, Matter


def question_beside_the_answer(scene: Scene, draft: Draft) -> None:
    """“Use this number. When will you come?”: the second half is answered too."""
    if asks(scene.heard.clean) and draft.duty and scene.state.requested != "matter":
        aspects = [a for a in scene.know.aspects.of(scene.heard.clean) if a in ("limit", "fee", "materials")]
        if aspects:
            tell_aspects(scene, draft.duty, aspects[:1])


def is_digression(scene: Scene, draft: Draft) -> bool:
    """Answer what is not about the form's question; the form asks its question again after it."""
    heard = scene.heard
    if heard.intent in ("thanks", "greet") and heard.confidence >= SURE:
        scene.say("still_here")
        return True
    if heard.intent == "check_progress" and heard.confidence >= SURE:
        progress(scene)
        scene.follow, scene.state.lookup = None, None
        return True
    if asks(heard.clean) and _is_question(scene, draft):
        return True
    return _is_another_matter(scene, draft)


def _is_question(scene: Scene, draft: Draft) -> bool:
    """Answer a question about the duty in hand, or about another one."""
    heard = scene.heard
    aspects = scene.know.aspects.of(heard.clean)
    follow_up = bool(draft.duty) and is_follow_up(scene, aspects)
    other = surely_another_duty(scene, draft.duty) if scene.state.requested != "matter" and not follow_up else ""
    if other:
        tell_duty(scene, other, offer=False)
        scene.state.duty = draft.duty
        return True
    if draft.duty and is_follow_up(scene, aspects):
        tell_aspects(scene, draft.duty, aspects)
        return True
    return False


def _is_another_matter(scene: Scene, draft: Draft) -> bool:
    """A second matter in the middle of the first: kept, and taken up when the first one is filed."""
    heard = scene.heard
    routed = heard.intent in routes_of(scene) and heard.intent != draft.intent
    besides = BESIDES.match(heard.clean) is not None
    told = heard.confidence >= SURE and (routed or heard.intent == "report_problem")
    if scene.state.requested == "matter" or not (told or besides):
        return False
    if not routed and not surely_another_duty(scene, draft.duty):
        return False
    scene.state.later.append(Matter(words=without_link(heard.text)))
    scene.say("one_after_another")
    return True
