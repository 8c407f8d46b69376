"""Asks Rasa, within a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from bot.nlu.turns import DialogueState, Intent, Parsed, RasaAddress, RasaUnavailable, TurnResult

TOKEN_HEADER = "x-jietong-token"  # noqa: S105 - the header's name


class RasaClient:
    """Rasa over HTTP. Everything that can go wrong comes out as RasaUnavailable, at the deadline at the latest.

    ``deadline`` is in seconds and covers a whole request, our own actions included. Close it with ``aclose``.
    """

    def __init__(
        self, address: RasaAddress, *, deadline: float = 6.0, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._address = address
        self._deadline = deadline
        self._http = httpx.AsyncClient(transport=transport, trust_env=False, timeout=deadline)

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
        """Runs one turn. With ``intent`` (a button was pressed) the text is not parsed."""
        body = await self._ask(
            "",
            {
                "conversation": conversation,
                "message_id": message_id,
                "text": text,
                "language": language,
                "state": {
                    "active_loop": state.active_loop,
                    "requested_slot": state.requested_slot,
                    "slots": dict(state.slots),
                },
                "metadata": dict(metadata or {}),
                "intent": intent,
            },
        )
        try:
            return _turn_result(body)
        except (KeyError, TypeError, ValueError) as error:
            raise RasaUnavailable("Rasa's answer cannot be read") from error

    async def parse(self, text: str) -> Parsed:
        """The intent of a text, without running anything."""
        body = await self._ask("/parse", {"text": text})
        try:
            return _parsed(body)
        except (KeyError, TypeError, ValueError) as error:
            raise RasaUnavailable("Rasa's answer cannot be read") from error

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        url = self._address.url
        if url is None:
            raise RasaUnavailable("Rasa is not ready")
        try:
            async with asyncio.timeout(self._deadline):
                response = await self._http.post(url + path, json=body, headers={TOKEN_HEADER: self._address.token})
            answer = response.json() if response.status_code == httpx.codes.OK else None
        except TimeoutError as error:
            raise RasaUnavailable(f"Rasa took longer than {self._deadline:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise RasaUnavailable(f"Rasa cannot be asked: {type(error).__name__}") from error
        if not isinstance(answer, dict):
            raise RasaUnavailable(f"Rasa answered {response.status_code}")
        return answer


def _intent(body: Mapping[str, Any]) -> Intent:
    name = body["name"]
    if name is not None and not isinstance(name, str):
        raise TypeError("an intent's name is text")
    return Intent(name, float(body["confidence"]))


def _parsed(body: Mapping[str, Any]) -> Parsed:
    return Parsed(_intent(body["intent"]), tuple(_intent(each) for each in body["ranking"]))


def _turn_result(body: Mapping[str, Any]) -> TurnResult:
    parsed, state = _parsed(body), body["state"]
    if not isinstance(body["failed"], bool):
        raise TypeError("failed is true or false")
    return TurnResult(
        intent=parsed.intent,
        ranking=parsed.ranking,
        actions=tuple(str(name) for name in body["actions"]),
        failed=body["failed"],
        state=DialogueState(state["active_loop"], state["requested_slot"], dict(state["slots"])),
    )
