"""The commands around it: what they refuse is one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from bot.cli.main import app
from bot.cli.run import CannotStart
from bot.evaluation.sets import SetBroken


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command sets up the logs of its process; here it is ours, and its output is gone afterwards."""
    yield
    structlog.reset_defaults()


def test_taking_a_worse_model_needs_a_reason() -> None:
    result = CliRunner().invoke(app, ["activate", "--anyway"])
    assert isinstance(result.exception, CannotStart)
    assert "--why" in str(result.exception)


def test_a_folder_without_sets_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["eval", "all", "--sets", str(tmp_path)])
    assert isinstance(result.exception, SetBroken)
    assert str(tmp_path) in str(result.exception)


@pytest.mark.parametrize("command", [["requests"], ["intents"]])
def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path, command: list[str]) -> None:
    result = CliRunner().invoke(app, ["eval", *command, str(tmp_path / "none.jsonl")])
    assert isinstance(result.exception, SetBroken)
