"""Where a talk stands between two messages. It is stored as JSON with the talk and is all that is remembered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from knowledge.places import Spot

Slot = Literal["matter", "place", "detail", "contact", "confirmed", "case_number", "phone_tail"]
Purpose = Literal["progress", "add", "withdraw", "urge", "rate"]


class Matter(BaseModel):
    """One of several matters that a resident spoke of, waiting for its turn."""

    words: str
    """What the resident said of it, in their own words."""
    duty: str = ""
    choices: list[str] = Field(default_factory=list)
    """The duties it may be about, when it was not clear."""
    asks: bool = False
    """Whether it wants an answer, and not a case."""
    spot: dict[str, Any] = Field(default_factory=dict)
    phone: str = ""
    email: str = ""
    wish: str = ""
    no_phone: bool = False
    anonymous: bool = False
    offered: bool = False
    """Whether the resident was asked already if they want to go on with it."""


class Doubt(BaseModel):
    """A place or a phone number that was heard and is not sure: used only after a yes."""

    spot: dict[str, Any] = Field(default_factory=dict)
    phone: str = ""
    mild: bool = False
    """The recogniser heard badly, and nothing else speaks against it: the read-back of the whole case is enough."""
    put: bool = False
    """Whether it was read back."""
    passed_over: int = 0


class Draft(BaseModel):
    """A case that is being taken down: what is known of it so far."""

    intent: str = "report_problem"
    duty: str = ""
    choices: list[str] = Field(default_factory=list)
    words: list[str] = Field(default_factory=list)
    """What the resident said about the matter, in order, in their own words."""
    spot: dict[str, Any] = Field(default_factory=dict)
    details: dict[str, str] = Field(default_factory=dict)
    asked: list[str] = Field(default_factory=list)
    """What was asked once already and must not be asked again."""
    phone: str = ""
    email: str = ""
    wish: str = ""
    no_phone: bool = False
    anonymous: bool = False
    urgent: bool = False
    photos: int = 0
    after: str = ""
    """What came behind the yes: answered once the case is filed."""
    misses: int = 0
    doubts: dict[Slot, Doubt] = Field(default_factory=dict)
    """What must be read back first, by the question it belongs to."""
    refused: list[str] = Field(default_factory=list)
    """What was read back and denied: it is not proposed again."""

    @property
    def place(self) -> Spot:
        """The place so far."""
        return Spot(**self.spot)

    def put_place(self, later: Spot) -> None:
        """Take over every part of the place that was just said."""
        if later:
            self.spot = {k: v for k, v in vars(self.place.updated(later)).items() if v not in ("", None)}


class Lookup(BaseModel):
    """A case that the resident means and that is not identified yet."""

    purpose: Purpose
    number: str = ""
    tail: str = ""
    doubted: str = ""
    """A number or digits that were heard and are not sure: read back, and used only after a yes."""
    words: str = ""


class TalkState(BaseModel):
    """The state of one talk."""

    loop: Literal["case_form", "lookup_form"] | None = None
    requested: Slot | None = None
    draft: Draft | None = None
    lookup: Lookup | None = None
    duty: str = ""
    """The duty in hand, to which “how long does it take?” refers."""
    choices: list[str] = Field(default_factory=list)
    """Duties we offered to choose from in the last reply."""
    later: list[Matter] = Field(default_factory=list)
    """Other matters that were spoken of and are not dealt with yet, in order."""
    offer: Literal["", "file", "person", "withdraw", "next"] = ""
    """What a plain “yes” would accept."""
    opening: str = ""
    """The resident's words that an accepted offer would file."""
    opening_others: list[str] = Field(default_factory=list)
    """The recogniser's other hearings of the opening."""
    opening_sureness: float | None = None
    said: list[dict[str, Any]] = Field(default_factory=list)
    """Our last replies, for “say that again”."""
    case: str = ""
    """The number of the case spoken of last, once this talk has shown that it may see it."""
    misses: int = 0
    """How often in a row we did not understand."""
    alarmed: datetime | None = None
    """When the resident told of an emergency last."""
    cautioned: datetime | None = None
    """When the emergency numbers were named last for what might have been one."""
    hush: bool = False
    """The next question of a form is not asked: what was just said stands alone."""

    def end_form(self) -> None:
        """Nothing is being taken down any more."""
        self.loop = self.requested = self.draft = None
        self.offer = self.opening = ""
