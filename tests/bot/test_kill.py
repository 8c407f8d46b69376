"""Killed at every step of filing a case and begun again: one case, every message answered once."""

import asyncio
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from actions.acts import Acts, Understood
from actions.dialogue.dialogue import Done
from actions.dialogue.scene import Knowledge
from actions.store.store import Store
from actions.store.tables import CaseRow, MessageRow, ReplyRow
from bot.nlu.turns import Rasa
from tests.bot.house import ActingRasa, DownRasa, front_door, messages
from tests.talk import rows_of

FILING = messages("垃圾桶满了没人收，在桂花园3号楼门口", "13800138000", "对")

RASAS: dict[str, Callable[[Acts], Rasa]] = {"rasa": lambda acts: ActingRasa(acts), "standby": lambda acts: DownRasa()}


class DiesIn(Acts):
    """Acts whose every action is one more step at which a process can die."""

    at: Callable[[str], None]

    def do(self, message_id: int, action: str, understood: Understood) -> Done:
        self.at(f"before_{action}")
        return super().do(message_id, action, understood)


Step = tuple[str, int]
"""A step's name, and the how-manieth of its name it is."""


def send(url: str, know: Knowledge, rasa: Callable[[Acts], Rasa], number: int, at: Callable[[Step], None]) -> None:
    """Send one message, telling `at` every step: the turn's own, each action, each commit that changes something."""
    seen: Counter[str] = Counter()

    def step(name: str) -> None:
        seen[name] += 1
        at((name, seen[name]))

    def acts_of(*args: Any) -> Acts:
        acts = DiesIn(*args)
        acts.at = step
        return acts

    def written(session: Session, _: Any) -> None:
        session.info["written"] = True

    def commit(session: Session) -> None:
        if session.info.get("written"):
            step("commit")

    store = Store(url)
    event.listen(Session, "after_flush", written)
    event.listen(Session, "before_commit", commit)
    try:
        door = front_door(store, know, rasa, at=step, acts_of=acts_of)
        asyncio.run(door.say(FILING[number], number))
    finally:
        event.remove(Session, "after_flush", written)
        event.remove(Session, "before_commit", commit)
        store.close()


def die_at(url: str, know: Knowledge, rasa: Callable[[Acts], Rasa], number: int, wanted: Step) -> None:
    """Send a message from a child process that is killed at the step `wanted`, by SIGKILL: no handler runs."""

    def at(step: Step) -> None:
        if step == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            send(url, know, rasa, number, at)
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"{wanted} was never reached"


def begin_again(store: Store, know: Knowledge, rasa: Callable[[Acts], Rasa]) -> dict[int, list[str]]:
    """What the next process does: finish what was left, then see every message once more from a provider that retries."""

    async def run() -> dict[int, list[str]]:
        door = front_door(store, know, rasa)
        await door.house.resume()
        return {number: await door.say(text, number) for number, text in FILING.items()}

    return asyncio.run(run())


def check_one_case(store: Store, answers: dict[int, list[str]]) -> None:
    (case,) = rows_of(store, CaseRow)
    assert case.contact["phone"] == "13800138000"
    assert case.number in answers[3][0]
    assert [row.status for row in rows_of(store, MessageRow)] == ["answered"] * 3
    replies = Counter(row.in_reply_to for row in rows_of(store, ReplyRow))
    assert sorted(replies) == [1, 2, 3]
    assert all(replies[number] == len(answers[number]) for number in FILING)
    assert not any("出了点问题" in text for texts in answers.values() for text in texts)


@pytest.mark.parametrize(
    ("number", "before", "after"),
    [(1, "rasa", "standby"), (3, "rasa", "rasa"), (3, "standby", "standby"), (3, "standby", "rasa")],
)
def test_killed_at_every_step_a_case_is_filed_once(
    number: int, before: str, after: str, migrated_sqlite: Path, tmp_path: Path, know: Knowledge
) -> None:
    talk = tmp_path / "talk.db"
    shutil.copy(migrated_sqlite, talk)
    for earlier in range(1, number):
        send(f"sqlite:///{talk}", know, RASAS[before], earlier, lambda step: None)
    steps: list[Step] = []
    dry = shutil.copy(talk, tmp_path / "dry.db")
    send(f"sqlite:///{dry}", know, RASAS[before], number, steps.append)
    assert {name for name, _ in steps} >= {"stored", "commit", "before_reply", "replied"}
    for place, wanted in enumerate(steps):
        url = f"sqlite:///{shutil.copy(talk, tmp_path / f'{place}.db')}"
        die_at(url, know, RASAS[before], number, wanted)
        store = Store(url)
        try:
            check_one_case(store, begin_again(store, know, RASAS[after]))
        finally:
            store.close()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "wanted", [("stored", 1), ("before_validate_case_form", 1), ("before_reply", 1), ("commit", 3)]
)
def test_killed_on_postgresql_a_case_is_filed_once(wanted: Step, postgres_store: Store, know: Knowledge) -> None:
    url = postgres_store.url
    for earlier in (1, 2):
        send(url, know, RASAS["standby"], earlier, lambda step: None)
    postgres_store.close()
    die_at(url, know, RASAS["standby"], 3, wanted)
    check_one_case(postgres_store, begin_again(postgres_store, know, RASAS["standby"]))
