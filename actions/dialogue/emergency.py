"""The answer to an emergency: whom to ring, what to do until they come, and the duty officer alerted."""

from __future__ import annotations

import re
from datetime import timedelta

from actions.cases.case import Happening
from actions.dialogue.matters import matters_after_emergency
from actions.dialogue.scene import Scene
from knowledge.places import read_spot

_AGAIN = timedelta(hours=1)


def answer(scene: Scene) -> None:
    """Name the number first; alert staff with the place as far as it was said. An open form stays as it is."""
    heard = scene.heard
    scene.state.alarmed = heard.now
    emergency = scene.know.emergency_in(heard.text, heard.spoken) or scene.know.emergencies.unspecified
    spot = read_spot(heard.clean, scene.know.gazetteer, heard.language)
    if not spot and scene.state.draft is not None:
        spot = scene.state.draft.place
        scene.state.draft.urgent = True
    detail = {
        "emergency": emergency.key,
        "talk": heard.talk_id,
        "message": heard.message_id,
        "place": spot.in_words("zh"),
    }
    scene.cases.raise_alert("red", "emergency", heard.now, detail)
    if scene.state.case:
        scene.cases.append(
            scene.state.case, Happening(heard.now, "words", "resident", heard.text, {"emergency": emergency.key})
        )
    scene.say(
        "emergency",
        phones=" / ".join(emergency.phones),
        advice=first_sentence(scene.put(emergency.advice)) if heard.spoken else scene.put(emergency.advice),
        night_phone=scene.duties.street.night_phone,
    )
    others = matters_after_emergency(scene)
    if others:
        scene.state.later += others
        scene.say("kept_for_later")


def caution(scene: Scene) -> None:
    """Name the numbers first where somebody may be in danger; the message is handled as it is. Once in an hour."""
    heard, state = scene.heard, scene.state
    if state.cautioned is not None and heard.now - state.cautioned < _AGAIN:
        return
    if scene.know.emergencies.perhaps(heard.clean):
        state.cautioned = heard.now
        scene.say("perhaps_emergency")


def first_sentence(text: str) -> str:
    """The first sentence of `text`: what somebody who is about to dial can keep in mind."""
    return re.split(r"(?<=[。！？])|(?<=[.!?])\s", text)[0]
