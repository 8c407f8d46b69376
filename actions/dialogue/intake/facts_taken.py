"""Facts that a message carries, whatever it was asked for."""

from __future__ import annotations

from actions.dialogue.answer import (
    search,
)
from actions.dialogue.facts import (
    find_email,
    find_phone,
    wants_no_name,
)
from actions.dialogue.heard import Hearing
from actions.dialogue.intake.doubts import hear_phone, hear_place
from actions.dialogue.intake.missing import open_detail
from actions.dialogue.intake.signs import AFTER_HOURS, TIME, URGENT
from actions.dialogue.intake.written import place_of
from actions.dialogue.scene import Scene
from actions.dialogue.state import Draft
from knowledge.places import Spot, read_spot
from knowledge.search.finding import Outcome


def says_something(scene: Scene) -> bool:
    heard = scene.heard
    return bool(
        read_spot(heard.clean, scene.know.gazetteer, heard.language)
        or find_phone(heard.clean)
        or find_email(heard.text)
    )


def surely_another_duty(scene: Scene, duty: str) -> str:
    heard = scene.heard
    if len(heard.clean) < (6 if heard.language == "zh" else 16):
        return ""
    finding = search(scene, heard.clean)
    if finding.outcome is not Outcome.ANSWER or finding.candidates[0].duty == duty:
        return ""
    return finding.candidates[0].duty


def take_volunteered(scene: Scene, draft: Draft) -> Spot:
    """Take every fact that the message carries beside what was asked."""
    heard = scene.heard
    before = draft.spot.copy()
    if heard.pin:
        spot = read_spot(heard.clean, scene.know.gazetteer, heard.language)
        lat, long, label = heard.pin
        community = scene.know.gazetteer.community_at(lat, long)
        spot = Spot(area=spot.area, near=spot.near or label, lat=lat, long=long, community=spot.community or community)
        draft.put_place(spot)
    spot = take_facts(scene, draft, Hearing.of(heard), heard.text)
    if heard.spoken and before and before != draft.spot and scene.state.requested != "confirmed":
        scene.say("place_noted", place=place_of(scene, draft).in_words(heard.language))
    return spot


def take_facts(scene: Scene, draft: Draft, hearing: Hearing, text: str) -> Spot:
    """Take over what some words of the resident's carry: the place, how to reach them, no name, danger.

    Returns the place. What is not surely heard is kept as a doubt and read back first.
    """
    clean = hearing.clean
    spot = hear_place(scene, draft, hearing)
    if wants_no_name(clean):
        draft.anonymous = draft.no_phone = True
        draft.phone = draft.email = draft.wish = ""
        draft.doubts.pop("contact", None)
    if not draft.anonymous:
        hear_phone(scene, draft, hearing)
        draft.email = find_email(text) or draft.email
    draft.urgent = draft.urgent or URGENT.search(clean) is not None
    if draft.duty and open_detail(scene, draft) == "time" and TIME.search(clean):
        draft.details["time"] = text
        if AFTER_HOURS.search(clean):
            scene.say("after_hours")
    return spot
