"""A small intent model in our own process, for the minutes when Rasa is away: the same reviewed sentences, no server.

N-grams and sentence vectors into a logistic regression, and the nearest sentences, trained in seconds from
`nlu/data/intents/`: what Rasa's pipeline does, in our own process.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nlu.sparse import Vocabulary, matrix
from nlu.text.script import fold
from nlu.text.segment import words_of
from nlu.vectors import Nearest, StaticVectors, Vectors, softmax
from nlu.yaml_file import read_yaml

FORMAT = "features-3"
"""Changes with how a sentence is cut into features: a kept model of another format cannot be used."""

_EXAMPLE = re.compile(r"^\s*-\s+(.*\S)\s*$", re.M)


def read_examples(folder: Path) -> Iterator[tuple[str, str]]:
    """(sentence, intent) of every Rasa training file in `folder`."""
    for path in sorted(folder.glob("*.yml")):
        for block in read_yaml(path)["nlu"]:
            for sentence in _EXAMPLE.findall(block["examples"]):
                yield sentence, block["intent"]


def _features(text: str) -> list[str]:
    folded = fold(text).lower()
    tight = re.sub(r"\s+", " ", folded)
    grams = [tight[i : i + n] for n in (1, 2, 3) for i in range(len(tight) - n + 1)]
    words = words_of(folded)
    return grams + [f"w:{word}" for word in words] + [f"b:{a}_{b}" for a, b in pairwise(words)]


class Chances(Protocol):
    """What an `IntentModel` asks for probabilities."""

    @property
    def classes_(self) -> Sequence[str]:
        """The intents in the order of the probabilities."""

    def predict_proba(self, sentences: list[str]) -> Sequence[Sequence[float]]:
        """One row of probabilities for each sentence, in the order of `classes_`."""


@dataclass(frozen=True)
class IntentModel:
    """Tells the intent of a sentence, with a probability."""

    pipeline: Chances

    def classify(self, text: str) -> list[tuple[str, float]]:
        """Intents with probabilities, likeliest first."""
        probabilities = self.pipeline.predict_proba([text])[0]
        ranked = sorted(zip(self.pipeline.classes_, probabilities, strict=True), key=lambda pair: -pair[1])
        return [(str(name), float(p)) for name, p in ranked]


@dataclass(frozen=True)
class Pipeline:
    """N-grams and, with an encoder, the sentence's vector and the nearest reviewed sentences; as Rasa's classifier.

    Learned with scikit-learn, used with numpy alone: a start does not wait for scikit-learn.
    """

    encoder: StaticVectors | None
    vocabulary: Vocabulary
    table: NDArray[np.float32]
    """[n-grams and dimensions, intents]: the regression's coefficients."""
    bias: NDArray[np.float32]
    vectors: Vectors
    """One for each reviewed sentence."""
    intents: tuple[str, ...]
    """The intent of each reviewed sentence."""

    C, DENSE_WEIGHT, LIKENESS = 10.0, 0.5, 5.0

    @classmethod
    def fit(cls, sentences: Sequence[str], intents: Sequence[str], encoder: StaticVectors | None) -> Pipeline:
        """Learn from reviewed sentences."""
        from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]
        from sklearn.linear_model import LogisticRegression

        features = [_features(sentence) for sentence in sentences]
        vocabulary = Vocabulary.of(features, 1 if encoder is None else 2)
        vectors = _vectors(encoder, sentences)
        ngrams = matrix([vocabulary.row(each) for each in features], len(vocabulary.column))
        together = hstack([ngrams, csr_matrix(vectors * cls.DENSE_WEIGHT)]).tocsr()
        model = LogisticRegression(C=cls.C, max_iter=300, tol=1e-3, class_weight="balanced").fit(together, intents)
        table, bias = model.coef_.T, model.intercept_
        if len(model.classes_) == 2:  # scikit-learn keeps one column for two classes
            table, bias = np.hstack([-table / 2, table / 2]), np.array([-bias[0] / 2, bias[0] / 2])
        return cls(
            encoder, vocabulary, table.astype(np.float32), bias.astype(np.float32), vectors, tuple(map(str, intents))
        )

    @cached_property
    def classes_(self) -> Sequence[str]:
        """The intents in the order of the probabilities."""
        return sorted(set(self.intents))

    @cached_property
    def _nearest(self) -> Nearest:
        return Nearest(self.vectors, self.intents)

    def predict_proba(self, sentences: list[str]) -> Any:
        """One row of probabilities for each sentence."""
        vectors = _vectors(self.encoder, sentences)
        scores = vectors * self.DENSE_WEIGHT @ self.table[len(self.vocabulary.column) :] + self.bias
        for row, sentence in zip(scores, sentences, strict=True):
            columns, values = self.vocabulary.row(_features(sentence))
            row += values @ self.table[columns]
        scores -= np.log(np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
        return softmax(scores + self.LIKENESS * self._nearest.likeness(vectors))

    def save(self, file: Path) -> None:
        """Write to `file`, all or nothing."""
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        with part.open("wb") as out:
            np.savez(
                out, words="\n".join(map(json.dumps, self.vocabulary.column)), weight=self.vocabulary.weight,
                table=self.table, bias=self.bias, vectors=self.vectors, intents=np.array(self.intents),
            )  # fmt: skip
        part.replace(file)

    @classmethod
    def load(cls, file: Path, encoder: StaticVectors | None) -> Pipeline:
        """Read what `save` wrote."""
        with np.load(file) as kept:
            column = {word: at for at, word in enumerate(map(json.loads, str(kept["words"]).split("\n")))}
            return cls(
                encoder, Vocabulary(column, kept["weight"]), kept["table"], kept["bias"], kept["vectors"],
                tuple(kept["intents"].tolist()),
            )  # fmt: skip


def _vectors(encoder: StaticVectors | None, sentences: Sequence[str]) -> Vectors:
    if encoder is None:
        return np.zeros((len(sentences), 1), dtype=np.float32)
    return encoder.encode([fold(sentence) for sentence in sentences])


def encoder_of(root: Path) -> StaticVectors | None:
    """The encoder that Rasa's pipeline in config.yml names, or None when it names none or its files are missing."""
    config = read_yaml(root / "config.yml")
    folders = [root / part["model"] for part in config.get("pipeline") or [] if "model" in part]
    return next((StaticVectors(folder) for folder in folders if folder.is_dir()), None)


def intents_file(folder: Path, cache: Path, encoder: StaticVectors | None = None) -> Path:
    """Where the model for the sentences in `folder` is kept: another file when they, or the encoder, have changed."""
    digest = hashlib.sha256(FORMAT.encode())
    for path in sorted(folder.glob("*.yml")):
        digest.update(path.read_bytes())
    if encoder is not None:
        digest.update(encoder.digest.encode())
    return cache / f"intents-{digest.hexdigest()[:12]}.npz"


def load_intents(folder: Path, cache: Path, encoder: StaticVectors | None = None) -> IntentModel:
    """The model for the sentences in `folder`, from `cache` when neither they nor the encoder have changed."""
    file = intents_file(folder, cache, encoder)
    if file.exists():
        return IntentModel(Pipeline.load(file, encoder))
    model = _fit(list(read_examples(folder)), encoder)
    model.save(file)
    return IntentModel(model)


def train(examples: list[tuple[str, str]], encoder: StaticVectors | None = None) -> IntentModel:
    """A model of (sentence, intent) pairs."""
    return IntentModel(_fit(examples, encoder))


def _fit(examples: Sequence[tuple[str, str]], encoder: StaticVectors | None) -> Pipeline:
    return Pipeline.fit([sentence for sentence, _ in examples], [intent for _, intent in examples], encoder)
