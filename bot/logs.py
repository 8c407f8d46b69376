"""Logs for operators: one line an event, never a resident's words, number or name."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

_DIGITS = re.compile(r"\d[\d\s-]{5,}\d")


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
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s", force=True)
    for noisy in ("httpx", "httpcore", "alembic", "uvicorn.access", "jieba"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


def without_words(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask long runs of digits, and keep of an exception only its type and where it came from, never its message."""
    if event.pop("exc_info", None):
        kind, _, trace = sys.exc_info()
        frames = traceback.extract_tb(trace)[-4:]
        event["error"] = kind.__name__ if kind else "unknown"
        event["where"] = " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))
    for key, value in event.items():
        if isinstance(value, str) and key not in ("timestamp", "where"):
            event[key] = _DIGITS.sub("*", value)
    return event
