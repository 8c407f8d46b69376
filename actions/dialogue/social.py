"""What is not about a matter: greetings, thanks, a person, another language, a stop."""

from __future__ import annotations

from datetime import datetime

from actions.cases.deadline import SHANGHAI, is_open, next_opening
from actions.dialogue.answer import search, tell_duty, use_manner, weekday_in_words
from actions.dialogue.scene import Reply, Scene
from knowledge.search.finding import Outcome
from nlu.text.script import fold


def greet(scene: Scene) -> None:
    """Say who we are and what we can do; in a talk that goes on, only hello."""
    scene.say("greet", street=scene.duties.street.name, buttons=("report", "progress", "human"))


def goodbye(scene: Scene) -> None:
    """Say goodbye; nothing is lost."""
    scene.say("goodbye")


def thanks(scene: Scene) -> None:
    """You are welcome."""
    scene.say("thanks")


def out_of_scope(scene: Scene) -> None:
    """Say what we do instead; what the manners or the duty list surely answer is answered all the same."""
    if use_manner(scene):
        return
    finding = search(scene, scene.heard.clean)
    if finding.outcome is Outcome.ANSWER:
        tell_duty(scene, finding.candidates[0].duty)
        return
    scene.state.misses += 1
    if scene.state.misses >= 2:  # what we take for small talk may be a voice that we do not understand
        scene.state.offer = "person"
        scene.say("not_understood_again", phone=scene.duties.street.phone, buttons=("human",))
    else:
        scene.say("out_of_scope")


def repeat(scene: Scene) -> None:
    """Say the last replies again, as they were."""
    if not scene.state.said:
        scene.say("nothing_to_repeat")
        return
    scene.replies += [Reply.of_json(body) for body in scene.state.said]


def change_language(scene: Scene) -> None:
    """Confirm in the language that the resident writes in; each message is answered in its own."""
    wants_english = any(word in scene.heard.clean.lower() for word in ("english", "英文", "英语"))
    if wants_english and scene.heard.language == "zh":
        scene.say("switch_to_english")
        return
    if "粤" in fold(scene.heard.text) or "广东话" in fold(scene.heard.text):
        scene.say("cantonese")
        return
    scene.say("language_changed")


def ask_human(scene: Scene) -> None:
    """Put the talk into the queue for a person, with an honest word about when."""
    summary = {"words": scene.heard.text, "duty": scene.state.duty, "language": scene.heard.language}
    place = scene.cases.ask_for_person(scene.heard.talk_id, scene.heard.now, "asked", summary)
    scene.state.misses, scene.state.offer = 0, ""
    street = scene.duties.street
    hours = scene.duties.hours[street.hours]
    if is_open(hours, scene.heard.now):
        scene.say("person_now", ahead=place - 1, place=place, phone=street.phone)
        return
    opening = next_opening(hours, scene.heard.now)
    when = moment_in_words(scene, opening) if opening else scene.put(hours.name)
    scene.say("person_later", when=when, place=place, night_phone=street.night_phone, hours=scene.put(hours.name))


def moment_in_words(scene: Scene, moment: datetime) -> str:
    """A moment as people say it: day, weekday and clock time in Asia/Shanghai."""
    local = moment.astimezone(SHANGHAI)
    day = scene.words("day", month=local.month, day=local.day, weekday=weekday_in_words(scene, local.date()))
    return scene.words("moment", day=day, clock=f"{local:%H:%M}")


def cancel(scene: Scene) -> None:
    """Outside a form there is nothing to stop but an offer."""
    state = scene.state
    had_something = bool(state.offer or state.choices or state.duty)
    state.offer, state.choices, state.opening = "", [], ""
    scene.say("cancelled_nothing" if not had_something else "cancelled_offer")


def due_in_words(scene: Scene, due: datetime | None) -> str:
    """By when a case is promised; None is a matter for which somebody is sent at once."""
    return scene.words("due_by", moment=moment_in_words(scene, due)) if due else scene.words("due_at_once")
