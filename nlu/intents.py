"""A small intent model in our own process, for the minutes when Rasa is away: the same reviewed sentences, no server.

N-grams and sentence vectors into a logistic regression, and the nearest sentences, trained in seconds from
`nlu/data/intents/`: what Rasa's pipeline does, in our own process.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from nlu.text.script import fold
from nlu.text.segment import words_of
from nlu.vectors import Nearest, StaticVectors, Vectors, softmax

_EXAMPLE = re.compile(r"^\s*-\s+(.*\S)\s*$", re.M)


def read_examples(folder: Path) -> Iterator[tuple[str, str]]:
    """(sentence, intent) of every Rasa training file in `folder`."""
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for sentence in _EXAMPLE.findall(block["examples"]):
                yield sentence, block["intent"]


def _features(text: str) -> list[str]:
    folded = fold(text).lower()
    tight = re.sub(r"\s+", " ", folded)
    grams = [tight[i : i + n] for n in (1, 2, 3) for i in range(len(tight) - n + 1)]
    words = words_of(folded)
    return grams + [f"w:{word}" for word in words] + [f"b:{a}_{b}" for a, b in pairwise(words)]


@dataclass(frozen=True)
class IntentModel:
    """Tells the intent of a sentence, with a probability."""

    pipeline: Any

    def classify(self, text: str) -> list[tuple[str, float]]:
        """Intents with probabilities, likeliest first."""
        probabilities = self.pipeline.predict_proba([text])[0]
        ranked = sorted(zip(self.pipeline.classes_, probabilities, strict=True), key=lambda pair: -pair[1])
        return [(str(name), float(p)) for name, p in ranked]


class Pipeline:
    """N-grams and, with an encoder, the sentence's vector and the nearest reviewed sentences; as Rasa's classifier."""

    C, DENSE_WEIGHT, LIKENESS = 10.0, 0.5, 5.0

    def __init__(self, encoder: StaticVectors | None) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._encoder = encoder
        self._ngrams = TfidfVectorizer(analyzer=_features, sublinear_tf=True, min_df=1 if encoder is None else 2)
        self._regression = LogisticRegression(C=self.C, max_iter=300, tol=1e-3, class_weight="balanced")

    @property
    def classes_(self) -> Sequence[str]:
        """The intents in the order of the probabilities."""
        return list(self._regression.classes_)

    def fit(self, sentences: Sequence[str], intents: Sequence[str]) -> Pipeline:
        """Learn from reviewed sentences."""
        self._ngrams.fit(sentences)
        vectors = self._vectors(sentences)
        self._regression.fit(self._together(sentences, vectors), intents)
        self._nearest = Nearest(vectors, intents)
        return self

    def predict_proba(self, sentences: Sequence[str]) -> Any:
        """One row of probabilities for each sentence."""
        vectors = self._vectors(sentences)
        scores = self._regression.predict_log_proba(self._together(sentences, vectors))
        return softmax(scores + self.LIKENESS * self._nearest.likeness(vectors))

    def _vectors(self, sentences: Sequence[str]) -> Vectors:
        if self._encoder is None:
            return np.zeros((len(sentences), 1), dtype=np.float32)
        return self._encoder.encode([fold(sentence) for sentence in sentences])

    def _together(self, sentences: Sequence[str], vectors: Vectors) -> Any:
        from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]

        return hstack([self._ngrams.transform(sentences), csr_matrix(vectors * self.DENSE_WEIGHT)]).tocsr()


def encoder_of(root: Path) -> StaticVectors | None:
    """The encoder that Rasa's pipeline in config.yml names, or None when it names none or its files are missing."""
    config = yaml.safe_load((root / "config.yml").read_text(encoding="utf-8"))
    folders = [root / part["model"] for part in config.get("pipeline") or [] if "model" in part]
    return next((StaticVectors(folder) for folder in folders if folder.is_dir()), None)


def load_intents(folder: Path, cache: Path, encoder: StaticVectors | None = None) -> IntentModel:
    """The model for the sentences in `folder`, from `cache` when neither they nor the encoder have changed."""
    import joblib
    import sklearn

    digest = hashlib.sha256(f"features-2 sklearn-{sklearn.__version__}".encode())
    for path in sorted(folder.glob("*.yml")):
        digest.update(path.read_bytes())
    if encoder is not None:
        digest.update(f"{encoder.folder.resolve()} {encoder.digest}".encode())
    file = cache / f"intents-{digest.hexdigest()[:12]}.joblib"
    if file.exists():
        return IntentModel(joblib.load(file))
    model = train(list(read_examples(folder)), encoder)
    cache.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    joblib.dump(model.pipeline, part)
    part.replace(file)
    return model


def train(examples: list[tuple[str, str]], encoder: StaticVectors | None = None) -> IntentModel:
    """A model of (sentence, intent) pairs."""
    return IntentModel(
        Pipeline(encoder).fit([sentence for sentence, _ in examples], [intent for _, intent in examples])
    )
