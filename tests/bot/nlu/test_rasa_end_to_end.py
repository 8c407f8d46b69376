"""Supervisor, launcher, model and client together."""

import asyncio
import os
import signal

import pytest

from bot.nlu.client import RasaClient
from bot.nlu.process import Patience, RasaProcess, launcher_command
from bot.nlu.turns import DialogueState, RasaUnavailable
from nlu.training import ensure_model
from tests.nlu.conftest import RASA_PYTHON, ROOT
from tests.nlu.stub_actions import StubActions, slot

pytestmark = [pytest.mark.rasa, pytest.mark.skipif(not RASA_PYTHON.exists(), reason="nlu/.venv is not installed")]


async def test_a_talk_goes_on_where_it_was_after_rasa_was_killed() -> None:
    actions = StubActions()
    actions.answers["validate_case_form"] = [slot("requested_slot", "place")]
    command = launcher_command(ROOT, ensure_model(ROOT, print))
    process = RasaProcess(command, root=ROOT, actions_url=actions.url, patience=Patience(first_pause=0.1))
    client = RasaClient(process)

    async def say(state: DialogueState) -> DialogueState:
        turn = await client.handle(
            conversation="c", message_id="m", text="x", language="en", state=state, intent="report_problem"
        )
        assert not turn.failed
        return turn.state

    try:
        await process.start()
        assert await process.wait_ready(60)
        before = await say(DialogueState())
        assert before == DialogueState("case_form", "place", {})
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(RasaUnavailable):
            await say(before)
        async with asyncio.timeout(10):
            while process.starts < 2:  # noqa: ASYNC110 - a counter has no event
                await asyncio.sleep(0.05)
        assert await process.wait_ready(60)
        assert await say(before) == before
    finally:
        await client.aclose()
        await process.stop()
        actions.close()
