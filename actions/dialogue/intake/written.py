"""What will be written down: without a name, also without what would tell who reported it."""

from __future__ import annotations

from dataclasses import replace

from actions.dialogue.facts import (
    without_contact,
)
from actions.dialogue.intake.signs import NO_PLACE_KINDS, REPORTER, SIDE
from actions.dialogue.scene import Scene
from actions.dialogue.state import Draft
from knowledge.places import Spot
from nlu.text.numbers import digit_by_digit


def what_of(draft: Draft) -> str:
    """What the resident said of the matter; without a name, also without what would tell who they are."""
    words = [without_reporter(line) if draft.anonymous else line.strip() for line in draft.words]
    return " / ".join(line for line in words if line)


def without_reporter(line: str) -> str:
    return SIDE.sub("", without_contact(REPORTER.sub("", line))).strip(" ，,")


def place_of(scene: Scene, draft: Draft) -> Spot:
    """The place as it is read back and written down: its name in the language spoken now; unnamed, without the writer."""
    if draft.duty and scene.duties.duties[draft.duty].kind in NO_PLACE_KINDS and not draft.place.area:
        return Spot()  # “a sign at the entrance” is part of the idea, not an address
    place = replace(draft.place, area=scene.know.gazetteer.named(draft.place.area, scene.heard.language))
    return Spot(area=place.area, house=place.house, building=place.building, community=place.community,
                near=without_reporter(place.near)) if draft.anonymous else place  # fmt: skip


def place_line(scene: Scene, draft: Draft) -> str:
    said = place_of(scene, draft).in_words(scene.heard.language)
    return scene.words("line_place", place=said) if said else ""


def contact_line(scene: Scene, draft: Draft) -> str:
    if draft.anonymous:
        return scene.words("line_anonymous")
    reach = [part for part in (draft.phone, draft.email, draft.wish) if part]
    if scene.heard.spoken and draft.phone:
        reach = [digit_by_digit(draft.phone, scene.heard.language)]
    return (
        scene.words("line_contact", contact="；".join(reach) if scene.heard.language == "zh" else "; ".join(reach))
        if reach
        else scene.words("line_no_contact")
    )
