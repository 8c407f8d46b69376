"""All the parts over one set of examples: texts in, a table of evidence out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.encoder.encoders import Encoder
from knowledge.search.classify import SparseClassifier
from knowledge.search.examples import Example
from knowledge.search.fusion import PARTS, Table
from knowledge.search.nearest import CUTS, NearestByMeaning, NearestByTerms
from knowledge.search.wording import sound_pairs, words
from nlu.vectors import Vectors


@dataclass(frozen=True)
class Evidence:
    """What speaks for each duty, part by part (the columns are `fusion.PARTS`)."""

    terms: dict[str, NearestByTerms]
    nearest: NearestByMeaning
    sparse: SparseClassifier

    @classmethod
    def of(cls, examples: Sequence[Example], vectors: Vectors, duties: int) -> Evidence:
        """All parts learned from `examples` (ordered by duty) and their vectors."""
        owner = np.array([example.duty for example in examples], dtype=np.int64)
        order = np.argsort(owner, kind="stable")
        texts, owner, vectors = [examples[at].text for at in order], owner[order], vectors[order]
        return cls(
            {name: NearestByTerms.of([cut(text) for text in texts], owner, duties) for name, cut in CUTS.items()},
            NearestByMeaning.of(vectors, owner, duties),
            SparseClassifier.fit(texts, owner, duties),
        )

    def table(self, texts: Sequence[str], encoder: Encoder, spoken: bool = False) -> Table:
        """[texts, duties, parts] for plain texts; how they sound is only looked at when they were `spoken`."""
        vectors = encoder.encode(texts)
        out = np.zeros((len(texts), self.nearest.duties, len(PARTS)), dtype=np.float32)
        for at, text in enumerate(texts):
            cut = words(text)
            out[at, :, 0] = self.terms["words"].scores(cut)
            if spoken:
                out[at, :, 1] = self.terms["sound"].scores(sound_pairs(text))
            out[at, :, 4] = self.sparse.scores(text, cut)
        out[:, :, 2], out[:, :, 3] = self.nearest.scores(vectors)
        return out

    def save(self, folder: Path) -> None:
        """Write all parts to `folder`."""
        for name, terms in self.terms.items():
            terms.save(folder, name)
        self.nearest.save(folder)
        self.sparse.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Evidence:
        """Read what `save` wrote."""
        terms = {name: NearestByTerms.load(folder, name) for name in CUTS}
        return cls(terms, NearestByMeaning.load(folder), SparseClassifier.load(folder))
