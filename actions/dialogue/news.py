"""What a resident is told, unasked, when their case moves."""

from __future__ import annotations

from typing import Any

from actions.cases.case import Case, State
from actions.words import Words
from knowledge.duty_list import DutyList
from nlu.text.script import unfold


def news_of(case: Case, note: str, duty_list: DutyList, words: Words, language: str, script: str) -> str:
    """The news of a case in the resident's language and script; staff's own words are passed on as they are."""
    duty = duty_list.duties.get(case.duty)
    name = duty.name.in_(language) if duty else case.duty

    def say(key: str, **values: Any) -> str:
        text = words.say(key, language, **values)
        return unfold(text) if language == "zh" and script == "hant" else text

    lines = [say("news", number=case.number, name=name, state=words.say(f"state_{case.state}", language))]
    if note:
        lines.append(say("news_note", note="{note}").replace("{note}", note))
    if case.state is State.RESOLVED:
        lines.append(say("news_resolved"))
    return "\n".join(lines)
