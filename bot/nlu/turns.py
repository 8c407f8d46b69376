"""What we tell Rasa and what it answers, and the Protocol that a fake can stand in for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class RasaUnavailable(Exception):
    """Rasa is down, late, or answered nonsense: whoever asked answers by itself."""


@dataclass(frozen=True, slots=True)
class DialogueState:
    """All that Rasa must know of a conversation: the open form, its open question, and the slots."""

    active_loop: str | None = None
    requested_slot: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intent:
    """A resident's wish, and how sure Rasa is of it (0 to 1). No name: nothing was understood."""

    name: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Parsed:
    """The likeliest intent, and the three likeliest in order."""

    intent: Intent
    ranking: Sequence[Intent] = ()


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What one turn came to: the actions that ran, in order, and the state to keep for the next turn.

    ``failed``: an action could not be run, or none was; what ran before it has had its effect.
    """

    intent: Intent
    ranking: Sequence[Intent]
    actions: Sequence[str]
    failed: bool
    state: DialogueState


class Rasa(Protocol):
    """The two questions that can be asked of Rasa. Both raise RasaUnavailable and nothing else."""

    async def handle(
        self,
        *,
        conversation: str,
        message_id: str,
        text: str,
        language: str,
        state: DialogueState,
        metadata: Mapping[str, Any] | None = None,
        intent: str | None = None,
    ) -> TurnResult: ...

    async def parse(self, text: str) -> Parsed: ...


class RasaAddress(Protocol):
    """Where Rasa is right now."""

    @property
    def url(self) -> str | None:
        """The channel's address, or None while nothing is ready there."""

    @property
    def token(self) -> str:
        """What every request must show."""
