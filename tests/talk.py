"""Residents who talk to the actions in a test: real store, real actions, a search that knows what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import select

from actions.acts import Acts, Understood
from actions.cases.case import Case
from actions.dialogue.scene import Knowledge
from actions.dialogue.state import TalkState
from actions.store.case_book import SqlCaseBook
from actions.store.store import Store
from actions.store.tables import CaseRow
from actions.store.talks import Talks
from actions.words import Aspects, Words
from bot.standby import Standby, read_rules
from knowledge.duty_list import DutyList
from knowledge.emergencies import Emergencies, Emergency
from knowledge.listener import Listener
from knowledge.manners import Manner, Manners
from knowledge.places import Gazetteer
from knowledge.schema import Text
from knowledge.search.finding import Candidate, Finding, Outcome
from nlu.intents import IntentModel
from tests.conftest import ROOT

TUESDAY = datetime(2026, 11, 17, 2, 30, tzinfo=UTC)
"""An ordinary work day, 10:30 in Shanghai."""

RULES = read_rules(ROOT / "nlu/data/rules")


@dataclass
class FakeSearch:
    """Finds the duties it was told for the first known words inside a text, else nothing."""

    known: Mapping[str, Sequence[str]]
    asked: list[str] = field(default_factory=list)

    def find(self, text: str, alternatives: Sequence[str] = (), spoken: bool = False) -> Finding:
        self.asked.append(text)
        duties = next((duties for words, duties in self.known.items() if words in text), ())
        outcome = Outcome.PASS_ON if not duties else Outcome.ANSWER if len(duties) == 1 else Outcome.ASK
        share = 0.9 if len(duties) == 1 else 0.3
        return Finding(outcome, tuple(Candidate(duty, share) for duty in duties), "2026.1", 0.1)


class FakeEmergencies:
    """Knows fires, and that a drill is none."""

    unspecified = Emergency(
        key="unspecified",
        name=Text(zh="紧急情况", en="Emergency"),
        phones=["110"],
        advice=Text(zh="先到安全的地方。", en="Get to a safe place first."),
    )
    _fire = Emergency(
        key="fire",
        name=Text(zh="火灾", en="Fire"),
        phones=["119"],
        advice=Text(zh="马上离开，不要坐电梯。", en="Leave at once and do not take the lift."),
    )

    def find(self, text: str) -> Emergency | None:
        burns = any(word in text.lower() for word in ("着火", "起火", "fire"))
        return self._fire if burns and "演习" not in text else None

    def plainly(self, text: str) -> Emergency | None:
        return self.find(text)

    def perhaps(self, text: str) -> bool:
        return "不太对劲" in text


class FakeManners:
    """Knows one question: whether it is a machine that answers."""

    _robot = Manner(
        key="robot",
        asked=["机器人"],
        answer=Text(zh="我是自动应答，不是真人。", en="I am an automatic assistant."),
        spoken=Text(zh="我是自动应答。", en="I am a machine."),
    )

    def find(self, text: str) -> Manner | None:
        return self._robot if "机器人" in text or "robot" in text else None


def knowledge(duty_list: DutyList, known: Mapping[str, Sequence[str]]) -> Knowledge:
    """The default street, one manner, one emergency, and a search that finds `known`."""
    return Knowledge(
        duty_list=duty_list,
        search=FakeSearch(known),
        gazetteer=Gazetteer(duty_list),
        listener=Listener(duty_list),
        manners=cast(Manners, FakeManners()),
        emergencies=cast(Emergencies, FakeEmergencies()),
        words=Words.read(),
        aspects=Aspects.read(),
    )


class Talk:
    """One resident. `say` sends a message whose intent the test decides and returns the texts of the replies."""

    def __init__(self, store: Store, know: Knowledge, address: str = "resident", **always: Any) -> None:
        self._store, self._know, self._address, self._always = store, know, address, always
        self.now = TUESDAY
        self.talks = Talks(store)
        self.acts = Acts(store, lambda: self._know, lambda: self.now)
        self._standby = Standby(self.acts, RULES, IntentModel(None))
        self._count = 0
        self.id = 0
        self.buttons: dict[str, str] = {}

    def say(
        self, text: str, intent: str = "ask_duty", confidence: float = 0.9, sure: float | None = None, **payload: Any
    ) -> list[str]:
        """Send one message; `payload` may hold spoken, pin, photos, caller_phone, alternatives.

        `confidence` is that of the intent, `sure` the recogniser's.
        """
        self._count += 1
        message = self.talks.receive(
            "test",
            self._address,
            f"{self._address}-{self._count}",
            text,
            {**self._always, "confidence": sure, **payload},
            self.now,
        )
        self.id = message.talk_id
        understood = Understood(intent, confidence, "standby")
        self._standby.run(message, self.talks.state(self.id), understood, None)
        said = self.talks.finish(message.id, [], self.now)
        self.buttons = {button["label"]: button["say"] for each in said for button in each.body["buttons"]}
        return [each.body["text"] for each in said]

    def press(self, label: str) -> list[str]:
        """Press a button of the last replies."""
        meaning = self.buttons[label]
        return self.say(label, meaning.removeprefix("/"), 1.0)

    @property
    def state(self) -> TalkState:
        """What is remembered of this talk."""
        return TalkState.model_validate(self.talks.state(self.id))


def cases_of(store: Store) -> list[Case]:
    """Every case of the store, oldest first."""
    with store.transaction() as session:
        book = SqlCaseBook(session)
        numbers = session.scalars(select(CaseRow.number).order_by(CaseRow.id)).all()
        return [case for case in (book.by_number(number or "") for number in numbers) if case is not None]


def rows_of(store: Store, table: Any) -> list[Any]:
    """Every row of a table, oldest first."""
    with store.transaction() as session:
        return list(session.scalars(select(table).order_by(table.id)))
