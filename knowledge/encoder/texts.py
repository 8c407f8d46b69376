"""The open text that the encoder is trained on, read from files that are not part of the project.

Tatoeba (CC BY 2.0 FR): sentence pairs, Chinese TAB English. CC-CEDICT (CC BY-SA 4.0): words with English glosses.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from nlu.text.script import fold

TATOEBA = "tatoeba.zh-en.tsv.gz"
CEDICT = "cedict_ts.u8.txt.gz"

_ENTRY = re.compile(r"\S+ (\S+) \[[^\]]*\]\S* */(.*)/")
_POINTER = re.compile(r"\s*(?:CL:|see |variant of|old variant|surname|abbr|also written|also pr)")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|[\u3400-\u9fff|·]+")
_GLOSSES, _GLOSS_LENGTH = 5, 60


def sentence_pairs(folder: Path) -> list[tuple[str, str]]:
    """Tatoeba's pairs (Chinese, English), Chinese folded to Simplified."""
    with gzip.open(folder / TATOEBA, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    return [(fold(row[0]), row[1]) for row in rows if len(row) >= 2]


def glossed_words(folder: Path) -> list[tuple[str, list[str]]]:
    """CC-CEDICT's words (Simplified) with their English glosses, without pointers to other entries."""
    out: list[tuple[str, list[str]]] = []
    with gzip.open(folder / CEDICT, "rt", encoding="utf-8") as lines:
        for line in lines:
            entry = _ENTRY.match(line)
            if entry is None:
                continue
            glosses = [
                _ASIDE.sub("", gloss).strip() for gloss in re.split("[/;]", entry[2]) if not _POINTER.match(gloss)
            ]
            kept = [gloss for gloss in glosses if gloss and len(gloss) < _GLOSS_LENGTH][:_GLOSSES]
            if kept:
                out.append((entry[1], kept))
    return out
