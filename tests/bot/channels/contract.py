"""What every channel promises, as one suite. A new channel passes it by writing one adapter.

An adapter (`Channel`) drives a channel as its provider does, over HTTP and with the provider's own secret. In
`test_contract.py` it takes one class:

    class TestTerminal(ChannelContract):
        make = Terminal
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import httpx
import pytest
from fastapi import FastAPI

from actions.cases.case import State
from actions.dialogue.scene import Knowledge
from actions.store.desk import Desk
from actions.store.store import Store
from actions.store.tables import MessageRow
from nlu.text.script import has_han, unfold
from tests.bot.house import FrontDoor, front_door
from tests.talk import FakeSearch, cases_of, rows_of

REPORT = "垃圾桶满了没人收，在桂花园3号楼门口"
PHONE = "13800138000"
CHOOSING = "老年证和垃圾桶"
"""A message that our answer offers choices for."""


@dataclass(frozen=True)
class Heard:
    """One thing that a resident got from us. `id` grows within a talk; a choice is what they would send to take it."""

    id: int
    text: str
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Answer:
    """What came back for a request: the HTTP status, what the resident got, and the refusal's words if it was refused."""

    status: int
    heard: Sequence[Heard] = ()
    refusal: str = ""

    @property
    def texts(self) -> list[str]:
        """What the resident reads."""
        return [each.text for each in self.heard]


class Channel(Protocol):
    """One channel as its provider drives it, over a house that runs in the same process."""

    def routes(self, door: FrontDoor) -> FastAPI:
        """An app with this channel's routes and nothing else."""

    async def join(self, http: httpx.AsyncClient, user: str) -> None:
        """Whatever must happen before `user` can write."""

    async def send(self, user: str, number: int, text: str, choice: str = "") -> Answer:
        """Send `user`'s message with the provider's number `number`; `choice` is one that was offered."""

    async def send_unreadable(self, user: str, number: int) -> Answer:
        """Send what the channel cannot turn into words: a sticker, an empty message."""

    async def send_raw(self, user: str, body: bytes, *, secret: str | None) -> Answer:
        """Post `body` as it is, with this secret instead of the right one (None: with the right one)."""

    async def news(self, user: str, after: int) -> Sequence[Heard]:
        """Everything said to `user` after what had the id `after`."""


class ChannelContract:
    """The suite. Subclasses name their adapter."""

    make: ClassVar[Callable[[], Channel]]

    @pytest.fixture
    def door(self, sqlite_store: Store, know: Knowledge) -> FrontDoor:
        """A real house on SQLite; Rasa is down, the standby answers, and `CHOOSING` has two duties."""
        search = FakeSearch({CHOOSING: ["LIV-02", "CIT-01"], "垃圾桶满了": ["CIT-01"]})
        return front_door(sqlite_store, replace(know, search=search))

    @pytest.fixture
    async def channel(self, door: FrontDoor) -> AsyncIterator[Channel]:
        channel = type(self).make()
        transport = httpx.ASGITransport(channel.routes(door), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://jietong.test") as http:
            for user in ("a", "b"):
                await channel.join(http, user)
            yield channel

    # -- who may write -----------------------------------------------------------------------------------------

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": 1}', b"\xff\xfe", b"x" * 500_000])
    @pytest.mark.parametrize("secret", ["", "wrong"])
    async def test_the_secret_is_checked_before_anything_is_read(
        self, channel: Channel, door: FrontDoor, secret: str, body: bytes
    ) -> None:
        answer = await channel.send_raw("a", body, secret=secret)
        assert answer.status in (401, 403)
        assert not rows_of(door.store, MessageRow)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"id": []}', b"\xff\xfe", b'{"text": "\\ud800"}'])
    async def test_nonsense_is_refused_and_breaks_nothing(self, channel: Channel, door: FrontDoor, body: bytes) -> None:
        answer = await channel.send_raw("a", body, secret=None)
        assert 400 <= answer.status < 500
        assert not rows_of(door.store, MessageRow)
        assert (await channel.send("a", 1, "你好")).heard

    async def test_a_body_without_end_is_refused(self, channel: Channel, door: FrontDoor) -> None:
        answer = await channel.send_raw("a", b'{"text": "' + b"x" * 2_000_000 + b'"}', secret=None)
        assert 400 <= answer.status < 500
        assert not rows_of(door.store, MessageRow)

    # -- each message once -------------------------------------------------------------------------------------

    async def test_every_message_is_answered(self, channel: Channel) -> None:
        answer = await channel.send("a", 1, "你好")
        assert answer.status == 200
        assert all(answer.texts)

    async def test_a_retry_gets_the_same_answer_and_has_no_second_effect(
        self, channel: Channel, door: FrontDoor
    ) -> None:
        for number, text in enumerate((REPORT, PHONE, "对"), 1):
            first, again = await channel.send("a", number, text), await channel.send("a", number, text)
            assert first.heard
            assert again == first
        assert len(cases_of(door.store)) == 1
        assert len(rows_of(door.store, MessageRow)) == 3

    async def test_a_retry_while_the_first_is_still_at_work_is_the_same_message(
        self, channel: Channel, door: FrontDoor
    ) -> None:
        first, again = await asyncio.gather(channel.send("a", 1, REPORT), channel.send("a", 1, REPORT))
        assert again == first
        assert len(rows_of(door.store, MessageRow)) == 1

    async def test_messages_of_one_talk_are_answered_in_their_order(self, channel: Channel) -> None:
        _, second = await asyncio.gather(channel.send("a", 1, REPORT), channel.send("a", 2, PHONE))
        assert any(PHONE in text and "桂花园" in text for text in second.texts)

    # -- what can be sent --------------------------------------------------------------------------------------

    async def test_what_is_too_long_is_said_to_be_so(self, channel: Channel) -> None:
        answer = await channel.send("a", 1, "垃圾桶满了。" * 500)
        words = answer.texts or [answer.refusal]
        assert any("太长" in text for text in words)
        assert (await channel.send("a", 2, "你好")).heard

    async def test_what_cannot_be_read_is_answered_kindly(self, channel: Channel) -> None:
        answer = await channel.send_unreadable("a", 1)
        assert answer.status < 500
        assert has_han("".join(answer.texts) or answer.refusal)

    async def test_choices_can_be_taken(self, channel: Channel) -> None:
        asked = await channel.send("a", 1, CHOOSING)
        choices = asked.heard[-1].choices
        assert len(choices) >= 2
        label, choice = choices[0]
        told = await channel.send("a", 2, label, choice)
        assert any("LIV-02" in text or "CIT-01" in text for text in told.texts)

    # -- what comes back ---------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("text", "is_so"),
        [
            ("what about the bins", lambda said: not has_han(said.replace("街通", ""))),
            ("垃圾怎么办", has_han),
            ("請問垃圾點算呢", lambda said: has_han(said) and unfold(said) == said),
        ],
    )
    async def test_each_is_answered_in_their_own_language_and_script(
        self, channel: Channel, text: str, is_so: Callable[[str], bool]
    ) -> None:
        answer = await channel.send("a", 1, text)
        assert answer.heard
        assert all(is_so(said) for said in answer.texts)

    async def test_news_of_a_case_reach_the_resident_once_and_in_order(
        self, channel: Channel, door: FrontDoor, know: Knowledge
    ) -> None:
        for number, text in enumerate((REPORT, PHONE, "对"), 1):
            last = (await channel.send("a", number, text)).heard[-1].id
        desk = Desk(door.store, know.duty_list, know.words)
        number = cases_of(door.store)[0].number
        for state, note in ((State.ACCEPTED, "小王去看"), (State.IN_WORK, "车在路上")):
            desk.move(number, state, "staff", note, door.clock[0])
        news = await channel.news("a", last)
        assert ["小王去看" in news[0].text, "车在路上" in news[1].text] == [True, True]
        assert last < news[0].id < news[1].id
        assert await channel.news("a", news[1].id) == []

    async def test_nobody_sees_another_talk(self, channel: Channel, door: FrontDoor) -> None:
        for number, text in enumerate((REPORT, PHONE, "对"), 1):
            await channel.send("a", number, text)
        number = cases_of(door.store)[0].number
        same_id = await channel.send("b", 1, "你好")
        asked = await channel.send("b", 2, f"查一下 {number}")
        seen = [*same_id.texts, *asked.texts, *(each.text for each in await channel.news("b", 0))]
        assert same_id.heard
        assert not any(PHONE in text or "桂花园" in text for text in seen)


def heard(replies: Sequence[dict[str, Any]]) -> list[Heard]:
    """Replies as our own JSON channels show them."""
    return [
        Heard(reply["id"], reply["text"], [(button["label"], button["press"]) for button in reply["buttons"]])
        for reply in replies
    ]
