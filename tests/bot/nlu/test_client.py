"""Whatever goes wrong with Rasa comes out as RasaUnavailable, in time."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from bot.nlu.client import RasaClient
from bot.nlu.turns import DialogueState, Intent, Parsed, Rasa, RasaUnavailable, TurnResult

GREET = {"name": "greet", "confidence": 0.9}
TURN = {
    "intent": GREET,
    "ranking": [GREET, {"name": "thanks", "confidence": 0.1}],
    "actions": ["action_greet"],
    "failed": False,
    "state": {"active_loop": "case_form", "requested_slot": "place", "slots": {"matter": "m"}},
}

Answer = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class Address:
    def __init__(self, url: str | None = "http://127.0.0.1:5005/webhooks/jietong") -> None:
        self.url = url
        self.token = "token"


class Door:
    """Stands where Rasa would; answers what the test says."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: Answer = lambda _: httpx.Response(200, json=TURN)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answer(request)
        return answer if isinstance(answer, httpx.Response) else await answer


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def client(door: Door) -> AsyncIterator[RasaClient]:
    client = RasaClient(Address(), deadline=0.2, transport=httpx.MockTransport(door))
    yield client
    await client.aclose()


async def greet(rasa: Rasa, **more: Any) -> TurnResult:
    return await rasa.handle(
        conversation="c", message_id="m", text="你好", language="zh", state=DialogueState("f", "s", {"a": 1}), **more
    )


async def test_a_turn_carries_all_and_brings_all(client: RasaClient, door: Door) -> None:
    result = await greet(client, metadata={"channel": "web"}, intent="greet")
    assert result == TurnResult(
        intent=Intent("greet", 0.9),
        ranking=(Intent("greet", 0.9), Intent("thanks", 0.1)),
        actions=("action_greet",),
        failed=False,
        state=DialogueState("case_form", "place", {"matter": "m"}),
    )
    [request] = door.requests
    assert request.headers["x-jietong-token"] == "token"
    assert json.loads(request.content) == {
        "conversation": "c",
        "message_id": "m",
        "text": "你好",
        "language": "zh",
        "state": {"active_loop": "f", "requested_slot": "s", "slots": {"a": 1}},
        "metadata": {"channel": "web"},
        "intent": "greet",
    }


async def test_a_text_is_parsed(client: RasaClient, door: Door) -> None:
    assert await client.parse("你好") == Parsed(Intent("greet", 0.9), (Intent("greet", 0.9), Intent("thanks", 0.1)))
    assert door.requests[0].url.path == "/webhooks/jietong/parse"


async def test_rasa_that_is_not_ready_is_not_asked(door: Door) -> None:
    client = RasaClient(Address(url=None), transport=httpx.MockTransport(door))
    with pytest.raises(RasaUnavailable, match="not ready"):
        await greet(client)
    assert door.requests == []
    await client.aclose()


async def test_late_is_unavailable_at_the_deadline(client: RasaClient, door: Door) -> None:
    async def late(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(10)
        return httpx.Response(200, json=TURN)

    door.answer = late
    started = time.monotonic()
    with pytest.raises(RasaUnavailable, match=r"longer than 0\.2 s"):
        await greet(client)
    assert time.monotonic() - started < 1


def broken(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.mark.parametrize(
    "answer",
    [
        broken,
        lambda _: httpx.Response(500, json=TURN),
        lambda _: httpx.Response(401, json={"error": "token"}),
        lambda _: httpx.Response(200, content=b"<html>"),
        lambda _: httpx.Response(200, content=b"\xff\xfe"),
        lambda _: httpx.Response(200, json=[]),
        lambda _: httpx.Response(200, json={}),
        lambda _: httpx.Response(200, json={**TURN, "intent": "greet"}),
        lambda _: httpx.Response(200, json={**TURN, "intent": {"name": 1, "confidence": 1}}),
        lambda _: httpx.Response(200, json={**TURN, "state": None}),
        lambda _: httpx.Response(200, json={**TURN, "failed": "no"}),
    ],
)
async def test_any_other_trouble_is_unavailable(client: RasaClient, door: Door, answer: Answer) -> None:
    door.answer = answer
    with pytest.raises(RasaUnavailable):
        await greet(client)


async def test_trouble_never_repeats_the_resident_s_words(client: RasaClient, door: Door) -> None:
    door.answer = lambda request: httpx.Response(500, content=request.content)
    with pytest.raises(RasaUnavailable) as trouble:
        await greet(client)
    assert "你好" not in str(trouble.value)
