"""Facts that were heard and are not sure: read back on the telephone, and used only after a yes.

Three things make a fact unsure: a known place is only named by its sound, the recogniser's hearings differ, or it says
itself that it heard badly. An address or a number is never guessed.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace

from actions.dialogue.facts import broken_phone, find_phone, is_no, is_yes
from actions.dialogue.heard import Hearing
from actions.dialogue.intake.signs import LEADING_YES
from actions.dialogue.scene import Scene
from actions.dialogue.social import ask_human
from actions.dialogue.state import Doubt, Draft, Slot
from knowledge.places import Spot, read_spot
from nlu.text.numbers import digit_by_digit

_FIGURES = ("house", "building", "unit", "floor", "room")
_DENIES = re.compile(r"\W*(?:不是?|唔系|没有?|错|no\b|not\b|wrong\b)", re.I)
_REFUSALS = 2
"""So many read-backs denied or passed over, and a person is better."""


def hear_place(scene: Scene, draft: Draft, hearing: Hearing) -> Spot:
    """Take the place in a message: what is sure at once, what is not as a doubt. Returns all of it."""
    gazetteer, language = scene.know.gazetteer, scene.heard.language
    spot = read_spot(hearing.clean, gazetteer, language)
    if not scene.heard.spoken:
        draft.put_place(spot)
        return spot
    others = [read_spot(other, gazetteer, language) for other in hearing.others]
    whole, unsure = _with_name(scene, draft, hearing, spot, others)
    for part in _FIGURES:
        values = [value for each in (whole, *others) if (value := getattr(each, part))]
        if len({_digits(value) for value in values}) > 1 or (values and not getattr(whole, part)):
            whole, unsure = Spot(**{**vars(whole), part: values[0]}), unsure | {part}
    mild = not unsure and hearing.is_faint and any(getattr(whole, part) for part in ("area", *_FIGURES))
    if mild:
        unsure = {"area", "community", *_FIGURES}
    if unsure:
        draft.doubts["place"] = Doubt(spot={k: v for k, v in vars(whole).items() if v not in ("", None)}, mild=mild)
        draft.put_place(Spot(**{**vars(whole), **dict.fromkeys(unsure, "")}))
        return whole
    if whole:
        draft.doubts.pop("place", None)
    draft.put_place(whole)
    return whole


def _with_name(scene: Scene, draft: Draft, hearing: Hearing, spot: Spot, others: list[Spot]) -> tuple[Spot, set[str]]:
    """The place with the known name that it seems to mean, and what of it is unsure for that reason."""
    gazetteer, language = scene.know.gazetteer, scene.heard.language
    known = {
        found[0].name.in_(language): each
        for text, each in zip(hearing.others, others, strict=True)
        if (found := gazetteer.find(text)) is not None
    }
    if gazetteer.find(hearing.clean) is not None:
        return spot, {"area", "community"} if set(known) - {spot.area} else set()
    sounds = gazetteer.by_sound(hearing.clean)
    if sounds is not None and sounds[0].name.zh not in draft.refused:
        return read_spot(sounds[1], gazetteer, language), {"area", "community"}
    for name, each in known.items():
        if name not in draft.refused:
            return replace(spot, area=name, community=each.community), {"area", "community"}
    return spot, set()


def hear_phone(scene: Scene, draft: Draft, hearing: Hearing) -> None:
    """Take the phone number in a message, or keep it as a doubt."""
    phone = find_phone(hearing.clean)
    others = [found for other in hearing.others if (found := find_phone(other))] if scene.heard.spoken else []
    differs = bool(set(others) - {phone}) and (bool(phone) or broken_phone(hearing.clean) > 0)
    mild = bool(phone) and not differs and scene.heard.spoken and hearing.is_faint
    if differs or mild:
        draft.doubts["contact"] = Doubt(phone=phone or others[0], mild=mild)
    elif phone:
        draft.doubts.pop("contact", None)
        draft.phone = phone


def use_doubt(draft: Draft, slot: Slot) -> None:
    """What was doubted is right."""
    doubt = draft.doubts.pop(slot)
    draft.put_place(Spot(**doubt.spot))
    draft.phone = doubt.phone or draft.phone


def read_back_doubt(scene: Scene, draft: Draft, slot: Slot) -> bool:
    """Read back what is doubted for this question, figure by figure; False when nothing is."""
    doubt = draft.doubts.get(slot)
    if doubt is None:
        return False
    doubt.put = True
    language = scene.heard.language
    if doubt.phone:
        scene.say("sure_phone", phone=digit_by_digit(doubt.phone, language))
    else:
        spot = draft.place.updated(Spot(**doubt.spot))
        named = replace(spot, area=scene.know.gazetteer.named(spot.area, language))
        said = re.sub(r"\d+", lambda m: digit_by_digit(m[0], language), named.in_words(language))
        scene.say("sure_place", place=said)
    return True


def settle(scene: Scene, draft: Draft) -> bool:
    """Take the answer to what was read back; False when nothing was, or the message holds no answer to it."""
    heard, slot = scene.heard, scene.state.requested
    doubt = draft.doubts.get(slot) if slot else None
    if slot is None or doubt is None or not doubt.put:
        return False
    hearing = Hearing.of(heard)
    leading = LEADING_YES.match(heard.clean)
    if is_yes(heard.clean) or leading or (heard.intent == "affirm" and len(heard.clean) <= 8):
        use_doubt(draft, slot)
        if leading:
            hear_place(scene, draft, replace(hearing, clean=leading[1]))
            hear_phone(scene, draft, replace(hearing, clean=leading[1]))
        return True
    if _says_it_anew(scene, draft, slot, doubt):
        return True
    doubt.passed_over += 1
    if is_no(heard.clean) or heard.intent == "deny" or _DENIES.match(heard.clean) or doubt.passed_over >= _REFUSALS:
        _refused(scene, draft, slot, doubt)
        return True
    return False


def _says_it_anew(scene: Scene, draft: Draft, slot: Slot, doubt: Doubt) -> bool:
    """Whether the resident said the fact once more: the same again is a yes, another one counts instead."""
    hearing = Hearing.of(scene.heard)
    denies = _DENIES.match(scene.heard.clean) is not None
    trial = draft.model_copy(deep=True)
    trial.doubts.clear()
    if slot == "contact":
        hear_phone(scene, trial, hearing)
        anew = trial.phone != draft.phone or "contact" in trial.doubts
        same = (trial.doubts["contact"].phone if "contact" in trial.doubts else trial.phone) == doubt.phone
    else:
        spot = hear_place(scene, trial, hearing)
        said = {f.name: value for f in fields(spot) if (value := getattr(spot, f.name)) and f.name != "near"}
        anew = bool(said)
        same = anew and said.items() <= {**doubt.spot, "near": ""}.items()
    if not anew or (same and denies):
        return False
    if same:
        use_doubt(draft, slot)
        return True
    draft.doubts.pop(slot)
    if slot == "contact":
        hear_phone(scene, draft, hearing)
    else:
        hear_place(scene, draft, hearing)
        if "place" not in draft.doubts and draft.refused == []:
            _keep_what_was_not_denied(draft, doubt)
    return True


def _keep_what_was_not_denied(draft: Draft, doubt: Doubt) -> None:
    """“五号楼” after “桂花园四号楼吗？”: the estate was read back too, and only the building was put right."""
    if not draft.place.area:
        kept = replace(draft.place, area=doubt.spot.get("area", ""), community=doubt.spot.get("community", ""))
        draft.put_place(kept)


def _refused(scene: Scene, draft: Draft, slot: Slot, doubt: Doubt) -> None:
    draft.doubts.pop(slot)
    draft.refused.append(doubt.phone or doubt.spot.get("area") or Spot(**doubt.spot).in_words(scene.heard.language))
    draft.asked = [each for each in draft.asked if each != "where_in_area"]
    if len(draft.refused) >= _REFUSALS:
        ask_human(scene)
        scene.state.hush = True
    else:
        scene.say("heard_wrong")


def _digits(value: str) -> str:
    return re.sub(r"\D", "", value) or value
