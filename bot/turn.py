"""The life of one message: receive, guard, understand, decide, reply. Read `House.receive` from top to bottom.

A message is stored before anything else; every effect is a transaction that remembers it was done. So this may be
killed between any two lines and begun again: nothing is lost, nothing happens twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from actions.acts import Acts, Understood
from actions.dialogue.scene import Knowledge
from actions.store.talks import Received, Said, Talks
from bot.messages import Button, Inbound, Line, Outbound
from bot.nlu.turns import DialogueState, Rasa, RasaUnavailable
from bot.standby import Standby
from nlu.text.script import unfold

log = structlog.get_logger(__name__)

FLOOD_WINDOW = timedelta(seconds=10)
ALARM_HOLDS = timedelta(minutes=30)
"""So long after an emergency was told, what is said is about that one: it is not answered again for its tone."""


@dataclass(frozen=True)
class Limits:
    """How much one resident may send."""

    max_length: int = 2000
    flood: int = 12


class House:
    """The front door (`bot.messages.FrontDoor`): every channel hands its messages in here."""

    def __init__(
        self,
        *,
        talks: Talks,
        acts: Acts,
        know: Callable[[], Knowledge],
        rasa: Rasa,
        standby: Standby,
        limits: Limits,
        now: Callable[[], datetime],
        at: Callable[[str], None] = lambda step: None,
    ) -> None:
        self._talks, self._acts, self._know, self._rasa, self._standby = talks, acts, know, rasa, standby
        self._limits, self._now, self._at = limits, now, at
        self._locks: dict[object, tuple[asyncio.Lock, int]] = {}
        self._news: dict[tuple[str, str], asyncio.Event] = {}

    async def receive(self, inbound: Inbound) -> Sequence[Outbound]:
        """Take a message in and answer it; the same message again gets the same answer."""
        async with self._turn_of((inbound.channel, inbound.address)):
            message = await self._store(inbound)
        self._at("stored")
        if self._is_emergency(message):
            said = await self._answer(message)  # waits for nothing, not even for the message before it
        else:
            async with self._turn_of(message.talk_id):
                for earlier in await asyncio.to_thread(self._talks.unanswered, message.talk_id, before=message.id):
                    await self._answer(earlier)
                said = await self._answer(message)
        self._tell_listeners(inbound.channel, inbound.address)
        return [_outbound(each) for each in said]

    async def resume(self) -> int:
        """Answer what was stored and not answered when we were stopped; returns how many."""
        left = await asyncio.to_thread(self._talks.unanswered)
        for message in left:
            async with self._turn_of(message.talk_id):
                await self._answer(message)
        return len(left)

    # -- the five steps ----------------------------------------------------------------------------------------

    async def _store(self, inbound: Inbound) -> Received:
        payload = _payload(inbound)
        text = _storable(inbound.text)[: self._limits.max_length]
        payload["cut"] = len(inbound.text) > self._limits.max_length
        return await asyncio.to_thread(
            self._talks.receive, inbound.channel, inbound.address, inbound.message_id, text, payload, self._now()
        )

    async def _answer(self, message: Received) -> Sequence[Said]:
        message = await asyncio.to_thread(self._talks.again, message.id)
        if message.status == "answered":
            return await asyncio.to_thread(self._talks.replies_to, message.id)
        extra: list[Mapping[str, Any]] = []
        try:
            if not await self._guard(message, extra):
                await self._decide(message)
        except Exception:
            # Whatever broke, the resident is answered: what was done stays done, and the words are kept.
            log.exception("turn_failed", message=message.id)
        self._at("before_reply")
        extra.append(self._words(message, "apology", phone=self._know().duty_list.street.phone))
        said = await asyncio.to_thread(self._talks.finish, message.id, extra[:1], self._now())
        self._at("replied")
        return said

    async def _guard(self, message: Received, extra: list[Mapping[str, Any]]) -> bool:
        """Emergencies first, then what cannot or must not be handled; True when the message is dealt with."""
        if self._is_emergency(message):
            await asyncio.to_thread(
                self._acts.do, message.id, "action_emergency", Understood("emergency", 1.0, "guard")
            )
            self._at("guarded")
            return True
        if await asyncio.to_thread(self._talks.recent, message.id, FLOOD_WINDOW) > self._limits.flood:
            extra.append(self._words(message, "too_fast"))
            return True
        if message.payload.get("cut"):
            phone = self._know().duty_list.street.phone
            extra.append(self._words(message, "too_long", limit=self._limits.max_length, phone=phone))
            return True
        if not message.text.strip() and not any(message.payload.get(part) for part in ("press", "pin", "photos")):
            extra.append(self._words(message, "unknown_kind"))
            return True
        return False

    def _is_emergency(self, message: Received) -> bool:
        know, spoken = self._know(), bool(message.payload.get("spoken"))
        if message.payload.get("press") or know.emergency_in(message.text, spoken) is None:
            return False
        alarmed = self._talks.state(message.talk_id).get("alarmed")
        told = alarmed is not None and self._now() - datetime.fromisoformat(alarmed) < ALARM_HOLDS
        return not told or know.emergency_in(message.text, spoken, told=True) is not None

    async def _decide(self, message: Received) -> None:
        """Rasa decides what to do; when it is down or late, the standby does, from where Rasa stopped."""
        press = str(message.payload.get("press") or "")
        if not message.text and not press:
            press = "/report_problem"  # a picture or a place without a word begins, or belongs to, a report
        text = self._know().listener.plain(message.text, bool(message.payload.get("spoken"))) or press
        begun = await asyncio.to_thread(self._talks.first_action, message.id) is not None
        if begun or not await self._ask_rasa(message, text, press):
            await asyncio.to_thread(self._stand_by, message, text, press)
            self._at("stood_by")

    async def _ask_rasa(self, message: Received, text: str, press: str) -> bool:
        """Let Rasa run our actions; False when it did not bring it to an end, whatever the reason."""
        state = await asyncio.to_thread(self._talks.state, message.talk_id)
        try:
            result = await self._rasa.handle(
                conversation=str(message.talk_id),
                message_id=str(message.id),
                text=text,
                language=message.language,
                state=DialogueState(state.get("loop"), state.get("requested")),
                metadata={"message_id": str(message.id)},
                intent=press[1:] if press.startswith("/") else None,
            )
        except RasaUnavailable as reason:
            log.info("rasa_unavailable", reason=str(reason))
            return False
        except Exception:
            log.exception("rasa_broke", message=message.id)  # the standby answers the resident
            return False
        self._at("decided")
        if result.failed:
            log.warning("rasa_failed", message=message.id, actions=list(result.actions))
            return False
        return await asyncio.to_thread(self._talks.first_action, message.id) is not None

    def _stand_by(self, message: Received, text: str, press: str) -> None:
        self._talks.claim(message.id, "standby")  # first, so that nothing of Rasa's slips in after we looked
        first = self._talks.first_action(message.id)
        state = self._talks.state(message.talk_id)
        self._standby.run(message, state, self._standby.understand(text, press), first)

    def _words(self, message: Received, key: str, **values: Any) -> dict[str, Any]:
        text = self._know().words.say(key, message.language, spoken=bool(message.payload.get("spoken")), **values)
        traditional = message.language == "zh" and message.script == "hant"
        return {"text": unfold(text) if traditional else text, "buttons": []}

    # -- one message of a talk at a time -----------------------------------------------------------------------

    @asynccontextmanager
    async def _turn_of(self, key: object) -> AsyncIterator[None]:
        """Wait for everybody who asked for `key` (an address, a talk) before."""
        lock, waiting = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._locks[key]
            if waiting == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, waiting - 1)

    # -- what channels show again ------------------------------------------------------------------------------

    async def history(self, channel: str, address: str) -> Sequence[Line]:
        """The talk so far, oldest first."""
        lines = await asyncio.to_thread(self._talks.lines, channel, address)
        return [
            Line(
                "resident" if line.who == "resident" else "us",
                line.text,
                line.at,
                line.reply_id,
                line.message_id,
                _buttons(line.body),
            )
            for line in lines
        ]

    async def said_after(self, channel: str, address: str, after: int) -> Sequence[Outbound]:
        """Everything we said in this talk after the outbound `after`."""
        return [_outbound(each) for each in await asyncio.to_thread(self._talks.said_after, channel, address, after)]

    async def wait_for_news(self, channel: str, address: str, timeout: float) -> None:  # noqa: ASYNC109 - not a failure
        """Return when something new was said, or after `timeout` seconds.

        News that another process wrote (the staff command line) is found by looking again every second.
        """
        event = self._news.setdefault((channel, address), asyncio.Event())
        try:
            async with asyncio.timeout(min(timeout, 1.0)):
                await event.wait()
        except TimeoutError:
            pass
        finally:
            if self._news.get((channel, address)) is event:
                del self._news[channel, address]

    async def mark_delivered(self, channel: str, address: str, up_to: int) -> None:
        """Remember that the resident's device has everything up to this outbound."""
        await asyncio.to_thread(self._talks.mark_delivered, channel, address, up_to, self._now())

    def _tell_listeners(self, channel: str, address: str) -> None:
        event = self._news.get((channel, address))
        if event is not None:
            event.set()


def _payload(inbound: Inbound) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "kind": inbound.kind,
        "press": _storable(inbound.press),
        "photos": inbound.photos,
        "spoken": inbound.spoken,
        "alternatives": [_storable(text) for text in inbound.alternatives],
        "confidence": inbound.confidence,
        "caller_phone": inbound.caller_phone,
        "language": inbound.language,
    }
    if inbound.pin:
        payload["pin"] = {"lat": inbound.pin.lat, "long": inbound.pin.long, "label": _storable(inbound.pin.label)}
    return payload


def _storable(text: str) -> str:
    """`text` without what no database takes: NUL characters and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _outbound(said: Said) -> Outbound:
    return Outbound(said.id, said.body["text"], _buttons(said.body), said.said_at, said.in_reply_to)


def _buttons(body: Mapping[str, Any]) -> tuple[Button, ...]:
    return tuple(Button(button["label"], button["say"]) for button in body.get("buttons", ()))
