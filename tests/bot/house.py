"""A front door for tests: real store, real actions, real standby, and a Rasa that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actions.acts import Acts, Understood
from actions.dialogue.dialogue import FORMS
from actions.dialogue.scene import Knowledge
from actions.store.store import Store
from actions.store.talks import Talks
from bot.messages import Inbound
from bot.nlu.turns import DialogueState, Intent, Parsed, Rasa, RasaUnavailable, TurnResult
from bot.standby import Standby
from bot.turn import House, Limits
from nlu.intents import IntentModel
from tests.talk import RULES, TUESDAY

INTENTS = {
    "垃圾桶满了没人收": "report_problem",
    "垃圾桶满了没人收，在桂花园3号楼门口": "report_problem",
    "13800138000": "ask_duty",
    "对": "affirm",
    "你好": "greet",
    "谢谢": "thanks",
}


class ByHeart:
    """A classifier that knows some sentences and calls everything else a question."""

    classes_ = ("report_problem", "affirm", "greet", "thanks", "ask_duty")

    def predict_proba(self, texts: list[str]) -> list[list[float]]:
        wanted = INTENTS.get(texts[0], "ask_duty")
        return [[1.0 if name == wanted else 0.0 for name in self.classes_]]


BY_HEART = IntentModel(ByHeart())


class DownRasa:
    """Refuses everything, as when the process is gone."""

    async def handle(self, **_: Any) -> TurnResult:
        raise RasaUnavailable("down")

    async def parse(self, text: str) -> Parsed:
        raise RasaUnavailable("down")


@dataclass
class ActingRasa(DownRasa):
    """Decides by heart and runs our actions, as Rasa does; `stop_after` actions it goes away or says it failed."""

    acts: Acts
    stop_after: int = 99
    then: str = "failed"
    ran: list[str] = field(default_factory=list)

    async def handle(
        self, *, message_id: str, text: str, state: DialogueState, intent: str | None = None, **_: Any
    ) -> TurnResult:
        understood = Understood(intent or BY_HEART.classify(text)[0][0], 0.9, "rasa")
        action: str | None = state.active_loop or RULES.get(understood.intent, "action_answer")
        actions: list[str] = []
        while action is not None:
            if len(actions) == self.stop_after:
                if self.then == "gone":
                    raise RasaUnavailable("gone in the middle")
                return self._result(understood, actions, failed=True)
            name = FORMS.get(action, action)
            done = await asyncio.to_thread(self.acts.do, int(message_id), name, understood)
            actions.append(name)
            self.ran.append(name)
            action = done.follow
        return self._result(understood, actions, failed=False)

    @staticmethod
    def _result(understood: Understood, actions: list[str], *, failed: bool) -> TurnResult:
        return TurnResult(Intent(understood.intent, 0.9), (), tuple(actions), failed, DialogueState())


@dataclass
class BrokenRasa(DownRasa):
    """Raises what no Rasa should."""

    error: Exception

    async def handle(self, **_: Any) -> TurnResult:
        raise self.error


@dataclass
class HangingRasa(DownRasa):
    """Does not answer until it is released; then it is down."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, **_: Any) -> TurnResult:
        self.asked.set()
        await self.release.wait()
        raise RasaUnavailable("too late")


@dataclass
class SilentRasa(DownRasa):
    """Says that all went well and ran nothing."""

    async def handle(self, **_: Any) -> TurnResult:
        return TurnResult(Intent("greet", 0.9), (), (), False, DialogueState())


@dataclass
class FrontDoor:
    """The house, and what a test asks behind its back."""

    store: Store
    house: House
    talks: Talks
    acts: Acts
    clock: list[datetime]

    async def say(self, text: str, number: int, address: str = "resident", **more: Any) -> list[str]:
        """Send a message with the provider's number; the texts of the replies."""
        inbound = Inbound("test", address, f"{address}-{number}", text, **more)
        return [reply.text for reply in await self.house.receive(inbound)]


def front_door(
    store: Store,
    know: Knowledge,
    rasa: Rasa | Callable[[Acts], Rasa] | None = None,
    limits: Limits | None = None,
    at: Callable[[str], None] = lambda step: None,
    acts_of: Callable[..., Acts] = Acts,
) -> FrontDoor:
    """A house over `store`; without another Rasa, Rasa is down and the standby answers."""
    clock = [TUESDAY]
    talks = Talks(store)
    acts = acts_of(store, lambda: know, lambda: clock[0])
    chosen: Any = DownRasa() if rasa is None else rasa(acts) if callable(rasa) else rasa
    house = House(
        talks=talks,
        acts=acts,
        know=lambda: know,
        rasa=chosen,
        standby=Standby(acts, RULES, BY_HEART),
        limits=limits or Limits(),
        now=lambda: clock[0],
        at=at,
    )
    return FrontDoor(store, house, talks, acts, clock)


def messages(*texts: str) -> Mapping[int, str]:
    """Texts with the numbers that a provider would give them."""
    return dict(enumerate(texts, 1))
