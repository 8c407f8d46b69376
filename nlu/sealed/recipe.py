"""Turns the pipeline of config.yml into Rasa's graph recipe, which names only the parts that it uses.

Rasa's default recipe imports every component that it knows, TensorFlow's among them, before it reads the pipeline.
Its graph recipe (``graph.v1``) is the same thing spelled out. So config.yml stays as people know it, plain
``rasa train`` understands it too, and our training needs none of what we do not use.
"""

from __future__ import annotations

import importlib
from copy import deepcopy
from typing import Any

from rasa.engine.constants import PLACEHOLDER_IMPORTER
from rasa.engine.graph import GraphModelConfiguration, GraphSchema, SchemaNode
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.graph_components.validators.finetuning_validator import FinetuningValidator
from rasa.shared.data import TrainingType

RASA_KEYS = ("recipe", "assistant_id", "language", "pipeline", "policies")

_HOMES = {
    "CountVectorsFeaturizer": "rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer",
    "RegexFeaturizer": "rasa.nlu.featurizers.sparse_featurizer.regex_featurizer",
    "LogisticRegressionClassifier": "rasa.nlu.classifiers.logistic_regression_classifier",
    "SklearnIntentClassifier": "rasa.nlu.classifiers.sklearn_intent_classifier",
    "KeywordIntentClassifier": "rasa.nlu.classifiers.keyword_intent_classifier",
    "FallbackClassifier": "rasa.nlu.classifiers.fallback_classifier",
    "RulePolicy": "rasa.core.policies.rule_policy",
    "MemoizationPolicy": "rasa.core.policies.memoization",
}
"""Where the components live that need no TensorFlow."""


def graph_config(config: dict[str, Any]) -> dict[str, Any]:
    """The graph recipe for ``config``; a component that needs TensorFlow leaves it to Rasa's default recipe."""
    config = {key: config[key] for key in RASA_KEYS if key in config}
    names = [part["name"] for part in [*config["pipeline"], *config["policies"]]]
    if any("." not in name and name not in _HOMES for name in names):
        return config
    graph = _NamedPartsOnly().graph_config_for_recipe(config, {})
    return {
        "recipe": "graph.v1",
        "assistant_id": graph.assistant_id,
        "language": graph.language,
        "nlu_target": graph.nlu_target,
        "core_target": graph.core_target,
        "train_schema": graph.train_schema.as_dict(),
        "predict_schema": graph.predict_schema.as_dict(),
    }


def component_of(name: str) -> type:
    """The class that config.yml means by ``name``."""
    return _NamedPartsOnly._from_registry(name).clazz


class _NamedPartsOnly(DefaultV1Recipe):
    """Rasa's default recipe, less the imports and checks that need TensorFlow and less typed intents.

    A resident's "/restart" is text like any other: the node that would take it for a command is left out.
    """

    @classmethod
    def _from_registry(cls, name: str) -> DefaultV1Recipe.RegisteredComponent:
        home, _, short = name.rpartition(".")
        importlib.import_module(home or _HOMES.get(name) or cls._registered_components[name].clazz.__module__)
        return cls._registered_components[short]

    def graph_config_for_recipe(
        self,
        config: dict[str, Any],
        cli_parameters: dict[str, Any],
        training_type: TrainingType = TrainingType.BOTH,
        is_finetuning: bool = False,
    ) -> GraphModelConfiguration:
        self._use_core = self._use_nlu = True
        self._use_end_to_end = self._is_finetuning = False
        train_nodes, preprocessors = self._create_train_nodes(config, cli_parameters)
        predict_nodes = self._create_predict_nodes(config, preprocessors, train_nodes)
        typed_intents = predict_nodes.pop("run_RegexMessageHandler")
        return GraphModelConfiguration(
            train_schema=GraphSchema(train_nodes),
            predict_schema=GraphSchema(predict_nodes),
            training_type=training_type,
            assistant_id=config["assistant_id"],
            language=config["language"],
            spaces=None,
            core_target="select_prediction",
            nlu_target=typed_intents.needs["messages"],
        )

    def _create_train_nodes(
        self, config: dict[str, Any], cli_parameters: dict[str, Any]
    ) -> tuple[dict[str, SchemaNode], list[str]]:
        # Rasa's own first step, the check of the pipeline, imports TensorFlow; this is its second.
        first = SchemaNode(
            needs={"importer": PLACEHOLDER_IMPORTER},
            uses=FinetuningValidator,
            constructor_name="create",
            fn="validate",
            is_input=True,
            config={"validate_core": True, "validate_nlu": True},
        )
        train_config, nodes = deepcopy(config), {"finetuning_validator": first}
        preprocessors = self._add_nlu_train_nodes(train_config, nodes, cli_parameters)
        self._add_core_train_nodes(train_config, nodes, preprocessors, cli_parameters)
        return nodes, preprocessors
