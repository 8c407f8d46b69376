"""The message that opens a case, and who handles it."""

from __future__ import annotations

from actions.dialogue.answer import (
    adds_to_urgent_case,
    is_follow_up,
    limit_in_words,
    search,
    tell_duty,
)
from actions.dialogue.facts import (
    asks,
    find_email,
    find_phone,
)
from actions.dialogue.intake.facts_taken import says_something, surely_another_duty, take_facts, take_volunteered
from actions.dialogue.intake.missing import cannot_wait
from actions.dialogue.intake.signs import LIKELY, LONG, STAFF, SUGGESTS, TELLS_ON, VERY_SURE, WHOSE, is_bare_wish
from actions.dialogue.scene import Scene
from actions.dialogue.state import Draft
from knowledge.places import beside_place, read_spot
from knowledge.schema import Kind, OutsideDuty
from knowledge.search.finding import Outcome


def begin(scene: Scene) -> None:
    heard, state = scene.heard, scene.state
    routes = routes_of(scene)
    began_anew = (
        heard.intent in ("report_problem", *routes) and not is_bare_wish(heard.clean) and not takes_up_offer(scene)
    )
    accepted_offer = state.offer == "file" and not began_anew
    opens = not accepted_offer and heard.intent in routes
    offered = next((intent for intent, duty in routes.items() if duty == state.duty), "report_problem")
    draft = Draft(
        intent=offered if accepted_offer else heard.intent if opens else "report_problem", photos=heard.photos
    )
    state.loop, state.draft, state.choices, state.misses = "case_form", draft, [], 0
    if accepted_offer:
        draft.duty = state.duty
        draft.words = [state.opening] if state.opening else []
        take_facts(scene, draft, scene.opening(), state.opening)
        take_volunteered(scene, draft)
        if heard.text != state.opening and len(beside_place(heard.clean, scene.know.gazetteer)) > LONG:
            draft.words.append(heard.text)
    else:
        _open_with(scene, draft)
    state.offer, state.opening = "", ""
    if draft.duty:
        announce(scene, draft)


def _open_with(scene: Scene, draft: Draft) -> None:
    """Start from what was just said: the matter by search, everything else as far as it was volunteered."""
    heard = scene.heard
    if not heard.clean:
        wordless(scene, draft)
        return
    route = routes_of(scene).get(heard.intent) if heard.confidence >= LIKELY else None
    if heard.intent == "complain_staff" and not STAFF.search(heard.clean) and surely_another_duty(scene, route or ""):
        route, draft.intent = None, "report_problem"  # a complaint, and not about us
    if heard.intent == "suggest" and not SUGGESTS.search(heard.clean) and surely_another_duty(scene, route or ""):
        route, draft.intent = None, "report_problem"  # something to mend, not an idea
    if not is_bare_wish(heard.clean):
        draft.words.append(heard.text)
    take_volunteered(scene, draft)
    if route:
        draft.duty = route
    elif draft.words:
        find_matter(scene, draft)
        if not draft.duty and adds_to_urgent_case(scene):
            scene.state.draft = None
            return
        draft.misses += not (draft.duty or draft.choices)


def routes_of(scene: Scene) -> dict[str, str]:
    """The duties that take what residents ask for without naming one, by intent."""
    return {str(intent): duty for intent, duty in scene.duties.street.routes.items()}


def only_asks(scene: Scene) -> bool:
    """Whether the resident wants to know something first: about the duty in hand, or whose the matter is."""
    heard = scene.heard
    if scene.state.duty and asks(heard.clean) and is_follow_up(scene, scene.know.aspects.of(heard.clean)):
        return True
    return heard.intent == "report_problem" and WHOSE.search(heard.clean) is not None and not says_something(scene)


def is_lost(scene: Scene) -> bool:
    """Whether a second message in a row is not understood: no reason to begin a case, but to hand over to a person."""
    heard = scene.heard
    return (
        scene.state.misses > 0
        and heard.intent == "report_problem"
        and heard.confidence < VERY_SURE
        and not says_something(scene)
        and search(scene, heard.clean).outcome is Outcome.PASS_ON
    )


def takes_up_offer(scene: Scene) -> bool:
    """Whether the resident answers our offer to report with a fact for the report (“next to building 2”)."""
    heard, state = scene.heard, scene.state
    if state.offer != "file" or asks(heard.clean):
        return False
    if heard.pin or heard.photos:
        return True
    has_fact = (
        read_spot(heard.clean, scene.know.gazetteer, heard.language)
        or find_phone(heard.clean)
        or find_email(heard.text)
    )
    return bool(has_fact) and not (
        beside_place(heard.clean, scene.know.gazetteer) and surely_another_duty(scene, state.duty)
    )


def tells_a_case(scene: Scene) -> bool:
    """Whether the message is a report as it stands: it says what and where or whom to ring, and asks nothing."""
    heard = scene.heard
    spot = read_spot(heard.clean, scene.know.gazetteer, heard.language)
    if (
        asks(heard.clean)
        or not (spot.area or find_phone(heard.clean))
        or not beside_place(heard.clean, scene.know.gazetteer)
    ):
        return False
    finding = search(scene, heard.clean)
    if finding.outcome is not Outcome.ANSWER:
        return False
    return scene.duties.duties[finding.candidates[0].duty].kind in (Kind.EVENT, Kind.MEDIATION)


def find_matter(scene: Scene, draft: Draft) -> None:
    """Which duty the words are about: take it, offer choices, or leave it open."""
    plain = scene.know.listener.plain
    finding = search(scene, " ".join(plain(words, scene.heard.spoken) for words in draft.words[-3:]))
    if finding.outcome is Outcome.ANSWER:
        draft.duty = finding.candidates[0].duty
    elif finding.outcome is Outcome.ASK:
        draft.choices = [candidate.duty for candidate in finding.candidates[:3]]


def announce(scene: Scene, draft: Draft) -> None:
    """Say who handles it before asking anything; what is another body's ends here, with how to reach them."""
    scene.state.duty = draft.duty
    duty = scene.duties.duties[draft.duty]
    if isinstance(duty, OutsideDuty):
        tell_duty(scene, duty.id)
        scene.state.draft = None
        return
    if duty.kind is Kind.SERVICE and draft.intent == "report_problem" and not TELLS_ON.search(" ".join(draft.words)):
        tell_duty(scene, duty.id)
        scene.state.draft = None
        return
    office = scene.put(scene.duties.offices[duty.office].name)
    key = {"complain_staff": "case_complaint", "suggest": "case_suggestion", "book_visit": "case_visit"}.get(
        draft.intent, "case_begun"
    )
    limit = limit_in_words(scene, duty.limit)
    scene.say(key, office=office, name=scene.put(duty.name), duty=duty.id, version=scene.duties.version, limit=limit)
    if duty.advice and (draft.urgent or cannot_wait(scene, draft)):
        scene.say_text(scene.put(duty.advice))


def wordless(scene: Scene, draft: Draft) -> None:
    """A picture or a place without a word: what it holds is kept, and the question is asked again."""
    take_volunteered(scene, draft)
    if scene.heard.photos:
        scene.say("photo_received")
