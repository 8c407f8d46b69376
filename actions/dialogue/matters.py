"""Whether a message is about several matters, and which.

Taking apart what belongs together is worse than answering one matter first: a piece is a matter of its own only when
the search finds it by itself, for another duty than the piece before, and how it is linked to that piece allows it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from actions.dialogue.answer import is_follow_up, search
from actions.dialogue.facts import asks, find_email, find_phone, wants_no_name, wants_person, without_contact
from actions.dialogue.heard import Heard
from actions.dialogue.lookup import speaks_of_own_report
from actions.dialogue.matter_signs import CONTEXT, HOPES, IDEA, MORE_OF_IT, REACH, WANTS, WHOSE
from actions.dialogue.scene import Scene
from actions.dialogue.state import Matter
from knowledge.places import Spot, beside_place, read_spot
from knowledge.schema import Kind, OursDuty
from knowledge.search.finding import Finding, Outcome
from nlu.text.matters import Link, Piece, pieces_of
from nlu.text.script import fold, language_of

_SURE = {Link.CLAUSE: 0.8, Link.SENTENCE: 0.75, Link.ALSO: 0.7, Link.BESIDES: 0.6, Link.FIRST: 0.6}
"""From which probability on a piece with such a link may be a matter of its own."""

_PLAINLY = 0.88
"""From which probability on two statements together are about the first one's duty."""

_SHORTEST = {"zh": 3, "en": 10}
"""A piece of fewer characters names no matter."""

_MOST = 4
"""What a resident can be answered in one breath; the rest stays with the last matter."""

_NO_MATTER = frozenset({Kind.COMPLAINT, Kind.FEEDBACK})
_TROUBLE = frozenset({Kind.EVENT, Kind.MEDIATION})
_CASES = frozenset({Kind.EVENT, Kind.MEDIATION, Kind.COMPLAINT, Kind.FEEDBACK})


@dataclass
class _Group:
    """The pieces of one matter: from `start` to before `end` of the message."""

    start: int
    end: int
    duty: str
    choices: list[str]
    asks: bool


def heard_part(scene: Scene, text: str) -> Heard:
    """A part of a message as if it had been the whole of it."""
    clean = scene.know.listener.plain(text, scene.heard.spoken)
    return replace(scene.heard, text=text, clean=clean, alternatives=())


def without_link(text: str) -> str:
    """A text without the words that link it to what was said before it (“by the way”)."""
    pieces = pieces_of(text)
    return text[pieces[0].start : pieces[-1].end] if pieces else text


def matters_in(scene: Scene) -> list[Matter]:
    """The matters of a message that is about several, in order; nothing when it is about one."""
    heard = scene.heard
    pieces = pieces_of(heard.text)
    if len(pieces) < 2 or wants_person(heard.clean) or speaks_of_own_report(heard.clean):
        return []
    manner = scene.know.manners.find(heard.clean)
    if manner is not None and manner.ends_turn:
        return []
    groups = _grouped(scene, pieces)
    return _matters(scene, groups) if len(groups) > 1 else []


def matters_beside(scene: Scene, duty: str) -> tuple[str, list[Matter]]:
    """What a message says about the case in hand (of `duty`), and the other matters that it brings along."""
    heard, text = scene.heard, scene.heard.text
    pieces = pieces_of(text)
    if len(pieces) < 2 or not duty or wants_person(heard.clean) or speaks_of_own_report(heard.clean):
        return text, []
    is_service = scene.duties.duties[duty].kind is Kind.SERVICE
    in_hand = _Group(pieces[0].start, pieces[0].end, duty, [], is_service)
    groups = _grouped(scene, pieces[1:], in_hand)
    return text[in_hand.start : in_hand.end], _matters(scene, groups[1:])


def matters_after_emergency(scene: Scene) -> list[Matter]:
    """What a message tells beside an emergency: only what it asks, or announces as another thing."""
    text, find = scene.heard.text, scene.know.emergencies.find

    def words(piece: Piece) -> str:
        return heard_part(scene, text[piece.start : piece.end]).clean

    pieces = [piece for piece in pieces_of(text)[1:] if find(words(piece)) is None]
    while pieces and pieces[0].link is not Link.BESIDES and not asks(words(pieces[0])):
        pieces = pieces[1:]
    return _matters(scene, _grouped(scene, tuple(pieces))) if pieces else []


def _grouped(scene: Scene, pieces: tuple[Piece, ...], *before: _Group) -> list[_Group]:
    """The pieces put together by matter, behind the matters that were there `before`."""
    groups = list(before)
    text = scene.heard.text
    for piece in pieces:
        found = _subject(scene, text[piece.start : piece.end], piece.link)
        if found is not None:
            found.start, found.end = piece.start, piece.end
        if found is None and groups:
            groups[-1].end = piece.end
        elif found is not None and not groups:
            groups.append(replace(found, start=pieces[0].start))
        elif found is not None and _is_mere_context(scene, groups[-1], found):
            groups[-1] = replace(found, start=groups[-1].start)
        elif found is not None and len(groups) < _MOST and _is_another(scene, groups, found, piece.link, text):
            groups.append(found)
        elif groups:
            groups[-1].end = piece.end
            groups[-1].asks = groups[-1].asks or asks(fold(text[piece.start : piece.end]))
    return groups if any(group.duty for group in groups) else []


def _is_mere_context(scene: Scene, group: _Group, found: _Group) -> bool:
    """“My husband lost his job. How do I …?”: a service would fit the statement, but what is asked comes behind it."""
    is_service = bool(group.duty) and scene.duties.duties[group.duty].kind is Kind.SERVICE
    return is_service and not group.asks and found.asks


def _subject(scene: Scene, words: str, link: Link) -> _Group | None:
    """What a piece is about when it stands alone; None when it is context, a wish, a place, a contact or nothing."""
    part = replace(scene, heard=heard_part(scene, words))
    clean, language = part.heard.clean, language_of(words, part.heard.language)
    bare = beside_place(clean, scene.know.gazetteer)
    if find_phone(clean):
        bare = REACH.sub("", without_contact(bare))
    if len(clean) < _SHORTEST[language] or not bare or (HOPES.match(clean) and not asks(clean)) or WHOSE.match(clean):
        return None
    if link in (Link.CLAUSE, Link.SENTENCE, Link.ALSO) and CONTEXT.search(clean) and not asks(clean):
        return None
    if is_follow_up(part, scene.know.aspects.of(clean)):
        return None
    finding = search(part, clean)
    wants = asks(clean) or clean.endswith("呢") or WANTS.search(clean) is not None
    if finding.outcome is Outcome.ANSWER and finding.candidates[0].probability >= _SURE[link]:
        return _Group(0, 0, finding.candidates[0].duty, [], wants)
    if finding.outcome is Outcome.ASK and link in (Link.FIRST, Link.BESIDES) and (wants or _is_trouble(scene, finding)):
        return _Group(0, 0, "", [candidate.duty for candidate in finding.candidates[:3]], wants)
    return None


def _is_trouble(scene: Scene, finding: Finding) -> bool:
    """Whether what was found first is something that goes wrong, and not a service."""
    return scene.duties.duties[finding.candidates[0].duty].kind in _TROUBLE


def _is_another(scene: Scene, groups: list[_Group], found: _Group, link: Link, text: str) -> bool:
    """Whether what was found for a piece is another matter than all before it."""
    if any({found.duty, *found.choices} & {group.duty, *group.choices} - {""} for group in groups):
        return False
    if link is Link.BESIDES:
        return (
            found.asks
            or not found.duty
            or scene.duties.duties[found.duty].kind is not Kind.FEEDBACK
            or IDEA.search(text) is not None
        )
    before = groups[-1]
    if not (before.duty and found.duty) or _are_neighbours(scene, before.duty, found.duty):
        return False
    kind, kind_before = (scene.duties.duties[duty].kind for duty in (found.duty, before.duty))
    if link is Link.ALSO and kind is Kind.SERVICE and before.asks:
        found.asks = True  # “the senior card, and also the residence permit”
    told = not found.asks
    if kind in _NO_MATTER or (told and kind is Kind.SERVICE):
        return False
    if before.asks or found.asks:
        return before.asks or kind_before in _TROUBLE or link is Link.ALSO
    if _adds_to(scene, groups[-1], text, found):
        return False
    if link is Link.ALSO:
        return kind_before is not Kind.SERVICE
    both_events = {kind, kind_before} <= _TROUBLE
    return both_events and (link is Link.CLAUSE or MORE_OF_IT.search(fold(text)) is not None)


def _adds_to(scene: Scene, before: _Group, text: str, found: _Group) -> bool:
    """Whether two statements together are plainly about the first: then the second is what came of it."""
    both = f"{text[before.start : before.end]}，{text[found.start : found.end]}"
    finding = search(replace(scene, heard=heard_part(scene, both)), heard_part(scene, both).clean)
    return any(c.duty == before.duty and c.probability >= _PLAINLY for c in finding.candidates[:1])


def _are_neighbours(scene: Scene, one: str, other: str) -> bool:
    """Whether two duties are easily taken for each other: the duty list sends residents from one to the other."""
    duties = scene.duties

    def sends(duty: str, to: str) -> bool:
        near = duties.sayings[duty].near if duty in duties.sayings else []
        return any(e.see == to for e in duties.duties[duty].excludes) or any(n.duty == to for n in near)

    return sends(one, other) or sends(other, one)


def _matters(scene: Scene, groups: list[_Group]) -> list[Matter]:
    """The matters with what holds for all of them: one address, one phone, no name."""
    heard, text = scene.heard, scene.heard.text
    parts = [heard_part(scene, text[group.start : group.end]) for group in groups]
    spots = [read_spot(part.clean, scene.know.gazetteer, heard.language) for part in parts]
    phone, email, unnamed = find_phone(heard.clean), find_email(text), wants_no_name(heard.clean)
    return [
        Matter(
            words=part.text.strip(),
            duty=group.duty,
            choices=group.choices,
            asks=_wants_answer(scene, group),
            spot=_stored(_place_for(at, spots)),
            phone="" if unnamed else phone,
            email="" if unnamed else email,
            anonymous=unnamed,
            no_phone=unnamed,
        )
        for at, (group, part) in enumerate(zip(groups, parts, strict=True))
    ]


def _wants_answer(scene: Scene, group: _Group) -> bool:
    """Whether a matter is answered; what is not the street's, or is a service, cannot be filed."""
    if not group.duty:
        return group.asks
    duty = scene.duties.duties[group.duty]
    return not isinstance(duty, OursDuty) or duty.kind not in _CASES or group.asks


def _place_for(at: int, spots: list[Spot]) -> Spot:
    """The place of a matter: its own; what it does not say itself is that of the matter before, or of the one after."""
    own = spots[at]
    if own.area:
        return own
    others = [spot for spot in (*reversed(spots[:at]), *spots[at + 1 :]) if spot.area]
    if not others:
        return own if own else next((spot for spot in spots if spot), own)
    known = others[0]
    return replace(own, area=known.area, community=known.community) if own.building or own.house else known.updated(own)


def _stored(spot: Spot) -> dict[str, object]:
    return {key: value for key, value in vars(spot).items() if value not in ("", None)}
