"""Words of a mixed Chinese and English text, for search by words and for counting them."""

from __future__ import annotations

import hashlib
import logging
import marshal
import os
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import jieba

from nlu.text.script import fold

_RUN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]+(?:['’][a-z]+)?|\d+")
OURS = Path(__file__).with_name("words.txt")
_RARE = 5
"""Words that jieba's dictionary counts less often are left out: names and bookish words, two thirds of it."""
_OWN_COUNT = 200
"""How often a word of ours counts: about as often as “楼道”."""
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


_kept: list[Path] = []


def keep_dictionary_in(folder: Path) -> None:
    """Keep the dictionary, as this module uses it, in `folder`: the next start reads it there in a tenth of the time."""
    _kept[:] = [folder]


@cache
def _tokenizer() -> jieba.Tokenizer:
    """jieba with its common words and ours; made once. Never from jieba's own cache in the shared temporary folder."""
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    ours = OURS.read_text(encoding="utf-8").split()
    with tokenizer.get_dict_file() as file:
        name = hashlib.sha256(f"{jieba.__version__} {os.fstat(file.fileno()).st_size} {_RARE} {ours}".encode())
    kept = _kept[0] / f"words-{name.hexdigest()[:12]}.marshal" if _kept else None
    if kept is not None and kept.exists():
        tokenizer.FREQ, tokenizer.total = marshal.loads(kept.read_bytes())  # noqa: S302 - our own file
    else:
        tokenizer.FREQ, tokenizer.total = _frequencies(tokenizer, ours)
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(".part")
            part.write_bytes(marshal.dumps((tokenizer.FREQ, tokenizer.total)))
            part.replace(kept)
    tokenizer.initialized = True
    return tokenizer


def _frequencies(tokenizer: jieba.Tokenizer, ours: Sequence[str]) -> tuple[dict[str, int], int]:
    """How often each word occurs, and 0 for what only begins one; with the sum over all words."""
    whole, _ = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    words = {word: count for word, count in whole.items() if count >= _RARE}
    words |= {word: max(_OWN_COUNT, words.get(word, 0)) for word in ours}
    beginnings = {word[:length]: 0 for word in words for length in range(1, len(word))}
    return beginnings | words, sum(words.values())


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


def common_words(text: str) -> Iterator[tuple[int, int]]:
    """Where in `text` (Simplified) the dictionary's words of two characters and more stand; none is guessed."""
    at = 0
    for word in _tokenizer().cut(text, HMM=False):
        if len(word) > 1 and word[0] > "\u3400":
            yield at, at + len(word)
        at += len(word)


def _stem(word: str) -> str:
    """A light English stem: plural, -ing, -ed. Enough for a list of a few thousand sentences."""
    for ending, keep in (("'s", 1), ("ies", 3), ("ing", 4), ("ed", 4), ("es", 4), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= keep:
            if ending == "s" and word.endswith("ss"):
                return word
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
