"""Yes and no outside a form: what was offered in the last reply is taken up or dropped."""

from __future__ import annotations

from actions.dialogue.answer import answer, use_manner
from actions.dialogue.facts import is_no, is_yes
from actions.dialogue.intake import leave_offered, take_up_offered
from actions.dialogue.lookup import withdraw_now
from actions.dialogue.scene import Scene
from actions.dialogue.social import ask_human


def affirm(scene: Scene) -> None:
    """Take up what was offered; a yes to nothing is asked about."""
    offer = scene.state.offer
    if offer == "file":
        scene.follow = "case_form"
        return
    if offer == "next":
        take_up_offered(scene)
        return
    scene.state.offer = ""
    if offer == "person":
        ask_human(scene)
    elif offer == "withdraw":
        withdraw_now(scene)
    elif not is_yes(scene.heard.clean) and not scene.heard.spoken and len(scene.heard.clean) > 6:
        answer(scene)
    else:
        scene.say("yes_to_what", buttons=("report", "progress", "human"))


def deny(scene: Scene) -> None:
    """Drop what was offered; a no that goes on with something else is handled as that."""
    if scene.state.offer == "next":
        leave_offered(scene)
        return
    offered, choosing = bool(scene.state.offer), bool(scene.state.choices)
    scene.state.offer, scene.state.choices = "", []
    if choosing:
        scene.state.offer = "person"
        scene.say("none_of_these", phone=scene.duties.street.phone, buttons=("human",))
        return
    if not is_no(scene.heard.clean) and len(scene.heard.clean) > 6 and use_manner(scene):
        return
    scene.say("offer_dropped" if offered else "no_to_what", buttons=("human",))
