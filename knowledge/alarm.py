"""Emergencies that no pattern foresees: a model of how people say that something is happening right now.

The patterns of `emergencies.yml` find what is said as it was foreseen; half of those who are frightened say it
otherwise. A logistic regression over words and the sentence's vector tells how likely a text is an emergency; a second
one, over the emergencies alone, tells of which kind. It learns from `emergency_sayings.yml`, and
from all that residents say of ordinary matters, which is not one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, RootModel

from knowledge.duty_list import DutyList
from knowledge.emergencies import Emergencies
from knowledge.schema import Line, Record
from knowledge.search import wording
from knowledge.search.wording import features
from nlu.sparse import Vocabulary, matrix
from nlu.text.script import fold
from nlu.vectors import StaticVectors, Vectors
from nlu.yaml_file import read_yaml

ORDINARY = "ordinary"
Encode = Callable[[Sequence[str]], Vectors]

_PLAIN_KIND = 0.85
"""From which probability on a kind is named: the wrong number costs minutes."""
_C, _RARE = 20.0, 3.0
"""One over the penalty; what an emergency weighs beside an ordinary sentence."""
FORMAT = "2"
"""Changes with what is kept in a file: an alarm of another format cannot be used."""


class Sayings(Record):
    """Sentences of one kind, in both languages."""

    zh: list[Line] = Field(min_length=1)
    en: list[Line] = Field(min_length=1)


class _File(RootModel[dict[str, Sayings]]):
    pass


def read_sayings(path: Path) -> list[tuple[str, str]]:
    """(sentence, kind) of a file; the kind of what is none is `ORDINARY`. Raises `pydantic.ValidationError`."""
    rows = _File.model_validate(read_yaml(path)).root
    return [(text, kind) for kind, said in rows.items() for text in (*said.zh, *said.en)]


@dataclass(frozen=True)
class Alarm:
    """Tells how likely a text is an emergency, and of which kind."""

    vocabulary: Vocabulary
    table: NDArray[np.float32]
    """[words and dimensions, 1 + kinds]: the first column tells whether, the others which."""
    bias: NDArray[np.float32]
    kinds: tuple[str, ...]

    @classmethod
    def fit(cls, rows: Sequence[tuple[str, str]], encode: Encode) -> Alarm:
        """Learn from (sentence, kind)."""
        from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]
        from sklearn.linear_model import LogisticRegression

        texts = [_plain(text) for text, _ in rows]
        kind = np.array([kind for _, kind in rows])
        cut = [list(features(text)) for text in texts]
        vocabulary = Vocabulary.of(cut)
        words = matrix([vocabulary.row(each) for each in cut], len(vocabulary.column))
        together = hstack([words, csr_matrix(encode(texts))]).tocsr()
        happening = kind != ORDINARY
        whether = LogisticRegression(C=_C, solver="liblinear", class_weight={False: 1.0, True: _RARE})
        whether.fit(together, happening)
        which = LogisticRegression(C=_C, max_iter=300).fit(together[happening], kind[happening])
        columns, offsets = which.coef_, which.intercept_
        if len(which.classes_) == 2:  # scikit-learn keeps one column for two classes
            columns, offsets = np.concatenate([-columns, columns]), np.concatenate([-offsets, offsets])
        table = np.concatenate([whether.coef_, columns]).T.astype(np.float32)
        bias = np.concatenate([whether.intercept_, offsets]).astype(np.float32)
        return cls(vocabulary, table, bias, tuple(map(str, which.classes_)))

    def judge(self, text: str, encode: Encode) -> tuple[float, str]:
        """(how likely it is one; its kind, or an empty string where that is not plain: then all numbers are named)."""
        plain = _plain(text)
        columns, values = self.vocabulary.row(features(plain))
        dense = encode([plain])[0] @ self.table[len(self.vocabulary.column) :]
        scores = values @ self.table[columns] + dense + self.bias
        which = np.exp(scores[1:] - scores[1:].max())
        best = int(which.argmax())
        kind = self.kinds[best] if which[best] >= _PLAIN_KIND * which.sum() else ""
        return float(1 / (1 + np.exp(-scores[0]))), kind

    def save(self, file: Path) -> None:
        """Write to `file`, all or nothing."""
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        with part.open("wb") as out:
            np.savez(
                out, words=json.dumps(list(self.vocabulary.column)), weight=self.vocabulary.weight, table=self.table,
                bias=self.bias, kinds=np.array(self.kinds),
            )  # fmt: skip
        part.replace(file)

    @classmethod
    def load(cls, file: Path) -> Alarm:
        """Read what `save` wrote."""
        with np.load(file) as kept:
            column = {word: at for at, word in enumerate(json.loads(str(kept["words"])))}
            return cls(
                Vocabulary(column, kept["weight"]), kept["table"], kept["bias"], tuple(map(str, kept["kinds"].tolist()))
            )


@dataclass(frozen=True)
class Lesson:
    """What an alarm learns from, and the file that keeps what was learned; another file for another lesson."""

    file: Path
    rows: Sequence[tuple[str, str]]

    @classmethod
    def of(
        cls,
        patterns: Emergencies,
        street: Path,
        duty_list: DutyList,
        ordinary: Iterable[str],
        encoder: StaticVectors | None,
        cache: Path,
    ) -> Lesson:
        """`ordinary` are sentences of talks that are no emergency, beside what the duty list's sayings give."""
        rows = read_sayings(street / "emergency_sayings.yml") + [(text, ORDINARY) for text in ordinary]
        for duty, sayings in duty_list.sayings.items():
            if duty not in patterns.mixed_duties:
                rows += [(text, ORDINARY) for text in (*sayings.zh, *sayings.en)]
        content = hashlib.sha256(f"{FORMAT} {encoder.digest if encoder else ''}\n".encode())
        content.update(Path(wording.__file__ or "").read_bytes())
        for text, kind in rows:
            content.update(f"{kind} {text}\n".encode())
        return cls(cache / f"alarm-{content.hexdigest()[:12]}.npz", rows)

    def learn(self, encoder: StaticVectors | None, progress: Callable[[str], None]) -> Alarm:
        """The alarm of this lesson: from its file, or learned now and kept there."""
        if self.file.exists():
            return Alarm.load(self.file)
        progress(f"emergencies: learning from {len(self.rows)} sentences")
        alarm = Alarm.fit(self.rows, _encode(encoder))
        alarm.save(self.file)
        return alarm


def with_alarm(patterns: Emergencies, alarm: Alarm, encoder: StaticVectors | None) -> Emergencies:
    """`patterns` with the model beside them."""
    encode = _encode(encoder)
    return replace(patterns, judge=lambda text: alarm.judge(text, encode))


def _encode(encoder: StaticVectors | None) -> Encode:
    return encoder.encode if encoder else _no_vectors


def _no_vectors(texts: Sequence[str]) -> Vectors:
    return np.zeros((len(texts), 1), dtype=np.float32)


def _plain(text: str) -> str:
    return re.sub(r"\d+", "0", fold(text).lower().replace("’", "'"))
