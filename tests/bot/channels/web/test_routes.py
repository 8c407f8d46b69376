"""What the web chat's paths promise."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.web.limits import Limits, Meter, Rate, client_of
from bot.channels.web.page import PROTECTION, PageWords
from bot.channels.web.routes import STATUS, web_routes
from bot.channels.web.wire import LARGEST
from bot.messages import Button, Pin
from tests.bot.channels.web.conftest import PHONE, TITLE, LiveServer, client_in, make_app
from tests.bot.channels.web.fake_door import FakeDoor

SESSION, MESSAGES, HISTORY, EVENTS = (f"/channels/web/{name}" for name in ("session", "messages", "history", "events"))


async def session(web: httpx.AsyncClient) -> dict[str, str]:
    """The header of a new session."""
    response = await web.post(SESSION)
    assert response.status_code == 201
    return {"Authorization": f"Bearer {response.json()['session']}"}


def message(text: str = "你好", **extra: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "text": text, **extra}


def assert_refused(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert error["code"] == code
    assert error["zh"] and error["en"] and error["zh"] != error["en"]
    assert set(error) == {"code", "zh", "en"}


# -- sessions


async def test_session_is_a_new_token_of_256_random_bits_each_time(web: httpx.AsyncClient) -> None:
    tokens = {(await web.post(SESSION)).json()["session"] for _ in range(10)}
    assert len(tokens) == 10
    assert all(len(token) * 6 >= 256 for token in tokens)


async def test_house_never_learns_the_token(
    web: httpx.AsyncClient, door: FakeDoor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    header = await session(web)
    token = header["Authorization"].split()[1]
    await web.post(MESSAGES, json=message(), headers=header)
    [inbound] = door.received
    assert inbound.channel == "web"
    assert len(inbound.address) == len(hashlib.sha256().hexdigest())
    assert token not in repr(inbound)
    assert token not in caplog.text


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer " + "A" * 64}, {"Authorization": "Basic x"}]
)
@pytest.mark.parametrize(("method", "path"), [("POST", MESSAGES), ("GET", HISTORY), ("GET", EVENTS)])
async def test_missing_or_unknown_token_is_refused(
    web: httpx.AsyncClient, method: str, path: str, header: dict[str, str]
) -> None:
    response = await web.request(method, path, headers=header, json=message() if method == "POST" else None)
    assert_refused(response, 401, "unauthorised")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_talk_survives_a_restart_with_another_key(door: FakeDoor) -> None:
    async with client_in(make_app(door)) as web:
        header = await session(web)
        await web.post(MESSAGES, json=message("路灯坏了"), headers=header)
    async with client_in(make_app(door)) as web:
        assert len((await web.get(HISTORY, headers=header)).json()["lines"]) == 2


async def test_token_without_a_talk_is_refused_when_the_key_is_another(door: FakeDoor) -> None:
    async with client_in(make_app(door)) as web:
        header = await session(web)
    async with client_in(make_app(door)) as web:
        assert_refused(await web.get(HISTORY, headers=header), 401, "unauthorised")


async def test_processes_that_share_a_key_know_one_anothers_sessions(door: FakeDoor) -> None:
    async with client_in(make_app(door, key=b"shared")) as one, client_in(make_app(door, key=b"shared")) as other:
        header = await session(one)
        assert (await other.get(HISTORY, headers=header)).json() == {"lines": []}


# -- messages


async def test_reply_has_id_text_buttons_and_time(web: httpx.AsyncClient) -> None:
    sent = message("路灯坏了")
    response = await web.post(MESSAGES, json=sent, headers=await session(web))
    [reply] = response.json()["replies"]
    assert isinstance(reply["id"], int)
    assert "【城市管理办公室】" in reply["text"]
    assert reply["buttons"][0] == {"label": "帮我报上去", "press": "/file_case"}
    assert datetime.fromisoformat(reply["at"]).tzinfo is not None
    assert reply["re"] == sent["id"]
    assert response.headers["cache-control"] == "no-store"


async def test_same_id_again_gets_the_same_answer_and_has_one_effect(web: httpx.AsyncClient, door: FakeDoor) -> None:
    header, sent = await session(web), message("路灯坏了")
    answers = [(await web.post(MESSAGES, json=sent, headers=header)).json() for _ in range(3)]
    together = await asyncio.gather(*(web.post(MESSAGES, json=sent, headers=header) for _ in range(3)))
    assert all(answer == answers[0] for answer in [*answers, *(each.json() for each in together)])
    assert len(door.received) == 1


async def test_nobody_can_fetch_anothers_answer_by_its_id(web: httpx.AsyncClient, door: FakeDoor) -> None:
    mine, yours = await session(web), await session(web)
    sent = message("我的秘密")
    await web.post(MESSAGES, json=sent, headers=mine)
    stolen = await web.post(MESSAGES, json={"id": sent["id"], "text": "x"}, headers=yours)
    assert "秘密" not in stolen.text
    assert len(door.received) == 2
    assert "秘密" not in (await web.get(HISTORY, headers=yours)).text


async def test_press_and_pin_and_language_reach_the_house(web: httpx.AsyncClient, door: FakeDoor) -> None:
    header = await session(web)
    await web.post(MESSAGES, json=message("帮我报上去", press="/file_case", language="zh"), headers=header)
    await web.post(MESSAGES, json=message("", pin={"lat": 30.25, "long": 110.25, "label": "东门"}), headers=header)
    pressed, placed = door.received
    assert (pressed.kind, pressed.press, pressed.text, pressed.language) == ("button", "/file_case", "帮我报上去", "zh")
    assert (placed.kind, placed.pin, placed.text) == ("place", Pin(30.25, 110.25, "东门"), "")


async def test_line_breaks_are_kept_and_nul_is_not(web: httpx.AsyncClient, door: FakeDoor) -> None:
    await web.post(MESSAGES, json=message("一\n二\0三"), headers=await session(web))
    assert door.received[0].text == "一\n二三"


@pytest.mark.parametrize("text", ["", " \n\t "])
async def test_empty_message_is_refused(web: httpx.AsyncClient, text: str) -> None:
    assert_refused(await web.post(MESSAGES, json=message(text), headers=await session(web)), 422, "empty")


async def test_4000_characters_are_taken_and_one_more_is_not(web: httpx.AsyncClient, door: FakeDoor) -> None:
    header = await session(web)
    assert (await web.post(MESSAGES, json=message("🏮" * 4000), headers=header)).status_code == 200
    assert_refused(await web.post(MESSAGES, json=message("字" * 4001), headers=header), 413, "too_long")
    assert len(door.received) == 1


@pytest.mark.parametrize("declared", [True, False])
async def test_too_large_a_body_is_refused_whether_declared_or_not(web: httpx.AsyncClient, declared: bool) -> None:
    body = b"x" * (LARGEST + 1)

    async def chunks() -> Any:
        yield body

    response = await web.post(MESSAGES, content=body if declared else chunks(), headers=await session(web))
    assert_refused(response, 413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'"x"', b'{"id": "1", "text": "x"}', b'{"text": "x"}',
        json.dumps(message() | {"text": 5}).encode(),
        json.dumps(message() | {"surprise": 1}).encode(),
        json.dumps(message("", pin={"lat": 91, "long": 0})).encode(),
        json.dumps(message("", pin={"lat": 0, "long": 1e999})).encode(),
        json.dumps(message("", press="x" * 501)).encode(),
        b'{"id": "%s", "text": "\\ud800"}' % str(uuid.uuid4()).encode(),
    ],
)  # fmt: skip
async def test_what_is_not_a_message_is_refused(web: httpx.AsyncClient, door: FakeDoor, body: bytes) -> None:
    assert_refused(await web.post(MESSAGES, content=body, headers=await session(web)), 422, "not_understood")
    assert door.received == []


async def test_broken_house_is_said_in_both_languages_with_the_telephone(
    web: httpx.AsyncClient, door: FakeDoor
) -> None:
    header = await session(web)
    door.broken = True
    response = await web.post(MESSAGES, json=message(), headers=header)
    assert_refused(response, 503, "broken")
    assert PHONE in response.json()["error"]["zh"]
    assert int(response.headers["retry-after"]) > 0


# -- limits


async def test_too_many_sessions_from_one_address_must_wait(door: FakeDoor) -> None:
    app = make_app(door, limits=Limits(sessions=Rate(3, 600)))
    async with client_in(app) as web, client_in(app, "192.0.2.2") as neighbour:
        for _ in range(3):
            await session(web)
        response = await web.post(SESSION)
        assert_refused(response, 429, "too_many")
        assert 0 < int(response.headers["retry-after"]) <= 200
        await session(neighbour)


async def test_too_many_messages_from_one_address_must_wait(door: FakeDoor) -> None:
    async with client_in(make_app(door, limits=Limits(messages=Rate(2, 60)))) as web:
        header = await session(web)
        answers = [await web.post(MESSAGES, json=message(), headers=header) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 30
        assert len(door.received) == 2


def test_after_the_wait_one_more_is_taken() -> None:
    now = [datetime(2026, 11, 23, tzinfo=UTC)]
    meter = Meter(Rate(2, 60), lambda: now[0])
    assert [meter.take("a"), meter.take("a")] == [0, 0]
    wait = meter.take("a")
    assert wait == 30
    now[0] += timedelta(seconds=wait)
    assert meter.take("a") == 0


def test_an_ipv6_subscriber_is_one_client() -> None:
    assert client_of("2001:db8::1") == client_of("2001:db8::ffff:2") != client_of("2001:db8:0:1::1")
    assert client_of("192.0.2.1") != client_of("192.0.2.2")
    assert client_of(None) == "unknown"


# -- history and events


async def test_history_is_both_sides_of_the_talk(web: httpx.AsyncClient) -> None:
    header, sent = await session(web), message("路灯坏了")
    [reply] = (await web.post(MESSAGES, json=sent, headers=header)).json()["replies"]
    mine, ours = (await web.get(HISTORY, headers=header)).json()["lines"]
    assert (mine["who"], mine["id"], mine["text"]) == ("resident", sent["id"], "路灯坏了")
    assert (ours["who"], ours["id"], ours["buttons"]) == ("us", reply["id"], reply["buttons"])


def frames(body: str) -> list[tuple[str, dict[str, Any]]]:
    """The id and data of every frame."""
    found = [block.split("\n") for block in body.split("\n\n") if block.startswith("id: ")]
    return [(first.removeprefix("id: "), json.loads(second.removeprefix("data: "))) for first, second in found]


async def stream_for(web: httpx.AsyncClient, stopping: asyncio.Event, seconds: float, **request: Any) -> httpx.Response:
    """Listen until the server stops after `seconds`."""
    asyncio.get_running_loop().call_later(seconds, stopping.set)
    return await web.get(EVENTS, **request)


@pytest.mark.parametrize("by_header", [True, False])
async def test_events_go_on_after_the_last_one_that_was_heard(door: FakeDoor, by_header: bool) -> None:
    stopping = asyncio.Event()
    async with client_in(make_app(door, stopping=stopping)) as web:
        header = await session(web)
        [reply] = (await web.post(MESSAGES, json=message(), headers=header)).json()["replies"]
        door.say("第一条")
        news = door.say("第二条", (Button("好", "/affirm"),))
        after = str(reply["id"])
        resume: dict[str, Any] = (
            {"headers": header | {"Last-Event-ID": after}}
            if by_header
            else {"headers": header, "params": {"after": after}}
        )
        response = await stream_for(web, stopping, 0.05, **resume)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert [data["text"] for _, data in frames(response.text)] == ["第一条", "第二条"]
    last_id, last = frames(response.text)[-1]
    assert last_id == str(news.id) == str(last["id"])
    assert last["buttons"] == [{"label": "好", "press": "/affirm"}]
    assert last["re"] is None


async def test_replies_come_on_the_stream_with_the_pages_own_id(door: FakeDoor) -> None:
    stopping = asyncio.Event()
    async with client_in(make_app(door, stopping=stopping)) as web:
        header, sent = await session(web), message()
        await web.post(MESSAGES, json=sent, headers=header)
        response = await stream_for(web, stopping, 0.05, headers=header)
    [(_, data)] = frames(response.text)
    assert data["re"] == sent["id"]


async def test_news_during_the_stream_come_at_once_and_silence_has_heartbeats(door: FakeDoor) -> None:
    stopping = asyncio.Event()
    async with client_in(make_app(door, stopping=stopping, heartbeat=0.02)) as web:
        header = await session(web)
        await web.post(MESSAGES, json=message(), headers=header)
        asyncio.get_running_loop().call_later(0.1, door.say, "修好了")
        response = await stream_for(web, stopping, 0.3, headers=header)
    assert [data["text"] for _, data in frames(response.text)] == ["收到：你好", "修好了"]
    assert response.text.count(": still here\n\n") >= 3


async def test_others_see_nothing_on_their_stream(door: FakeDoor) -> None:
    stopping = asyncio.Event()
    async with client_in(make_app(door, stopping=stopping)) as web:
        await web.post(MESSAGES, json=message("秘密"), headers=await session(web))
        response = await stream_for(web, stopping, 0.05, headers=await session(web))
    assert frames(response.text) == []


@pytest.mark.parametrize("after", ["-1", "x", "1" * 19, "²"])
async def test_a_last_event_that_is_no_number_is_refused(web: httpx.AsyncClient, after: str) -> None:
    header = await session(web)
    assert_refused(await web.get(EVENTS, headers=header, params={"after": after}), 422, "not_understood")


async def test_what_the_page_says_it_has_is_delivered(web: httpx.AsyncClient, door: FakeDoor) -> None:
    header = await session(web)
    [reply] = (await web.post(MESSAGES, json=message(), headers=header)).json()["replies"]
    [talk] = door.talks.values()
    assert talk.delivered == 0
    await web.post(MESSAGES, json=message(), headers=header | {"Last-Event-ID": str(reply["id"])})
    assert talk.delivered == reply["id"]


async def test_what_went_out_before_a_heartbeat_is_delivered(door: FakeDoor) -> None:
    stopping = asyncio.Event()
    async with client_in(make_app(door, stopping=stopping, heartbeat=0.02)) as web:
        header = await session(web)
        [reply] = (await web.post(MESSAGES, json=message(), headers=header)).json()["replies"]
        await stream_for(web, stopping, 0.2, headers=header)
    [talk] = door.talks.values()
    assert talk.delivered == reply["id"]


async def test_too_many_open_streams_from_one_address_must_wait(door: FakeDoor) -> None:
    stopping = asyncio.Event()
    async with client_in(make_app(door, stopping=stopping, limits=Limits(streams=1))) as web:
        header = await session(web)
        first = asyncio.create_task(web.get(EVENTS, headers=header))
        await asyncio.sleep(0.05)
        assert_refused(await web.get(EVENTS, headers=header), 429, "too_many")
        stopping.set()
        assert (await first).status_code == 200


def test_server_stops_at_once_although_streams_are_open(live: LiveServer) -> None:
    with httpx.Client(base_url=live.url, trust_env=False) as web:
        header = {"Authorization": f"Bearer {web.post(SESSION).json()['session']}"}
        with web.stream("GET", EVENTS, headers=header) as stream:
            lines = stream.iter_lines()
            assert next(lines) == ": here"
            assert live.stop(patience=3), "the server waited for the stream"
            list(lines)  # ends without an error


# -- the page


async def test_page_is_its_own_files_only_and_has_nothing_inline(web: httpx.AsyncClient) -> None:
    page = (await web.get("/")).text
    assert '<script type="module" src="chat/jietong-chat.js?v=' in page
    assert page.count("<script") == 1
    assert "<style" not in page and " style=" not in page and " on" + "click" not in page
    assert "https://" not in page
    assert "梧桐街道办事处" in page and TITLE.en in page
    noscript = page.split("<noscript>")[1]
    assert f'<a href="tel:55501000">{PHONE}</a>' in noscript
    assert all(f"tel:{number}" in page for number in ("110", "119", "120"))


@pytest.mark.parametrize("path", ["/", "/chat/jietong-chat.js", "/chat/words.json", HISTORY])
async def test_every_answer_is_protected_and_sets_no_cookie(web: httpx.AsyncClient, path: str) -> None:
    headers = (await web.get(path)).headers
    assert {name: headers[name] for name in PROTECTION} == PROTECTION
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    assert "geolocation=(self), microphone=(self)" in headers["permissions-policy"]
    assert "set-cookie" not in headers


async def test_files_are_kept_for_good_by_version_and_asked_for_again_without(web: httpx.AsyncClient) -> None:
    page = (await web.get("/")).text
    version = page.split("jietong-chat.js?v=")[1].split('"')[0]
    kept = await web.get("/chat/jietong-chat.js", params={"v": version})
    assert "immutable" in kept.headers["cache-control"]
    assert (await web.get("/chat/jietong-chat.js", params={"v": "old"})).headers["cache-control"] == "no-cache"
    again = await web.get("/chat/jietong-chat.js", headers={"If-None-Match": kept.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_component_is_smaller_than_25_kb_and_never_puts_in_html(web: httpx.AsyncClient) -> None:
    script = (await web.get("/chat/jietong-chat.js")).content
    assert len(script) < 25_000
    assert not any(way in script for way in (b"innerHTML", b"insertAdjacentHTML", b"document.write", b"eval("))


async def test_words_have_both_languages_and_the_streets_own_name(web: httpx.AsyncClient) -> None:
    words = (await web.get("/chat/words.json")).json()
    assert words["phone"] == PHONE
    assert words["interface"]["title"] == {"zh": TITLE.zh, "en": TITLE.en}
    texts = [*words["interface"].values(), *words["starters"]]
    assert all(set(text) == {"zh", "en"} and all(text.values()) for text in texts)
    assert not any(field in str(texts) for field in ("{title}", "{phone}"))


async def test_a_title_cannot_break_out_of_the_page(door: FakeDoor) -> None:
    app = FastAPI()
    app.include_router(web_routes(door, TITLE.model_copy(update={"zh": "<script>&"}), PHONE))
    async with client_in(app) as web:
        assert "&lt;script&gt;&amp;" in (await web.get("/")).text


def test_every_refusal_has_words() -> None:
    assert set(PageWords.read(TITLE, PHONE).errors) == set(STATUS)
