"""Rasa's tokenizer for mixed Chinese and English text."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.components.words import fold, words_with_offsets


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class MixedTokenizer(Tokenizer):
    """Gives Rasa the words of ``words_with_offsets`` as tokens."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's own settings for splitting intent names; the text has none."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The message's words in Simplified characters, each with its place in the text."""
        return [Token(word, start) for word, start in words_with_offsets(fold(message.get(attribute)))]
