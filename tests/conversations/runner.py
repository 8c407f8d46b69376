"""Whole talks as tests: reads conversation files, plays them on a stage, and shows where a talk went wrong.

A file holds a list of talks. A talk:

    - name: a full bin, reported in one breath
      language: en               # zh (default), hant or en: what every reply must be in
      channel: chat              # or voice: a transcript in, short spoken replies out
      caller: "13900001234"      # voice: the number that the caller rings from
      clock: 2026-11-17T10:00:00+08:00   # a fixed clock; without one the talk also plays on a real server
      turns:
        - says: the bin by gate 2 of Wangjiang Garden is full
          hears: ["City Management", /CIT-\\d+/]   # each occurs in one of this turn's replies; /…/ is a pattern
          not: [undefined]
          buttons: [Stay unnamed]
          replies: 2
      cases: [{duty: CIT-01, place: /Wangjiang/}]  # all there are, oldest first; only the named fields are compared
      alerts: [{colour: red}]                      # likewise
      waiting: 1                                   # talks that wait for a person; 0 when not given
      silent: true                                 # nothing was said unasked

A voice turn may have `or`, a list of the recogniser's other hearings, and `sure`, its confidence.

`<number>` and `<code>` stand for a case number and its four digits: in `says` those of the talk's last case, in `hears`
any. Instead of `says`, a turn may `press` a button, send `photo: 1` or a `pin`, or be something that happens: `restart`,
`wait: 26h`, `staff: {move: in_work, note: …}`, `rasa: up|down|dies`, `again` (the provider repeats the last message).

Beside what a talk expects, every reply keeps the house's manners: each message is answered, in the talk's language and
script; what is spoken has at most two sentences a reply and one question a turn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from actions.cases.case import Case
from bot.messages import Outbound, Pin
from nlu.text.script import fold, has_han, unfold

SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 11, 17, 10, 0, tzinfo=SHANGHAI)
"""The clock of a talk that sets none: a working Tuesday, ten in the morning."""

Language = Literal["zh", "hant", "en"]
_PERIOD = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SENTENCES = re.compile(r"[。！？!?]+|\.(?=\s|$)")
_SAYS = ("says", "press", "photo", "pin")
_HAPPENS = ("restart", "wait", "staff", "rasa", "again")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Place(_Strict):
    """A shared place: a name of the gazetteer, or a point with its label."""

    place: str = ""
    lat: float = 0.0
    long: float = 0.0
    label: str = ""


class Staff(_Strict):
    """What staff do to a case: `case` is “last” or its position, counted from 1."""

    move: str = ""
    note: str = ""
    case: Literal["last"] | int = "last"


class Turn(_Strict):
    """One message or happening, and what is expected of it."""

    says: str | None = None
    heard_as: list[str] = Field(default_factory=list, alias="or")
    """A recogniser's other hearings of what was said."""
    sure: float | None = None
    """How sure the recogniser is of what it heard."""
    press: str = ""
    photo: int = 0
    pin: Place | None = None
    user: str = "A"
    times: int = Field(default=1, ge=1)
    """Sent so often within one second; what is expected counts for the last one."""
    restart: bool = False
    wait: str = ""
    staff: Staff | None = None
    rasa: Literal["", "up", "down", "dies"] = ""
    again: bool = False

    language: Language | None = None
    hears: list[str] = Field(default_factory=list)
    not_: list[str] = Field(default_factory=list, alias="not")
    buttons: list[str] = Field(default_factory=list)
    replies: int | None = None
    same_as: Literal["", "previous"] = ""

    @model_validator(mode="after")
    def _one_thing(self) -> Turn:
        happens = [name for name in _HAPPENS if getattr(self, name)]
        says = self.says is not None or self.press or self.photo or self.pin
        if bool(happens) == bool(says) or len(happens) > 1:
            raise ValueError(f"a turn is one message ({', '.join(_SAYS)}) or one happening ({', '.join(_HAPPENS)})")
        return self


class Talk(_Strict):
    """A whole conversation and what must have come of it."""

    name: str
    language: Language = "zh"
    channel: Literal["chat", "voice"] = "chat"
    caller: str = ""
    clock: datetime | None = None
    turns: list[Turn] = Field(min_length=1)
    cases: list[dict[str, Any]] = Field(default_factory=list)
    alerts: list[dict[str, Any]] = Field(default_factory=list)
    waiting: int = 0
    silent: bool = False

    @property
    def needs_own_house(self) -> bool:
        """Whether it moves the clock, Rasa or the whole house, which other talks on a server share."""
        apart = ("restart", "wait", "rasa")
        return self.clock is not None or any(
            turn.times > 1 or any(getattr(turn, n) for n in apart) for turn in self.turns
        )


@dataclass(frozen=True)
class Message:
    """What a resident sends. The same `id` again is a provider's retry."""

    user: str
    id: int
    text: str = ""
    press: str = ""
    photos: int = 0
    pin: Pin | None = None
    spoken: bool = False
    caller: str = ""
    alternatives: Sequence[str] = ()
    confidence: float | None = None


class Stage(Protocol):
    """Where a talk is played: a house in this process, or a server."""

    def send(self, message: Message) -> Sequence[Outbound]:
        """Send a message; the replies."""

    def news(self, user: str) -> Sequence[Outbound]:
        """What was said to `user` unasked since the last look."""

    def pin_of(self, place: str) -> Pin:
        """The point of a known place."""

    def cases(self) -> Sequence[tuple[Case, Mapping[str, Any]]]:
        """The cases of this talk with their contacts, oldest first."""

    def alerts(self) -> Sequence[Mapping[str, Any]]:
        """The alerts of this talk, oldest first: colour, kind and what belongs to it."""

    def waiting(self) -> int:
        """How many of this talk's residents wait for a person."""

    def staff(self, number: str, move: str, note: str) -> None:
        """Move a case on (`move` empty: only add a note)."""

    def wait(self, period: timedelta) -> None:
        """Let time pass."""

    def restart(self) -> None:
        """Build everything anew on the same database."""

    def rasa(self, change: str) -> None:
        """Rasa comes up, goes down, or dies in the middle of the next turn."""


class TalkFailed(AssertionError):
    """A talk went wrong; the message shows it like a script."""


def read_talks(folder: Path) -> list[tuple[str, Talk]]:
    """(file name without ending, talk) of every conversation file in `folder`."""
    talks = []
    for path in sorted(folder.glob("*.yml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            talks.append((path.stem, Talk.model_validate(row)))
    return talks


def play(talk: Talk, stage: Stage) -> None:
    """Play `talk` on `stage`. Raises `TalkFailed` at the first turn that is not as it should be."""
    _Play(talk, stage).run()


def fits(wanted: Any, found: Any) -> bool:
    """Whether a value is as wanted: /…/ is a pattern, a mapping names some of the keys, anything else is equal."""
    if isinstance(wanted, str) and len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return re.search(wanted[1:-1], str(found), re.I | re.S) is not None
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(fits(value, found.get(key)) for key, value in wanted.items())
    return bool(wanted == found)


def occurs(wanted: str, texts: Sequence[str]) -> bool:
    """Whether `wanted`, a string or a /pattern/, occurs in one of `texts`."""
    is_pattern = len(wanted) > 1 and wanted[0] == wanted[-1] == "/"
    pattern = wanted[1:-1] if is_pattern else re.escape(wanted)
    pattern = pattern.replace("<number>", r"\d{3}-\d{4}").replace("<code>", r"\d{4}")
    return any(re.search(pattern, text, (re.I | re.S) if is_pattern else 0) for text in texts)


@dataclass
class _Play:
    talk: Talk
    stage: Stage
    script: list[str] = field(default_factory=list)
    said: dict[str, Sequence[Outbound]] = field(default_factory=dict)
    """The last replies, by user."""
    sent: dict[str, Message] = field(default_factory=dict)
    count: int = 0
    unasked: int = 0

    def run(self) -> None:
        previous: Sequence[str] = ()
        for turn in self.talk.turns:
            replies = self._take(turn)
            texts = [reply.text for reply in replies]
            self.script += [f"    street: {_indented(reply)}" for reply in replies]
            self._check(turn, replies, previous)
            previous = texts
        self._check_end()

    def _take(self, turn: Turn) -> Sequence[Outbound]:
        if any(getattr(turn, name) for name in _HAPPENS if name != "again"):
            return self._happen(turn)
        message = self.sent[turn.user] if turn.again else self._message(turn)
        who = f"{turn.user}: " if turn.user != "A" else ""
        shown = (
            "(the provider sends it again)"
            if turn.again
            else message.text or f"({'photo' if message.photos else 'place'})"
        )
        self.script.append(f"  {who}» {shown}" + (f"  ×{turn.times}" if turn.times > 1 else ""))
        for _ in range(turn.times - 1):
            self.stage.send(message)
            message = self._message(turn)
        if not turn.again and turn.times == 1:
            self.stage.wait(timedelta(seconds=20))
        self.unasked += len(self.stage.news(turn.user))
        replies = self.stage.send(message)
        self.stage.news(turn.user)
        self.sent[turn.user], self.said[turn.user] = message, replies
        return replies

    def _happen(self, turn: Turn) -> Sequence[Outbound]:
        if turn.wait:
            self.script.append(f"  -- {turn.wait} go by")
            self.stage.wait(_period(turn.wait))
        if turn.restart:
            self.script.append("  -- everything is started anew")
            self.stage.restart()
        if turn.rasa:
            self.script.append(f"  -- Rasa: {turn.rasa}")
            self.stage.rasa(turn.rasa)
        if turn.staff:
            self.script.append(f"  -- staff: {turn.staff.move} {turn.staff.note}")
            cases = self.stage.cases()
            if not cases:
                raise self._failed("there is no case that staff could move")
            case, _ = cases[-1 if turn.staff.case == "last" else turn.staff.case - 1]
            self.stage.staff(case.number, turn.staff.move, turn.staff.note)
            news = self.stage.news(turn.user)
            self.unasked += len(news)
            return news
        return ()

    def _message(self, turn: Turn) -> Message:
        self.count += 1
        text, press = turn.says or "", ""
        if turn.press:
            buttons = [button for reply in self.said.get(turn.user, ())[-1:] for button in reply.buttons]
            chosen = next((button for button in buttons if button.label == turn.press), None)
            if chosen is None:
                offered = ", ".join(button.label for button in buttons) or "none"
                raise self._failed(f"no button “{turn.press}” in the last reply (offered: {offered})")
            text, press = chosen.label, chosen.press
        where = turn.pin
        pin = None
        if where:
            pin = self.stage.pin_of(where.place) if where.place else Pin(where.lat, where.long, where.label)
        if "<number>" in text or "<code>" in text:
            case = self._last_case()
            text = text.replace("<number>", case.number).replace("<code>", case.phone_tail)
        spoken = self.talk.channel == "voice"
        return Message(
            turn.user,
            self.count,
            text,
            press,
            turn.photo,
            pin,
            spoken,
            self.talk.caller if spoken else "",
            turn.heard_as,
            turn.sure,
        )

    def _last_case(self) -> Case:
        cases = self.stage.cases()
        if not cases:
            raise self._failed("there is no case whose number could be said")
        return cases[-1][0]

    # -- what must be so ---------------------------------------------------------------------------------------

    def _check(self, turn: Turn, replies: Sequence[Outbound], previous: Sequence[str]) -> None:
        texts = [reply.text for reply in replies]
        for wanted in turn.hears:
            if not occurs(wanted, texts):
                raise self._failed(f"not heard: {wanted}")
        for unwanted in turn.not_:
            if occurs(unwanted, texts):
                raise self._failed(f"heard, and must not be: {unwanted}")
        labels = {button.label for reply in replies for button in reply.buttons}
        for label in turn.buttons:
            if label not in labels:
                raise self._failed(f"no button “{label}” (there are: {', '.join(sorted(labels)) or 'none'})")
        if turn.replies is not None and len(texts) != turn.replies:
            raise self._failed(f"{len(texts)} replies and not {turn.replies}")
        if (turn.same_as or turn.again) and texts != list(previous):
            raise self._failed("not the same replies as before")
        is_message = turn.again or not any(getattr(turn, name) for name in _HAPPENS)
        if is_message and turn.replies is None and not texts:
            raise self._failed("no answer")
        for text in texts:
            self._check_language(text, turn.language or self.talk.language)
        if self.talk.channel == "voice" and is_message:
            self._check_spoken(texts)

    def _check_language(self, text: str, language: Language) -> None:
        without_quotes = re.sub(r"“[^”]*”|（[^）]*）", "", text)
        letters = len(re.findall(r"[A-Za-z\u3400-\u9fff]", without_quotes)) or 1
        han = len(re.findall(r"[\u3400-\u9fff]", without_quotes)) / letters
        if language == "en" and han > 0.3:
            raise self._failed("an answer in Chinese to somebody who writes English")
        if language != "en" and not has_han(text):
            raise self._failed("an answer without Chinese to somebody who writes Chinese")
        if language == "hant" and sum(a != b for a, b in zip(without_quotes, unfold(without_quotes), strict=False)) > 1:
            raise self._failed("Simplified characters for somebody who writes Traditional ones")
        if language == "zh" and fold(text) != text:
            raise self._failed("Traditional characters for somebody who writes Simplified ones")

    def _check_spoken(self, texts: Sequence[str]) -> None:
        for text in texts:
            sentences = [part for part in _SENTENCES.split(text) if part.strip(" ”\n")]
            if len(sentences) > 2 or "\n" in text:
                raise self._failed(f"more than two sentences in one spoken reply: {text}")
        questions = sum(len(re.findall(r"[？?]+", text)) for text in texts)
        if questions > 1:
            raise self._failed(f"{questions} questions in one spoken turn")

    def _check_end(self) -> None:
        talk = self.talk
        self.script.append("  -- the end")
        cases = [_case_fields(case, contact) for case, contact in self.stage.cases()]
        self._check_rows("case", talk.cases, cases)
        self._check_rows("alert", talk.alerts, list(self.stage.alerts()))
        waiting = self.stage.waiting()
        if waiting != talk.waiting:
            raise self._failed(f"{waiting} wait for a person and not {talk.waiting}")
        self.unasked += sum(len(self.stage.news(user)) for user in self.sent)
        if talk.silent and self.unasked:
            raise self._failed(f"{self.unasked} times something was said unasked")

    def _check_rows(self, what: str, wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> None:
        if len(wanted) != len(found):
            shown = "".join(f"\n      {dict(row)}" for row in found)
            raise self._failed(f"{len(found)} {what}s and not {len(wanted)}:{shown}")
        for number, (want, have) in enumerate(zip(wanted, found, strict=True), 1):
            for key, value in want.items():
                if key not in have:
                    raise self._failed(f"a {what} has no field “{key}” (it has: {', '.join(have)})")
                if not fits(value, have[key]):
                    raise self._failed(f"{what} {number}: {key} is {have[key]!r} and not {value!r}")

    def _failed(self, why: str) -> TalkFailed:
        return TalkFailed("\n".join([f"“{self.talk.name}”", *self.script, f"  ✗ {why}"]))


def _case_fields(case: Case, contact: Mapping[str, Any]) -> dict[str, Any]:
    history = [happening.kind for happening in case.history]
    return {
        "duty": case.duty, "office": case.office, "place": case.place, "what": case.what, "urgent": case.urgent,
        "anonymous": case.anonymous, "state": str(case.state), "language": case.language, "community": case.community,
        "phone": contact.get("phone", ""), "email": contact.get("email", ""), "wish": contact.get("wish", ""),
        "details": dict(case.details), "history": history, "tail": case.phone_tail,
        "notes": [happening.note for happening in case.history], "number": case.number,
    }  # fmt: skip


def _period(text: str) -> timedelta:
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise ValueError(f"not a period: {text!r} (26h, 3d, 10m, 30s)")
    return timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})


def _indented(reply: Outbound) -> str:
    buttons = "".join(f" [{button.label}]" for button in reply.buttons)
    return reply.text.replace("\n", "\n            ") + buttons
