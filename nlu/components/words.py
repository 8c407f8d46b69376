"""Cuts mixed Chinese and English text into words whose offsets are always right, and folds Traditional characters.

It needs jieba and OpenCC alone, so it can be used and tried without Rasa.
"""

import functools
import logging
import re
from collections.abc import Iterator

import jieba
import opencc

_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUN = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    r"|(?P<digits>\d+)"
    rf"|(?P<letters>(?:(?![{_HAN}])[^\W\d_])+(?:['’](?:(?![{_HAN}])[^\W\d_])+)*)"
)


@functools.cache
def _dictionary() -> jieba.Tokenizer:
    """jieba with its standard dictionary, read once.

    It is read from the package itself: jieba's own start trusts a cache file in the shared temporary folder.
    """
    jieba.setLogLevel(logging.WARNING)
    words = jieba.Tokenizer()
    words.FREQ, words.total = words.gen_pfdict(words.get_dict_file())
    words.initialized = True
    return words


@functools.cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def fold(text: str) -> str:
    """`text` in Simplified characters, one for one, so that offsets stay: training and serving read the same."""
    folded = str(_to_simplified().convert(text))
    return folded if len(folded) == len(text) else text


def words_with_offsets(text: str) -> Iterator[tuple[str, int]]:
    """Every word of ``text`` and the offset where it starts: ``text[start:start + len(word)] == word``.

    jieba cuts the Han runs (it guesses words that it does not know, so Traditional text is cut too); a run of
    letters and a run of digits are one word each; punctuation, spaces and emoji are left out. A text of nothing
    else is one word by itself, since Rasa's classifier cannot take a text without any.
    """
    if not _RUN.search(text):
        yield text, 0
        return
    for run in _RUN.finditer(text):
        start = run.start()
        if run.lastgroup != "han":
            yield run.group(), start
            continue
        for word in _dictionary().cut(run.group(), HMM=True):
            yield word, start
            start += len(word)  # counted from the words themselves, never searched for: RasaHQ/rasa #7910
