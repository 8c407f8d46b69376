"""A resident's message as the dialogue sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nlu.text.script import Language, Script

FAINT = 0.7
"""Below this confidence of the recogniser an address or a number is read back before it is used."""


@dataclass(frozen=True)
class Hearing:
    """What a recogniser made of one message: its first hearing, the others, and how sure it is of the first."""

    clean: str
    others: Sequence[str] = ()
    sureness: float | None = None

    @classmethod
    def of(cls, heard: Heard) -> Hearing:
        """The hearing of a message."""
        return cls(heard.clean, tuple(heard.alternatives), heard.sureness)

    @property
    def is_faint(self) -> bool:
        """Whether the recogniser itself says that it heard badly."""
        return self.sureness is not None and self.sureness < FAINT


@dataclass(frozen=True)
class Heard:
    """One message, understood as far as language and intent go.

    `clean` is what was meant (`knowledge.listener`): Simplified, in plain words, without fillers and what was taken back.
    """

    message_id: int
    talk_id: int
    text: str
    clean: str
    language: Language
    script: Script
    intent: str
    confidence: float
    now: datetime
    spoken: bool = False
    alternatives: Sequence[str] = ()
    """A recogniser's other hearings, best first, made plain as `clean` is."""
    sureness: float | None = None
    """How sure the recogniser is of its first hearing, 0 to 1; None when it does not say."""
    caller_phone: str = ""
    pin: tuple[float, float, str] | None = None
    """Latitude, longitude (WGS84) and label of a shared place."""
    photos: int = 0
    buttons: bool = True
    """Whether the channel can show buttons."""
