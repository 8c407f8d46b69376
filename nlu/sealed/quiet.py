"""Keeps residents' words out of every log of the Rasa process, at every level.

Rasa, its web server and its HTTP client put message texts, slots and whole action results into log lines and into
exceptions. So from the first turn on a line says where and what kind, never what: level, logger, function, line and
the exceptions' types. Before the first turn nobody has spoken yet, and start-up trouble is told in full.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_EVENT_KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_heard_a_resident = False


def hush() -> None:
    """From now on no line carries a text. The channel calls it before it reads its first message."""
    global _heard_a_resident
    _heard_a_resident = True


class _Masked(logging.Formatter):
    """A line without texts once a resident has spoken; our own lines never carry any and stay whole."""

    def format(self, record: logging.LogRecord) -> str:
        where = f"{record.levelname} {record.name} {record.funcName}:{record.lineno}"
        if not _heard_a_resident:
            return f"{where} {super().format(record)}"
        if record.name.startswith("nlu."):
            return f"{where} {record.getMessage()}"
        return " ".join([where, *_kinds(record.exc_info[1] if record.exc_info else None)])


def _kinds(error: BaseException | None) -> list[str]:
    """The types of an exception and of what caused it, the outermost first."""
    kinds = []
    while error is not None and len(kinds) < 5:
        kinds.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    return kinds


def _event_name_alone(_logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    """Rasa's structured events keep their name; all that they carry is dropped."""
    name = str(event.get("event", ""))
    return f"{method.upper()} {name if _EVENT_KEY.fullmatch(name) else '-'}"


def set_up(level: str) -> None:
    """Sends every log of this process through the mask, at ``level``, to standard error.

    Old libraries warn about themselves at every start; that is shown from INFO on.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Masked())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR if level in {"WARNING", "ERROR"} else level)
    logging.lastResort = handler
    structlog.configure(
        processors=[_event_name_alone],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
