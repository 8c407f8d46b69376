"""Taking the answer to the question that was asked, or what comes in its stead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from actions.dialogue.answer import (
    choice_among,
)
from actions.dialogue.facts import (
    asks,
    broken_phone,
    find_phone,
    is_no,
    is_yes,
    means_this_phone,
    wants_no_phone,
)
from actions.dialogue.heard import Hearing
from actions.dialogue.intake.facts_taken import take_facts, take_volunteered
from actions.dialogue.intake.missing import open_detail
from actions.dialogue.intake.opening import announce, find_matter
from actions.dialogue.intake.signs import DONT_KNOW, LEADING_YES, LONG, REACH_WISH, TIME, URGENT
from actions.dialogue.intake.written import contact_line
from actions.dialogue.scene import Scene
from actions.dialogue.state import Draft
from knowledge.places import as_said, beside_place


def _answer_matter(scene: Scene, draft: Draft) -> bool:
    chosen = choice_among(scene, draft.choices)
    if chosen:
        draft.duty, draft.choices = chosen, []
        announce(scene, draft)
    return bool(chosen)


def _more_about_the_matter(scene: Scene, draft: Draft) -> None:
    heard, known = scene.heard, (draft.spot, draft.phone, draft.email)
    draft.choices = []
    if not is_no(heard.clean):
        draft.words.append(heard.text)
        take_volunteered(scene, draft)
        find_matter(scene, draft)
    if draft.duty:
        announce(scene, draft)
        return
    draft.misses += known == (draft.spot, draft.phone, draft.email)  # a place or a phone is no failure to say what
    if draft.misses >= 2:
        summary = {"words": " / ".join(draft.words), "language": heard.language}
        scene.cases.ask_for_person(heard.talk_id, heard.now, "not_understood", summary)
        scene.say("matter_to_person", phone=scene.duties.street.phone)
        scene.state.draft = None


def _answer_place(scene: Scene, draft: Draft) -> bool:
    heard = scene.heard
    spot = take_volunteered(scene, draft)
    if spot and len(heard.text) > LONG:
        draft.words.append(heard.text)
    if not spot and DONT_KNOW.match(heard.clean):
        if "place_unknown" in draft.asked:
            draft.put_place(as_said(scene.words("place_unknown")))
        draft.asked.append("place_unknown")
        return True
    return bool(spot or heard.pin)


def _place_in_own_words(scene: Scene, draft: Draft) -> None:
    heard = scene.heard
    if asks(heard.clean) and "question_at_place" not in draft.asked:
        draft.asked.append("question_at_place")
        draft.words.append(heard.text)
        scene.say("question_noted")
    elif not (find_phone(heard.clean) or is_yes(heard.clean) or is_no(heard.clean) or means_this_phone(heard.clean)):
        draft.put_place(as_said(heard.text))


def _answer_detail(scene: Scene, draft: Draft) -> bool:
    heard = scene.heard
    key = open_detail(scene, draft)
    spot = take_volunteered(scene, draft)
    is_place = any((spot.building, spot.unit, spot.room, spot.area)) and not beside_place(
        heard.clean, scene.know.gazetteer
    )
    if wants_no_phone(heard.clean) and not is_no(heard.clean):
        draft.no_phone, draft.wish = True, f"{draft.wish} {heard.text}".strip()
        return True
    if is_place or not key:
        return is_place
    if not (is_yes(heard.clean) or is_no(heard.clean) or TIME.search(heard.clean)) and asks(heard.clean):
        return False
    _keep_detail(scene, draft, key)
    return True


def _keep_detail(scene: Scene, draft: Draft, key: str = "") -> None:
    """Keep the answer to the duty's own question; a question instead of one is kept as words, and asked past once."""
    key = key or open_detail(scene, draft)
    if key and asks(scene.heard.clean) and f"question_at_{key}" not in draft.asked:
        draft.asked.append(f"question_at_{key}")
        draft.words.append(scene.heard.text)
        scene.say("question_noted")
    elif key:
        draft.details[key] = scene.heard.text
        draft.urgent = draft.urgent or (key.startswith("inside") and is_yes(scene.heard.clean))


def _answer_contact(scene: Scene, draft: Draft) -> bool:
    heard = scene.heard
    before = draft.phone, draft.email
    take_volunteered(scene, draft)
    if (draft.phone, draft.email) != before:
        beside = re.sub(r"[\d\s@.-]", "", heard.text)
        if len(beside) > LONG // 2:
            draft.words.append(heard.text)
    elif "contact" in draft.doubts:
        return True
    elif heard.caller_phone and (is_yes(heard.clean) or means_this_phone(heard.clean)):
        draft.phone = heard.caller_phone
    elif digits := broken_phone(heard.clean):
        scene.say("phone_incomplete", digits=digits)
    elif is_no(heard.clean):
        draft.no_phone = True
    elif wants_no_phone(heard.clean) or REACH_WISH.search(heard.clean):
        draft.no_phone = True
        draft.wish = f"{draft.wish} {heard.text}".strip()
    else:
        return False
    return True


def _more_instead_of_contact(scene: Scene, draft: Draft) -> None:
    draft.words.append(scene.heard.text)
    draft.misses += 1
    draft.no_phone = draft.misses >= 2


def _answer_confirmed(scene: Scene, draft: Draft) -> bool:
    heard = scene.heard
    leading = LEADING_YES.match(heard.clean)
    this_phone = bool(heard.caller_phone) and draft.phone == heard.caller_phone and means_this_phone(heard.clean)
    if is_yes(heard.clean) or (heard.intent == "affirm" and len(heard.clean) <= 8) or leading or this_phone:
        draft.asked.append("confirmed")
        if this_phone and len(heard.text) > LONG // 2:
            draft.words.append(heard.text)
            take_facts(scene, draft, Hearing.of(heard), heard.text)
        if leading and leading.group(1):
            draft.after = leading.group(1)
        return True
    before = (draft.spot.copy(), draft.phone, draft.email)
    take_volunteered(scene, draft)
    changed = before != (draft.spot, draft.phone, draft.email) or bool(draft.doubts)
    if is_no(heard.clean) or (heard.intent == "deny" and not changed):
        scene.say("what_is_wrong")
        scene.state.hush = True
        return True
    if changed and len(heard.text) > LONG:
        draft.words.append(heard.text)
    if changed and not draft.doubts and before[0] == draft.spot and not (before[1] or before[2]):
        draft.asked.append(
            "confirmed"
        )  # nothing was corrected: what was missing has come, and is read out with the number
        scene.say_text(contact_line(scene, draft))
    return changed


def _more_at_the_end(scene: Scene, draft: Draft) -> None:
    """Who goes on telling after the read-back wants it filed; a mere “let me think” is waited for."""
    heard = scene.heard
    if heard.intent in ("report_problem", "add_to_case", "suggest") or URGENT.search(heard.clean):
        draft.words.append(heard.text)
        draft.asked.append("confirmed")


ANSWERS: Mapping[str, Callable[[Scene, Draft], bool]] = {
    "matter": _answer_matter,
    "place": _answer_place,
    "detail": _answer_detail,
    "contact": _answer_contact,
    "confirmed": _answer_confirmed,
}
"""Takes the answer to the question asked; False when the message does not hold one."""


OTHERWISE: Mapping[str, Callable[[Scene, Draft], None]] = {
    "matter": _more_about_the_matter,
    "place": _place_in_own_words,
    "detail": _keep_detail,
    "contact": _more_instead_of_contact,
    "confirmed": _more_at_the_end,
}
"""What becomes of a message that is neither an answer nor about something else."""
