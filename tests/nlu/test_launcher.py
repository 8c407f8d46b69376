"""The launcher refuses another Rasa, dies with its parent, and keeps residents' words out of the log."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nlu import launcher

ROOT = Path(__file__).resolve().parents[2]
WORDS = "我住在幸福路三号电话13800138000"


@pytest.mark.parametrize("version", ["3.6.20", "3.6.22", "3.7.0"])
def test_another_version_is_refused_in_one_sentence(
    version: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: version)
    assert launcher.main(["run", "--model", "m", "--port", "1"]) == 2
    said = capsys.readouterr().err
    assert version in said
    assert "3.6.21" in said
    assert said.count("\n") == 1


def test_a_missing_rasa_is_refused_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert launcher.main(["train", "--out", "m"]) == 2
    assert "not installed" in capsys.readouterr().err


PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
print(child.pid, flush=True)
time.sleep(60)
"""
CHILD = """
import sys, time
from nlu.sealed.orphan import die_with_parent
{before}
die_with_parent()
time.sleep(60)
"""


@pytest.mark.parametrize("before", ["", "sys.platform = 'elsewhere'"], ids=["told by Linux", "found by the poll"])
def test_the_child_dies_when_its_parent_is_killed(before: str) -> None:
    command = [sys.executable, "-c", PARENT, CHILD.format(before=before)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        time.sleep(0.5)
        assert is_alive(child)
        parent.send_signal(signal.SIGKILL)
    give_up = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not is_alive(child)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


LOGGING = f"""
import asyncio, logging, warnings
import structlog
from nlu.sealed import quiet
words = {WORDS!r}
quiet.set_up("DEBUG")
logging.getLogger("rasa.core").info("before anybody spoke")
quiet.hush()
for name in ("rasa.core.processor", "sanic.error", "asyncio", "aiohttp"):
    logging.getLogger(name).error("said %s", words)
logging.getLogger("rasa").warning(f"said {{words}}")
apart = logging.getLogger("sanic.access")
apart.propagate = False
apart.error(words)
try:
    try:
        raise ValueError(words)
    except ValueError as cause:
        raise RuntimeError(words) from cause
except RuntimeError:
    logging.getLogger("rasa.x").exception(words)
log = structlog.get_logger()
log.debug("processor.slots.log", slot_values=words)
log.warning(words, text=words)
warnings.warn(words)
logging.getLogger("nlu.sealed.turn").warning("action_x failed")
"""


def test_no_resident_s_words_reach_any_log_at_any_level() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOGGING], cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    said = done.stdout + done.stderr
    assert WORDS not in said
    assert "13800138000" not in said
    assert "before anybody spoke" in said
    assert "RuntimeError ValueError" in said
    assert "processor.slots.log" in said
    assert "action_x failed" in said
