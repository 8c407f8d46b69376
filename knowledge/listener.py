"""What a resident means to say: Simplified, without stutters, what was taken back dropped, dialect made plain.

Search, intents and facts read this. What is stored, shown to staff and written into a case is what was said.
"""

from __future__ import annotations

from knowledge.dialect import Dialect
from knowledge.duty_list import DutyList
from nlu.text.corrections import TakenBack
from nlu.text.script import fold
from nlu.text.speech import clean_transcript


class Listener:
    """Understands residents of one street: its places and its dialect are theirs."""

    def __init__(self, duty_list: DutyList) -> None:
        names = [name for place in duty_list.places for name in (place.name.zh, place.name.en, *place.also)]
        self._dialect = Dialect(duty_list.dialect, names)
        self._taken_back = TakenBack(names)

    def plain(self, text: str, spoken: bool) -> str:
        """What is meant by `text`; a transcript (`spoken`) also loses fillers and repeats and has figures for digits."""
        meant = self._taken_back.drop(fold(text).strip())
        return self._dialect.plain(clean_transcript(meant) if spoken else meant)

    def whole(self, text: str, spoken: bool) -> tuple[str, ...]:
        """All of `text`, what was taken back included: as it was said, and in plain words where they differ.

        For what must not be missed: an emergency that somebody took back may still be one.
        """
        said = clean_transcript(fold(text).strip()) if spoken else fold(text).strip()
        return tuple(dict.fromkeys((said, self._dialect.plain(said))))
