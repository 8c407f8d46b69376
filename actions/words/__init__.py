"""Every word that residents see or hear, as data: `words.yml`, both languages side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from knowledge.schema import Record, Text
from nlu.text.script import has_han
from nlu.yaml_file import read_yaml

_FOLDER = Path(__file__).parent
_ASKING = re.compile(
    r"[那要等才能会来去吗呢啊呀吧嘛的了我你您他请问个这还得需办个一般大概到底还有可以给一，,。.!！?？、]"
)
"""Characters that carry no matter of their own."""


class Wording(Record):
    """One thing that we say. `spoken` is what is said on the telephone instead: at most two short sentences."""

    zh: str
    en: str
    spoken: Text | None = None


class Words:
    """The wordings by key, with `{field}`s to be filled in."""

    def __init__(self, wordings: Mapping[str, Wording]) -> None:
        self._wordings = wordings

    @classmethod
    def read(cls, path: Path = _FOLDER / "words.yml") -> Words:
        """The wordings of a file. Raises `pydantic.ValidationError` when a language is missing."""
        rows = read_yaml(path)
        return cls({key: Wording.model_validate(row) for key, row in rows.items()})

    def __iter__(self) -> Any:
        return iter(self._wordings.items())

    def say(self, key: str, language: str, *, spoken: bool = False, **values: Any) -> str:
        """The wording `key` in `language`, its fields filled; a `Text` value is put in the same language."""
        wording = self._wordings[key]
        if spoken and wording.spoken is not None:
            template = wording.spoken.in_(language)
        else:
            template = wording.en if language == "en" else wording.zh
        filled = {name: value.in_(language) if isinstance(value, Text) else value for name, value in values.items()}
        return template.format(**filled).strip()


class Aspects:
    """What about a duty a question asks for: materials, fee, limit …, recognised by the words of `aspects.yml`."""

    def __init__(self, patterns: Mapping[str, re.Pattern[str]]) -> None:
        self._patterns = patterns

    @classmethod
    def read(cls, path: Path = _FOLDER / "aspects.yml") -> Aspects:
        """The aspects of a file: a name and its words as regular expressions, in order of precedence."""
        rows = read_yaml(path)
        return cls({name: re.compile("|".join((*row["zh"], *row["en"])), re.I) for name, row in rows.items()})

    def of(self, text: str) -> list[str]:
        """The aspects that `text` asks for, in order of precedence."""
        return [name for name, pattern in self._patterns.items() if pattern.search(text)]

    def beside(self, text: str) -> str:
        """What `text` says beside asking for aspects: “老年证怎么办” → “老年证”."""
        for pattern in self._patterns.values():
            text = pattern.sub(" ", text)
        bare = _ASKING.sub("", text)
        return re.sub(r"\s+", "" if has_han(bare) else " ", bare).strip()
