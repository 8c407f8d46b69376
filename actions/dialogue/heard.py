"""A resident's message as the dialogue sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nlu.text.script import Language, Script


@dataclass(frozen=True)
class Heard:
    """One message, understood as far as language and intent go. `clean` is Simplified and without fillers."""

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
    caller_phone: str = ""
    pin: tuple[float, float, str] | None = None
    """Latitude, longitude (WGS84) and label of a shared place."""
    photos: int = 0
    buttons: bool = True
    """Whether the channel can show buttons."""
