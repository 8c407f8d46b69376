"""Taking down a case: what, where, how to reach the resident; asks only what is missing, reads back, files.

Every message that comes while a case is being taken down passes through `absorb`: it may answer the question asked,
correct what was said before, volunteer something else, or be about something else entirely.
"""

from actions.dialogue.intake.flow import absorb, validate
from actions.dialogue.intake.opening import takes_up_offer, tells_a_case
from actions.dialogue.intake.questions import ask_confirmed, ask_contact, ask_detail, ask_matter, ask_place
from actions.dialogue.intake.several import file_case, leave_offered, remind, take_apart_and_ask, take_up_offered
from actions.dialogue.intake.signs import is_bare_wish, is_cancel

__all__ = [
    "absorb",
    "ask_confirmed",
    "ask_contact",
    "ask_detail",
    "ask_matter",
    "ask_place",
    "file_case",
    "is_bare_wish",
    "is_cancel",
    "leave_offered",
    "remind",
    "take_apart_and_ask",
    "take_up_offered",
    "takes_up_offer",
    "tells_a_case",
    "validate",
]
