"""Rasa's logistic regression with the weights that its own lacks: rare words count more, long texts no more than short."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.utils.validation import check_is_fitted


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WeightedClassifier(LogisticRegressionClassifier):
    """Counts become tf-idf of unit length, the sentence's vector `dense_weight` long; `C` is one over the penalty."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's settings and the two of ours, as cross-validation found them (`python -m nlu.bench_intents`)."""
        return {**LogisticRegressionClassifier.get_default_config(), "C": 10.0, "dense_weight": 0.5}

    def __init__(self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, name, model_storage, resource)
        self.clf.set_params(C=self.config["C"])
        self.weights = TfidfTransformer(sublinear_tf=True)

    def _create_X(self, messages: list[Message]) -> csr_matrix:
        """One row a message. The first call, with the training sentences, learns how rare each count is."""
        counts = vstack([message.get_sparse_features(attribute=TEXT)[1].features for message in messages]).astype(float)
        if not hasattr(self.weights, "idf_"):
            self.weights.fit(counts)
        vectors = vstack([csr_matrix(message.get_dense_features(attribute=TEXT)[1].features) for message in messages])
        return hstack([self.weights.transform(counts), vectors * self.config["dense_weight"]]).tocsr()

    def persist(self) -> None:
        """Stores both parts in one file of skops, which runs no code when it is read."""
        import skops.io as sio

        with self._model_storage.write_to(self._resource) as folder:
            sio.dump({"weights": self.weights, "classifier": self.clf}, folder / f"{self._resource.name}.skops")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WeightedClassifier:
        """The trained classifier. Raises when the file holds a type that skops does not know."""
        import skops.io as sio

        self = cls(config, execution_context.node_name, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            parts = sio.load(folder / f"{resource.name}.skops")
        self.weights, self.clf = parts["weights"], parts["classifier"]
        check_is_fitted(self.clf)
        return self
