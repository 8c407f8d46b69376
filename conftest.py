"""Says at the end of every test run what it could not test here, and how it could."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent


def left_out() -> dict[str, str]:
    """What cannot be tested on this machine, by marker: what it is and what would make it possible."""
    missing = {}
    if not os.environ.get("JIETONG_TEST_POSTGRES"):
        missing["postgres"] = "PostgreSQL (set JIETONG_TEST_POSTGRES)"
    if not os.environ.get("JIETONG_TEST_REDIS"):
        missing["redis"] = "Redis (set JIETONG_TEST_REDIS)"
    if not shutil.which("chromium"):
        missing["browser"] = "the web pages in a browser (install chromium)"
    if not (ROOT / "nlu" / ".venv" / "bin" / "python").exists():
        missing["rasa"] = "Rasa (make test installs it)"
    return missing


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    known = {line.partition(":")[0].strip() for line in config.getini("markers")}
    for marker, what in left_out().items():
        if marker in known:
            terminalreporter.write_line(f"Skipped: {what}")
