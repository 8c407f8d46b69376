"""Words of dialect and of former times made plain: what residents call it, and what is meant.

The words are data (`dialect.yml`) that staff edit. Only search and understanding read the plain words; what a resident
said is kept as it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.schema import DialectWord
from nlu.text.script import fold
from nlu.text.segment import common_words


class Dialect:
    """A street's table. `protected` are names in which no word is looked for: a place is called what it is called."""

    def __init__(self, words: Iterable[DialectWord], protected: Iterable[str] = ()) -> None:
        rows = tuple(words)
        self.words = tuple(fold(row.word) for row in rows)
        self._means = {fold(row.word): fold(row.means) for row in rows}
        kept = {fold(name) for name in (*protected, *(other for row in rows for other in row.not_in))}
        known = sorted(kept | set(self._means), key=lambda word: (-len(word), word))
        self._pattern = re.compile("|".join(map(re.escape, known)) or r"(?!)")
        self._kept = kept - set(self._means)

    def plain(self, text: str) -> str:
        """`text` (Simplified) with every word of the table replaced by what it means.

        The longest word wins. Letters that belong to an ordinary word by the segmenter's dictionary (“办公家具”) are
        no word of the table.
        """
        hits = [hit for hit in self._pattern.finditer(text) if hit[0] not in self._kept]
        if not hits:
            return text
        spans = list(common_words(text))
        out, at = "", 0
        for hit in hits:
            start, end = hit.span()
            if any(a < start < b or a < end < b for a, b in spans):
                continue
            out, at = out + text[at:start] + self._means[hit[0]], end
        return out + text[at:]
