"""Makes Rasa 3.6.21 faster and lighter without touching its sources; every answer stays the same.

Each function here replaces one look-up of that exact version, once, before Rasa starts.
docs/rasa.md has the figures, tests/nlu the proof that answers do not change.
"""

import importlib.util
import sys
import types
from typing import Any

RASA_VERSION = "3.6.21"
"""The one version that these fixes were written for and checked against."""


def do_without_tensorflow() -> None:
    """Lets Rasa start where TensorFlow is not installed; where it is, nothing happens.

    Our pipeline learns nothing deep, yet ``rasa.nlu.extractors.extractor`` imports ``rasa.utils.train_utils`` (and
    with it TensorFlow) without using it. A stand-in takes its place that says what is missing when it is used after
    all. Call this before anything of Rasa is imported.
    """
    name = "rasa.utils.train_utils"
    if importlib.util.find_spec("tensorflow") is None:
        sys.modules.setdefault(name, _Missing(name))


class _Missing(types.ModuleType):
    """A module that is there to be imported and nothing else."""

    def __getattr__(self, attribute: str) -> Any:
        raise AttributeError(f"{self.__name__}.{attribute} needs TensorFlow: pip install tensorflow-cpu==2.12.0")


def check_action_results_with_one_validator() -> None:
    """Builds the validator for action results once; Rasa checks the schema itself anew at every result."""
    from jsonschema import ValidationError
    from jsonschema.exceptions import best_match
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction
    from rasa.shared.constants import DOCS_BASE_URL

    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        error: ValidationError | None = best_match(validator.iter_errors(result))
        if error is None:
            return True
        error.message += (
            f". Failed to validate Action server response from API, make sure your response from the Action "
            f"endpoint is valid. For more information about the format visit {DOCS_BASE_URL}/custom-actions"
        )
        raise error

    RemoteAction._validate_action_result = validate


def find_event_classes_in_a_dictionary() -> None:
    """Finds the class of a stored event by name; Rasa walks all its event classes for every single event."""
    import rasa.shared.utils.common
    from rasa.shared.core.events import Event

    by_name: dict[str, type[Event]] = {}
    for event_class in rasa.shared.utils.common.all_subclasses(Event):
        by_name.setdefault(event_class.type_name, event_class)
    walk_all_classes = Event.resolve_by_type

    def resolve_by_type(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
        return by_name.get(type_name) or walk_all_classes(type_name, default)

    Event.resolve_by_type = staticmethod(resolve_by_type)


def apply() -> None:
    """Both look-up fixes. Call it after the version was checked and before Rasa serves."""
    check_action_results_with_one_validator()
    find_event_classes_in_a_dictionary()
