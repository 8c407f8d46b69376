"""A small intent model in our own process, for the minutes when Rasa is away: the same reviewed sentences, no server.

Character and word n-grams into a logistic regression (scikit-learn), trained in seconds from `nlu/data/intents/`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from nlu.text.script import fold
from nlu.text.segment import words_of

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


def load_intents(folder: Path, cache: Path) -> IntentModel:
    """The model for the sentences in `folder`, from `cache` when their content has not changed."""
    import joblib
    import sklearn

    digest = hashlib.sha256(f"features-1 sklearn-{sklearn.__version__}".encode())
    for path in sorted(folder.glob("*.yml")):
        digest.update(path.read_bytes())
    file = cache / f"intents-{digest.hexdigest()[:12]}.joblib"
    if file.exists():
        return IntentModel(joblib.load(file))
    model = train(list(read_examples(folder)))
    cache.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    joblib.dump(model.pipeline, part)
    part.replace(file)
    return model


def train(examples: list[tuple[str, str]]) -> IntentModel:
    """A model of (sentence, intent) pairs."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectorizer = TfidfVectorizer(analyzer=_features, sublinear_tf=True, min_df=1)
    pipeline = make_pipeline(vectorizer, LogisticRegression(C=20, max_iter=300, class_weight="balanced"))
    pipeline.fit([sentence for sentence, _ in examples], [intent for _, intent in examples])
    return IntentModel(pipeline)
