"""What a handler works with: the message, the state, the ways out as Protocols, and a place to put its replies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from actions.cases.book import CaseBook
from actions.dialogue.heard import Heard, Hearing
from actions.dialogue.state import TalkState
from actions.words import Aspects, Words
from knowledge.duty_list import DutyList
from knowledge.emergencies import Emergencies, Emergency
from knowledge.listener import Listener
from knowledge.manners import Manners
from knowledge.places import Gazetteer
from knowledge.schema import Text
from knowledge.search.finding import Search
from nlu.text.script import unfold

_MEANING = {
    "file": "/affirm", "report": "/report_problem", "progress": "/check_progress", "human": "/ask_human", "materials": "/ask_duty",
    "steps": "/ask_duty", "none_of_these": "/deny", "no_contact": "/deny", "anonymous": "/deny", "person_instead": "/ask_human",
    "yes": "/affirm", "no": "/deny", "cancel": "/cancel", "no_number": "/deny", "urge": "/reopen_or_urge",
    "withdraw": "/affirm", "keep": "/deny", "next": "/affirm", "leave": "/deny",
}  # fmt: skip
"""The intent that a press of each button stands for, whatever its label is in the resident's language."""


@dataclass(frozen=True)
class Button:
    """A choice: its label, and the intent that a press means (“/affirm”), or the words that it says."""

    label: str
    say: str


@dataclass(frozen=True)
class Reply:
    """One reply in the resident's language and script."""

    text: str
    buttons: tuple[Button, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The reply as it is stored."""
        return {"text": self.text, "buttons": [{"label": b.label, "say": b.say} for b in self.buttons]}

    @classmethod
    def of_json(cls, body: dict[str, Any]) -> Reply:
        """The reply as it was stored."""
        return cls(body["text"], tuple(Button(**b) for b in body.get("buttons", ())))


@dataclass(frozen=True)
class Knowledge:
    """What the dialogue knows: the duty list and the ways to search it."""

    duty_list: DutyList
    search: Search
    gazetteer: Gazetteer
    listener: Listener
    manners: Manners
    emergencies: Emergencies
    words: Words
    aspects: Aspects

    def emergency_in(self, text: str, spoken: bool, *, told: bool = False) -> Emergency | None:
        """The emergency that a message tells of, even where the speaker took it back.

        Where one was `told` just before, what follows is about that one unless a pattern says that it is another.
        """
        find = self.emergencies.plainly if told else self.emergencies.find
        return next(filter(None, map(find, self.listener.whole(text, spoken))), None)


@dataclass
class Scene:
    """One handler's work on one message. `follow` names the action that comes next, if one does."""

    heard: Heard
    state: TalkState
    know: Knowledge
    cases: CaseBook
    replies: list[Reply] = field(default_factory=list)
    follow: str | None = None

    @property
    def duties(self) -> DutyList:
        """The duty list in force."""
        return self.know.duty_list

    def remember_opening(self) -> None:
        """Keep the words of this message, as they were heard: an accepted offer would file them."""
        self.state.opening = self.heard.text
        self.state.opening_others = list(self.heard.alternatives)
        self.state.opening_sureness = self.heard.sureness

    def opening(self) -> Hearing:
        """The words that an accepted offer files, as they were heard."""
        clean = self.know.listener.plain(self.state.opening, self.heard.spoken)
        return Hearing(clean, self.state.opening_others, self.state.opening_sureness)

    def words(self, key: str, **values: Any) -> str:
        """A wording in this message's language and script, ready to be shown."""
        heard = self.heard
        text = self.know.words.say(key, heard.language, spoken=heard.spoken, **values)
        return unfold(text) if heard.language == "zh" and heard.script == "hant" else text

    def put(self, text: Text) -> str:
        """A text of the duty list in this message's language and script."""
        shown = text.in_(self.heard.language)
        return unfold(shown) if self.heard.language == "zh" and self.heard.script == "hant" else shown

    def say(self, key: str, *, buttons: tuple[str | Button, ...] = (), **values: Any) -> None:
        """Reply with a wording. A button given by key has the wording `button_<key>` as label and as what it says."""
        made = tuple(self._button(b) if isinstance(b, str) else b for b in buttons)
        self.replies.append(Reply(self.words(key, **values), () if self.heard.spoken else made))

    def say_text(self, text: str, *, buttons: tuple[str | Button, ...] = ()) -> None:
        """Reply with a text that was put together from several wordings."""
        made = tuple(self._button(b) if isinstance(b, str) else b for b in buttons)
        self.replies.append(Reply(text, () if self.heard.spoken else made))

    def _button(self, key: str) -> Button:
        return Button(self.words(f"button_{key}"), _MEANING[key])
