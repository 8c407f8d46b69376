"""Logs for operators: one line an event, never a resident's words, number or name."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_LONG_NUMBER = re.compile(r"\d(?:[\s-]{0,2}\d){6,}[Xx]?")
_LARGEST_COUNT = 10**9
"""A whole number above this is not a count or an id of ours: it may be a phone."""
_OURS = frozenset({"timestamp", "level", "where"})
"""Fields that we make ourselves and that hold no words of residents."""


def set_up_logs(level: str = "INFO") -> None:
    """Send our own and the libraries' log lines to standard error, masked."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_words,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutWords())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "alembic", "uvicorn.access", "jieba"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


class WithoutWords(logging.Formatter):
    """The libraries' lines, masked as our own are."""

    def format(self, record: logging.LogRecord) -> str:
        """One line: level, logger, message; of an exception its type and place."""
        if isinstance(record.args, tuple):
            record.args = tuple(masked(each) if isinstance(each, BaseException) else each for each in record.args)
        parts = [record.levelname, record.name, masked(record.getMessage())]
        if record.exc_info and record.exc_info[1] is not None:
            parts += _of_error(record.exc_info[1]).values()
        return " ".join(parts)


def without_words(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask long numbers, and keep of an exception only its type and where it came from, never its message."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    for key, value in event.items():
        if key not in _OURS:
            event[key] = masked(value)
    if isinstance(error, BaseException):
        event.update(_of_error(error))
    return event


def masked(value: Any) -> Any:
    """`value` on one line, with no number in it that could be a phone's or an identity card's."""
    if isinstance(value, str):
        return _LONG_NUMBER.sub("*", " ".join(value.splitlines()))
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST_COUNT else "*"
    if isinstance(value, Mapping):
        return {key: masked(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(each) for each in value]
    return value


def _of_error(error: BaseException) -> dict[str, str]:
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = (f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))
    return {"error": type(error).__name__, "where": " < ".join(places)}
