"""Where talks are played: a house in this process with a clock of its own, and a server with Rasa."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from actions.acts import Acts
from actions.cases.case import Case, State
from actions.dialogue.dialogue import FORMS
from actions.dialogue.scene import Knowledge
from actions.store.desk import Alert, Desk
from actions.store.store import Store
from actions.store.talks import Talks
from bot.cli.server import ServerChild, TalkClient
from bot.messages import Button, Inbound, Outbound, Pin
from bot.nlu.turns import DialogueState, Intent, Parsed, RasaUnavailable, TurnResult
from bot.standby import Standby
from bot.turn import House, Limits
from nlu.intents import IntentModel
from tests.conversations.runner import Message
from tests.talk import RULES

CHANNEL = "test"


class _Desk:
    """What staff see of one talk, whatever else is in the store."""

    def __init__(self, store: Store, know: Knowledge) -> None:
        self._desk = Desk(store, know.duty_list, know.words)
        self._know = know
        self._old_cases = {case.number for case in self._desk.cases()}
        self._old_alerts = len(self._desk.alerts(ended=True))
        self._old_waiting = {each.id for each in self._desk.waiting()}

    def cases(self) -> Sequence[tuple[Case, Mapping[str, Any]]]:
        new = [case for case in reversed(self._desk.cases()) if case.number not in self._old_cases]
        return [(case, self._desk.contact(case.number)) for case in new]

    def alerts(self) -> Sequence[Mapping[str, Any]]:
        every = self._desk.alerts(ended=True)
        return [_alert(alert) for alert in reversed(every[: len(every) - self._old_alerts])]

    def waiting(self) -> int:
        return sum(each.id not in self._old_waiting for each in self._desk.waiting())

    def staff(self, number: str, move: str, note: str, now: datetime) -> None:
        if move:
            self._desk.move(number, State(move), "staff", note, now)
        else:
            self._desk.note(number, "staff", note, now)

    def pin_of(self, place: str) -> Pin:
        found = self._know.gazetteer.find(place)
        if found is None:
            raise LookupError(f"the gazetteer has no place “{place}”")
        return Pin(found[0].lat, found[0].long, found[0].name.zh)


def _alert(alert: Alert) -> dict[str, Any]:
    return {**alert.detail, "colour": alert.colour, "kind": alert.kind}


class InProcess(_Desk):
    """A house on a SQLite file, with a clock that only `wait` moves. Rasa is down until it is said to come up."""

    def __init__(self, url: str, know: Knowledge, intents: IntentModel, clock: datetime) -> None:
        self._url, self._intents, self._now = url, intents, clock.astimezone(UTC)
        self._runner = asyncio.Runner()
        self._rasa = FakeRasa()
        self._seen: dict[str, int] = {}
        self._know = know
        self._store = Store(url)
        super().__init__(self._store, know)
        self._house = self._build()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()
        self._runner.close()

    def _build(self) -> House:
        acts = Acts(self._store, lambda: self._know, lambda: self._now)
        standby = Standby(acts, RULES, self._intents)
        self._rasa.acts, self._rasa.understand = acts, standby.understand
        return House(
            talks=Talks(self._store),
            acts=acts,
            know=lambda: self._know,
            rasa=self._rasa,
            standby=standby,
            limits=Limits(),
            now=lambda: self._now,
        )

    def send(self, message: Message) -> Sequence[Outbound]:
        inbound = Inbound(
            CHANNEL,
            message.user,
            str(message.id),
            message.text,
            kind="button" if message.press else "text",
            press=message.press,
            pin=message.pin,
            photos=message.photos,
            spoken=message.spoken,
            alternatives=message.alternatives,
            confidence=message.confidence,
            caller_phone=message.caller,
        )
        return self._runner.run(self._house.receive(inbound))

    def news(self, user: str) -> Sequence[Outbound]:
        said = self._runner.run(self._house.said_after(CHANNEL, user, self._seen.get(user, 0)))
        self._seen[user] = said[-1].id if said else self._seen.get(user, 0)
        return said

    def staff(self, number: str, move: str, note: str, now: datetime | None = None) -> None:
        super().staff(number, move, note, now or self._now)

    def wait(self, period: timedelta) -> None:
        self._now += period

    def restart(self) -> None:
        self._store.close()
        self._store = Store(self._url)
        self._desk = Desk(self._store, self._know.duty_list, self._know.words)
        self._house = self._build()

    def rasa(self, change: str) -> None:
        self._rasa.is_up, self._rasa.dies = change != "down", change == "dies"


class FakeRasa:
    """Decides as the standby does and runs our actions as Rasa would; may go away after the first of them."""

    acts: Acts
    understand: Callable[[str, str], Any]

    def __init__(self) -> None:
        self.is_up = self.dies = False

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
    ) -> TurnResult:
        if not self.is_up:
            raise RasaUnavailable("down")
        understood = self.understand(text, f"/{intent}" if intent else "")
        understood = type(understood)(understood.intent, understood.confidence, "rasa")
        action: str | None = state.active_loop or RULES.get(understood.intent, "action_answer")
        ran: list[str] = []
        while action is not None:
            if ran and self.dies:
                self.is_up = self.dies = False
                raise RasaUnavailable("gone in the middle of a turn")
            done = await asyncio.to_thread(self.acts.do, int(message_id), FORMS.get(action, action), understood)
            ran.append(action)
            action = done.follow
        return TurnResult(Intent(understood.intent, understood.confidence), (), ran, False, state)

    async def parse(self, text: str) -> Parsed:
        raise RasaUnavailable("down")


class OnServer(_Desk):
    """A running server that other talks share: every resident of the talk has an address of their own."""

    def __init__(self, server: ServerChild, store: Store, know: Knowledge, talk: str) -> None:
        super().__init__(store, know)
        self._server, self._talk = server, hashlib.sha256(talk.encode()).hexdigest()[:24]
        self._clients: dict[str, TalkClient] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()

    def _client(self, user: str) -> TalkClient:
        if user not in self._clients:
            self._clients[user] = self._server.client(f"{self._talk}-{user}")
        return self._clients[user]

    def send(self, message: Message) -> Sequence[Outbound]:
        client = self._client(message.user)
        client.buttons, client.number = [], message.id - 1
        replies = client.send(
            message.text,
            press=message.press,
            photos=message.photos,
            pin=asdict(message.pin) if message.pin else None,
            spoken=message.spoken,
            alternatives=list(message.alternatives),
            confidence=message.confidence,
            caller_phone=message.caller,
        )
        return [_outbound(reply) for reply in replies]

    def news(self, user: str) -> Sequence[Outbound]:
        return [_outbound(reply) for reply in self._client(user).news()]

    def staff(self, number: str, move: str, note: str, now: datetime | None = None) -> None:
        super().staff(number, move, note, now or datetime.now(UTC))

    def wait(self, period: timedelta) -> None:
        """Time passes by itself here."""

    def restart(self) -> None:
        raise NotImplementedError("other talks are on this server")

    def rasa(self, change: str) -> None:
        raise NotImplementedError("other talks are on this server")


def _outbound(reply: Mapping[str, Any]) -> Outbound:
    buttons = tuple(Button(button["label"], button["press"]) for button in reply["buttons"])
    return Outbound(int(reply["id"]), str(reply["text"]), buttons)
