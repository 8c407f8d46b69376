"""What a case still needs before it can be filed."""

from __future__ import annotations

from actions.dialogue.intake.doubts import use_doubt
from actions.dialogue.intake.signs import NO_PLACE_KINDS
from actions.dialogue.scene import Scene
from actions.dialogue.state import Draft, Slot
from knowledge.schema import Function, OursDuty, Unit


def next_slot(scene: Scene, draft: Draft) -> Slot | None:
    if not draft.duty:
        return "matter"
    return _doubted(scene, draft) or _missing(scene, draft)


def _doubted(scene: Scene, draft: Draft) -> Slot | None:
    """The question to which something doubtful belongs; what the read-back that comes next asks anyway is taken."""
    if scene.duties.duties[draft.duty].kind in NO_PLACE_KINDS:
        draft.doubts.pop("place", None)
    if "place" not in draft.doubts and (cannot_wait(scene, draft) or draft.anonymous):
        draft.doubts.clear()  # a number that is not sure holds nothing up
    if draft.doubts and all(doubt.mild for doubt in draft.doubts.values()):
        trial = draft.model_copy(deep=True)
        for slot in tuple(trial.doubts):
            use_doubt(trial, slot)
        if _missing(scene, trial) == "confirmed":
            for slot in tuple(draft.doubts):
                use_doubt(draft, slot)
    return next((slot for slot in ("place", "contact") if slot in draft.doubts), None)


def _missing(scene: Scene, draft: Draft) -> Slot | None:
    if _needs_place(scene, draft):
        return "place"
    if cannot_wait(scene, draft):
        draft.urgent = True
        draft.phone = draft.phone or scene.heard.caller_phone
        draft.asked.append("confirmed")
        return None
    if open_detail(scene, draft):
        return "detail"
    if not (draft.phone or draft.email or draft.no_phone):
        return "contact"
    return None if "confirmed" in draft.asked else "confirmed"


def cannot_wait(scene: Scene, draft: Draft) -> bool:
    """Whether somebody is sent at once: such a case is filed as soon as it is known what and where."""
    duty = scene.duties.duties[draft.duty]
    return isinstance(duty, OursDuty) and duty.function is Function.EMERGENCY and duty.limit.unit is Unit.IMMEDIATE


def _needs_place(scene: Scene, draft: Draft) -> bool:
    duty = scene.duties.duties[draft.duty]
    if duty.kind in NO_PLACE_KINDS:
        return False
    if draft.place.can_be_found:
        # An estate alone is a kilometre of doors: ask once where in it.
        vague = (
            not cannot_wait(scene, draft)
            and scene.know.gazetteer.is_wide(draft.place.area)
            and bool(draft.place.area)
            and not any((draft.place.near, draft.place.building, draft.place.house, draft.place.lat))
        )
        return vague and "where_in_area" not in draft.asked
    return True


def open_detail(scene: Scene, draft: Draft) -> str:
    duty = scene.duties.duties[draft.duty]
    if isinstance(duty, OursDuty) and not draft.anonymous:  # who is afraid is not asked more than must be known
        for detail in duty.details[:1]:  # one question beyond what is always needed is all that people put up with
            if detail.key not in draft.details and not (detail.key.startswith("inside") and draft.urgent):
                return detail.key
    return ""
