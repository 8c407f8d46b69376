"""What operators read: never a resident's words, number or name."""

import logging
import sys
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from bot.logs import set_up_logs

SAID = "王芳住桂花园3号楼402"
PHONES = ["13800138000", "138 0013 8000", "138-0013-8000", "110105194912310021", "11010519491231002X", "0717-5550 1234"]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """Standard error as operators read it."""
    error = StringIO()
    monkeypatch.setattr(sys, "stderr", error)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    set_up_logs("INFO")
    yield error
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def fail() -> None:
    raise ValueError(f"cannot file: {SAID} 13800138000")


@pytest.mark.parametrize("number", PHONES)
def test_a_number_never_reaches_the_log(logged: StringIO, number: str) -> None:
    log = structlog.get_logger("test")
    log.info("case_filed", phone=number, message=7, all=[number], deep={"contact": {"phone": number}})
    log.warning(f"could not ring {number}")
    logging.getLogger("library").warning("could not ring %s", number)
    text = logged.getvalue()
    assert "case_filed" in text and "message=7" in text and "could not ring" in text
    assert number not in text and number[:11] not in text


def test_a_number_given_as_a_number_never_reaches_the_log(logged: StringIO) -> None:
    structlog.get_logger("test").info("case_filed", phone=13800138000)
    assert "13800138000" not in logged.getvalue()


def test_the_words_in_an_exception_never_reach_the_log(logged: StringIO) -> None:
    try:
        fail()
    except ValueError:
        structlog.get_logger("test").exception("turn_failed", message=7)
        logging.getLogger("library").exception("it failed")
    text = logged.getvalue()
    assert SAID not in text and "13800138000" not in text
    assert text.count("ValueError") == 2 and text.count("test_logs.py:") >= 2


def test_an_exception_handed_over_is_masked_too(logged: StringIO) -> None:
    error = ValueError(SAID)
    structlog.get_logger("test").error("turn_failed", exc_info=error)
    logging.getLogger("library").error("failed", exc_info=error)
    text = logged.getvalue()
    assert SAID not in text and text.count("ValueError") == 2


def test_an_exception_as_a_value_is_masked_too(logged: StringIO) -> None:
    structlog.get_logger("test").warning("turn_failed", error=ValueError(SAID))
    logging.getLogger("library").warning("failed: %s", ValueError("13800138000"))
    text = logged.getvalue()
    assert SAID not in text and "13800138000" not in text


def test_one_event_is_one_line(logged: StringIO) -> None:
    structlog.get_logger("test").info("two\nlines", why="a\nb")
    try:
        fail()
    except ValueError:
        logging.getLogger("library").exception("first\nsecond")
    assert len(logged.getvalue().strip().splitlines()) == 2


def test_libraries_that_chatter_are_quiet(logged: StringIO) -> None:
    logging.getLogger("httpx").warning("GET /?text=x")
    assert logged.getvalue() == ""


def test_the_level_is_kept(logged: StringIO) -> None:
    set_up_logs("ERROR")
    structlog.get_logger("test").info("hello")
    assert logged.getvalue() == ""
