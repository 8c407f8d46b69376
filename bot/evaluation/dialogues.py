"""Plays whole talks through the product and prints them with what came of them, for a reader to judge.

In a turn, square brackets mark what is not spoken or typed: `[photo: …]`, `[pin: where, label]`, `[caller B]`,
`[key 0]`; marks for what the product does not do yet are reported as skipped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from actions.store.desk import Desk
from bot.cli.server import ServerChild, TalkClient
from knowledge.places import Gazetteer
from knowledge.schema import Street

_MARK = re.compile(r"\[([a-z]+(?: [a-z]+)?)\s*:?\s*([^\]]*)\]")
_CALLER_PHONE = "13900000000"


@dataclass
class Turn:
    """What a turn sends: words, extras, who speaks, and the marks that were skipped."""

    text: str
    extra: dict[str, Any] = field(default_factory=dict)
    caller: str = "A"
    skipped: list[str] = field(default_factory=list)


def read_turn(user: str, street: Street, gazetteer: Gazetteer) -> Turn:
    """Take the bracketed marks out of a user turn."""
    turn = Turn(text=_MARK.sub(" ", user).strip())
    for name, value in _MARK.findall(user):
        if name == "photo":
            turn.extra["photos"] = turn.extra.get("photos", 0) + 1
        elif name == "pin":
            where, _, label = value.partition(",")
            known = gazetteer.find(where)
            lat, long = (known[0].lat, known[0].long) if known else (street.lat, street.long)
            turn.extra["pin"] = {"lat": lat, "long": long, "label": (label or where).strip()}
        elif name.startswith("caller"):
            turn.caller = (name.removeprefix("caller").strip() or value.strip()).upper() or "B"
        elif name == "key":
            turn.text, turn.extra["press"] = ("0", "/ask_human") if value.strip() == "0" else (value.strip(), "")
        else:
            turn.skipped.append(f"{name} {value}".strip())
    return turn


def play(
    dialogue: Mapping[str, Any], server: ServerChild, street: Street, gazetteer: Gazetteer
) -> list[dict[str, Any]]:
    """Play one dialogue's user turns; each with what was expected, what was replied and what was skipped."""
    spoken = dialogue.get("channel") == "voice"
    clients: dict[str, TalkClient] = {}
    played: list[dict[str, Any]] = []
    try:
        for row in dialogue["turns"]:
            turn = read_turn(row["user"], street, gazetteer)
            client = clients.setdefault(
                turn.caller, server.client(f"{dialogue['name']}-{turn.caller}"[:64], spoken=spoken)
            )
            replies: list[dict[str, Any]] = client.news()
            if turn.text or turn.extra:
                extra = {**turn.extra, **({"caller_phone": _CALLER_PHONE} if spoken else {})}
                replies += client.send(turn.text, **extra)
            played.append(
                {
                    "user": row["user"],
                    "expect": row.get("expect", ""),
                    "replies": [_shown(reply) for reply in replies],
                    "skipped": turn.skipped,
                }
            )
    finally:
        for client in clients.values():
            client.close()
    return played


def outcome(desk: Desk) -> dict[str, Any]:
    """Everything that exists at the end: cases with their history, requests for a person, alerts."""
    cases = []
    for case in desk.cases():
        row = asdict(case)
        row["contact"] = desk.contact(case.number)
        cases.append(row)
    return {
        "cases": cases,
        "waiting_for_a_person": [asdict(each) for each in desk.waiting()],
        "alerts": [asdict(each) for each in desk.alerts(ended=True)],
    }


def _shown(reply: Mapping[str, Any]) -> str:
    buttons: Sequence[Mapping[str, str]] = reply["buttons"]
    labels = " ".join(f"[{button['label']}]" for button in buttons)
    return f"{reply['text']}\n{labels}".strip()
