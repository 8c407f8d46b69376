"""Every talk of this folder, with the standby in this process, and once more on a server with Rasa."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.dialogue.scene import Knowledge
from actions.store.store import Store
from bot.app import read_knowledge
from bot.cli.server import ServerChild
from bot.settings import read_settings
from nlu.intents import IntentModel, encoder_of, load_intents
from nlu.training import ensure_model
from tests.conftest import ROOT
from tests.conversations.runner import TUESDAY, Talk, play, read_talks
from tests.conversations.stages import InProcess, OnServer
from tests.nlu.conftest import RASA_PYTHON

TALKS = read_talks(Path(__file__).parent)
SHARED = [(topic, talk) for topic, talk in TALKS if not talk.needs_own_house]


def _named(talks: list[tuple[str, Talk]]) -> list[object]:
    return [pytest.param(talk, id=f"{topic}: {talk.name}") for topic, talk in talks]


@pytest.fixture(scope="session")
def know() -> Knowledge:
    settings = read_settings(ROOT, {})
    return read_knowledge(ROOT, settings)


@pytest.fixture(scope="session")
def intents() -> IntentModel:
    return load_intents(ROOT / "nlu/data/intents", ROOT / "var/index", encoder_of(ROOT))


@pytest.fixture(scope="module")
def server(know: Knowledge) -> Iterator[ServerChild]:
    ensure_model(ROOT, lambda line: None)  # what takes minutes the first time is done before the server is waited for
    # Talks follow each other without a pause here: what slows a flood has its own talk, in process.
    child = ServerChild(ROOT, env={"JIETONG_FLOOD": "1000"})
    try:
        child.start()
        yield child
    finally:
        child.stop()


@pytest.mark.timeout(600)  # the first one may have to build the search's index
@pytest.mark.parametrize("talk", _named(TALKS))
def test_talk(talk: Talk, know: Knowledge, intents: IntentModel, migrated_sqlite: Path, tmp_path: Path) -> None:
    file = shutil.copy(migrated_sqlite, tmp_path / "talk.db")
    with InProcess(f"sqlite:///{file}", know, intents, talk.clock or TUESDAY) as stage:
        play(talk, stage)


@pytest.mark.rasa
@pytest.mark.skipif(not RASA_PYTHON.exists(), reason="nlu/.venv is not installed")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("talk", _named(SHARED))
def test_talk_with_rasa(talk: Talk, server: ServerChild, know: Knowledge) -> None:
    store = Store(server.database)
    try:
        with OnServer(server, store, know, talk.name) as stage:
            play(talk, stage)
    finally:
        store.close()


def test_names_of_talks_are_unique() -> None:
    names = [talk.name for _, talk in TALKS]
    assert len(names) == len(set(names))
