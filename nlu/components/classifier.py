"""Rasa's logistic regression with what its own lacks: rare words count more, and alike sentences speak too."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfTransformer

from nlu.vectors import Nearest, Vectors, softmax


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WeightedClassifier(LogisticRegressionClassifier):
    """Scores by tf-idf of the counts and by the sentence's vector, plus how alike the nearest sentences are.

    `C` is one over the penalty, `dense_weight` the vector's length beside the counts' length of one, `likeness` what
    a cosine of one adds to an intent's score.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's settings and the three of ours, as cross-validation found them (`nlu/bench_intents.py`)."""
        ours = {"C": 10.0, "dense_weight": 0.5, "likeness": 5.0}
        return {**LogisticRegressionClassifier.get_default_config(), **ours}

    def __init__(self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, name, model_storage, resource)
        self.clf.set_params(C=self.config["C"])
        self._known: dict[str, Any] = {}

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the reviewed sentences and stores what it learnt."""
        examples = [each for each in training_data.intent_examples if each.get("intent") and each.get(TEXT)]
        weights = TfidfTransformer(sublinear_tf=True).fit(_counts(examples))
        intents, vectors = [each.get("intent") for each in examples], _vectors(examples)
        self.clf.fit(self._features(weights, examples, vectors), intents)
        self._know({"idf": weights.idf_, "classifier": self.clf, "vectors": vectors, "intents": intents})
        self.persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Each message with its intents, likeliest first."""
        vectors = _vectors(messages)
        scores = self.clf.predict_log_proba(self._features(self._weights, messages, vectors))
        chances = softmax(scores + self.config["likeness"] * self._nearest.likeness(vectors))
        for message, row in zip(messages, chances, strict=True):
            ranking = [{"name": str(self.clf.classes_[i]), "confidence": float(row[i])} for i in np.argsort(-row)]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking[: self.config["ranking_length"]], add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """As it is: nothing behind this learns from what it says of sentences that it knows by heart."""
        return training_data

    def persist(self) -> None:
        """Stores all in one file of skops, which runs no code when it is read."""
        import skops.io as sio

        with self._model_storage.write_to(self._resource) as folder:
            sio.dump(self._known, folder / f"{self._resource.name}.skops")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WeightedClassifier:
        """The trained classifier. Raises when the file holds a type that skops does not trust."""
        import skops.io as sio

        self = cls(config, execution_context.node_name, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            self._know(sio.load(folder / f"{resource.name}.skops"))
        return self

    def _know(self, parts: dict[str, Any]) -> None:
        self._known, self.clf = parts, parts["classifier"]
        self._weights = TfidfTransformer(sublinear_tf=True)
        self._weights.idf_ = parts["idf"]
        self._nearest = Nearest(parts["vectors"], parts["intents"])

    def _features(self, weights: TfidfTransformer, messages: list[Message], vectors: Vectors) -> csr_matrix:
        dense = csr_matrix(vectors * self.config["dense_weight"])
        return hstack([weights.transform(_counts(messages)), dense]).tocsr()


def _counts(messages: list[Message]) -> csr_matrix:
    """The n-grams of the featurizers before, one row a message."""
    return vstack([each.get_sparse_features(attribute=TEXT)[1].features for each in messages]).astype(float)


def _vectors(messages: list[Message]) -> Vectors:
    """The sentence vectors of StaticFeaturizer, one row a message."""
    return np.concatenate([each.get_dense_features(attribute=TEXT)[1].features for each in messages])
