"""The form's questions, and the read-back."""

from __future__ import annotations

from actions.dialogue.answer import (
    offer_choices,
)
from actions.dialogue.intake.doubts import read_back_doubt
from actions.dialogue.intake.missing import open_detail
from actions.dialogue.intake.written import contact_line, place_line, what_of
from actions.dialogue.scene import Scene
from actions.dialogue.state import Draft
from knowledge.schema import OursDuty
from nlu.text.numbers import digit_by_digit


def ask_matter(scene: Scene) -> None:
    """Ask what it is about."""
    draft = _draft(scene)
    if draft.choices:
        offer_choices(scene, draft.choices)
    elif draft.words:
        scene.say("ask_matter_more")
    else:
        scene.say("ask_matter")


def ask_place(scene: Scene) -> None:
    """Ask where; when part of it is known, read that part back and ask for the rest."""
    draft = _draft(scene)
    if read_back_doubt(scene, draft, "place"):
        return
    place = draft.place
    if place.can_be_found and "where_in_area" not in draft.asked:
        draft.asked.append("where_in_area")
        scene.say("ask_where_in_area", place=place.in_words(scene.heard.language))
    elif place:
        scene.say("ask_which_area", place=place.in_words(scene.heard.language))
    elif "place_unknown" in draft.asked:
        scene.say("ask_place_landmark")
    else:
        scene.say("ask_place")


def ask_detail(scene: Scene) -> None:
    """Ask the duty's own extra question."""
    draft = _draft(scene)
    key = open_detail(scene, draft)
    duty = scene.duties.duties[draft.duty]
    if isinstance(duty, OursDuty):
        scene.say_text(next(scene.put(detail.ask) for detail in duty.details if detail.key == key))


def ask_contact(scene: Scene) -> None:
    """Ask how to reach the resident; on the telephone, whether the number they call from will do."""
    if read_back_doubt(scene, _draft(scene), "contact"):
        return
    if scene.heard.caller_phone:
        tail = digit_by_digit(scene.heard.caller_phone[-4:], scene.heard.language)
        scene.say("ask_caller_phone", tail=tail)
    elif _draft(scene).intent == "suggest":
        scene.say("ask_contact_reply", buttons=("no_contact",))
    else:
        scene.say("ask_contact", buttons=("no_contact", "anonymous"))


def ask_confirmed(scene: Scene) -> None:
    """Read back everything that will be written down, word for word."""
    draft = _draft(scene)
    name = scene.put(scene.duties.duties[draft.duty].name)
    place, contact = place_line(scene, draft), contact_line(scene, draft)
    lines = [scene.words("read_back", name=name, what=what_of(draft)), place, contact, scene.words("read_back_ask")]
    separator = ("，" if scene.heard.language == "zh" else ", ") if scene.heard.spoken else "\n"
    scene.say_text(separator.join(line for line in lines if line), buttons=("yes", "no", "cancel"))


def _draft(scene: Scene) -> Draft:
    assert scene.state.draft is not None, "a question of the case form without a draft"  # noqa: S101
    return scene.state.draft
