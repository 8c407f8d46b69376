"""What the search learns from: every text of the duty list that says, in any words, which duty is meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.duty_list import DutyList
from knowledge.search.wording import is_record, plain
from nlu.text.script import Language, language_of
from nlu.yaml_file import read_yaml

NOTHING_FILE = Path(__file__).with_name("nothing.yml")


class Source(StrEnum):
    """Where an example stands in the data."""

    SAYING = "saying"
    NEAR = "near"
    NAME = "name"
    COVER = "cover"
    EXCLUSION = "exclusion"
    NOTHING = "nothing"
    """Fits no duty; its `duty` is one past the last."""


@dataclass(frozen=True)
class Example:
    """A plain text and the position of its duty in the list's order."""

    text: str
    duty: int
    source: Source
    language: Language
    record: bool = False
    """Whether it reads like a hotline's record."""


def examples_of(duty_list: DutyList) -> list[Example]:
    """All examples of a list: sayings, near misses (under the duty they belong to), names, covers, exclusions."""
    position = {duty_id: at for at, duty_id in enumerate(duty_list.duties)}
    out: list[Example] = []
    for text, duty, source in raw_examples(duty_list):
        bare = plain(text)
        if bare and duty in position:
            out.append(Example(bare, position[duty], source, language_of(bare), is_record(text)))
    return out


def nothing_examples(duties: int) -> list[Example]:
    """Texts that fit no duty of any street, under the position one past the last duty."""
    rows = read_yaml(NOTHING_FILE)
    return [
        Example(plain(text), duties, Source.NOTHING, "en" if language == "en" else "zh")
        for language in ("zh", "en")
        for text in rows[language]
    ]


def raw_examples(duty_list: DutyList) -> Iterator[tuple[str, str, Source]]:
    """Every text of a list as it is written, with the duty it belongs to and where it stands."""
    for duty_id, duty in duty_list.duties.items():
        sayings = duty_list.sayings[duty_id]
        for text in (*sayings.zh, *sayings.en):
            yield text, duty_id, Source.SAYING
        for near in sayings.near:
            yield near.text, near.duty, Source.NEAR
        for language in ("zh", "en"):
            yield duty.name.in_(language), duty_id, Source.NAME
            for cover in duty.covers:
                yield cover.in_(language), duty_id, Source.COVER
            for exclusion in duty.excludes:
                yield exclusion.what.in_(language), exclusion.see, Source.EXCLUSION
