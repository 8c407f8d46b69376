"""Rasa's featurizer for what a sentence means, beside the n-grams for how it is worded."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.words import fold
from nlu.vectors import StaticVectors


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class StaticFeaturizer(DenseFeaturizer, GraphComponent):
    """Gives every message the vector of a static sentence encoder; `model` is its folder, from the project's root."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No default model: config.yml names it."""
        return {**DenseFeaturizer.get_default_config(), "model": None}

    @staticmethod
    def required_packages() -> list[str]:
        """What reading the encoder takes."""
        return ["safetensors", "tokenizers"]

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        super().__init__(name, config)
        self._vectors = StaticVectors(config["model"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> StaticFeaturizer:
        """Nothing is learnt and nothing stored: the encoder's bytes count in the model's content hash."""
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Raises when config.yml names no model."""
        if not config.get("model"):
            raise ValueError("StaticFeaturizer needs `model:` in config.yml, the folder of a static encoder.")

    def process(self, messages: list[Message]) -> list[Message]:
        """Each message with its vector as sentence feature; there are none for single words."""
        texts = [message.get(TEXT) for message in messages]
        vectors = self._vectors.encode([fold(text or "") for text in texts])
        for message, text, vector in zip(messages, texts, vectors, strict=True):
            if text:
                self.add_features_to_message(None, vector[None, :], TEXT, message)  # type: ignore[arg-type]
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for the training sentences."""
        self.process(training_data.training_examples)
        return training_data
