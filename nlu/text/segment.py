"""Words of a mixed Chinese and English text, for the lexical search."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from functools import cache

import jieba

from nlu.text.script import fold

_RUN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]+(?:['’][a-z]+)?|\d+")
_STOP_EN = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "get",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "please",
        "so",
        "some",
        "that",
        "the",
        "their",
        "them",
        "there",
        "they",
        "this",
        "to",
        "up",
        "us",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
_STOP_ZH = frozenset(
    [
        "的",
        "了",
        "是",
        "我",
        "我们",
        "你",
        "你们",
        "他",
        "她",
        "在",
        "有",
        "和",
        "就",
        "都",
        "也",
        "很",
        "还",
        "吗",
        "呢",
        "吧",
        "啊",
        "呀",
        "这",
        "那",
        "这个",
        "那个",
        "请问",
        "一个",
        "请",
        "要",
        "到",
        "给",
    ]
)


@cache
def _tokenizer() -> jieba.Tokenizer:
    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


def add_words(words: Iterable[str]) -> None:
    """Make `words` (names of places and duties) single words of the segmenter."""
    for word in words:
        _tokenizer().add_word(word)


def words_of(text: str) -> list[str]:
    """The words of `text` in order: Chinese as jieba cuts them (Simplified), Latin lower-cased and stemmed."""
    out: list[str] = []
    for run in _RUN.findall(fold(text)):
        if run[0].isascii():
            word = run.lower().replace("’", "'")
            if word not in _STOP_EN:
                out.append(_stem(word))
        else:
            out.extend(word for word in _tokenizer().lcut(run) if word not in _STOP_ZH)
    return out


def _stem(word: str) -> str:
    """A light English stem: plural, -ing, -ed. Enough for a list of a few thousand sentences."""
    for ending, keep in (("'s", 1), ("ies", 3), ("ing", 4), ("ed", 4), ("es", 4), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= keep:
            if ending == "s" and word.endswith("ss"):
                return word
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
