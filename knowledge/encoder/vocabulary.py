"""The encoder's vocabulary: pieces of Chinese and of English words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch.nn.functional import embedding_bag, normalize

from knowledge.duty_list import DutyList
from nlu.text.script import fold

PIECES = 28_000

_UNKNOWN = "[UNK]"
_OURS = 5
"""How often the duty list counts: it is what residents talk about."""


def corpus(
    pairs: Sequence[tuple[str, str]], words: Sequence[tuple[str, list[str]]], duty_list: DutyList
) -> Iterator[str]:
    """What the vocabulary is made from: the open text, and our own many times."""
    for pair in pairs:
        yield from pair
    for word, glosses in words:
        yield word
        yield from glosses
    own = [text for sayings in duty_list.sayings.values() for text in (*sayings.zh, *sayings.en)]
    own += [
        text for duty in duty_list.duties.values() for said in (duty.name, *duty.covers) for text in (said.zh, said.en)
    ]
    for text in own:
        yield from [fold(text)] * _OURS


def train_tokenizer(texts: Iterable[str], pieces: int = PIECES) -> Tokenizer:
    """Unigram pieces of Chinese runs and of Latin words; a word's first piece is marked, digits stand alone."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(r"(?<![a-z'])(?=[a-z])"), "▁")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"\p{Han}+|▁[a-z']+|[0-9]"), "removed", invert=True)
    trainer = trainers.UnigramTrainer(
        vocab_size=pieces,
        special_tokens=[_UNKNOWN],
        unk_token=_UNKNOWN,
        max_piece_length=12,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


class Cut:
    """Texts cut into pieces, held flat so that a batch is quickly put together."""

    def __init__(self, tokenizer: Tokenizer, texts: Sequence[str]) -> None:
        rows = [one.ids or [0] for one in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        self.starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        self.flat = np.concatenate([np.array(row) for row in rows])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def pieces(self, row: int) -> NDArray[np.int64]:
        """The pieces of one text."""
        return self.flat[self.starts[row] : self.starts[row + 1]]

    def vectors(self, table: torch.Tensor, rows: NDArray[np.int64]) -> torch.Tensor:
        """Unit vectors of some rows."""
        return unit_vectors(table, [self.pieces(row) for row in rows.tolist()], sparse=False)


def unit_vectors(table: torch.Tensor, bags: Sequence[NDArray[np.int64]], *, sparse: bool) -> torch.Tensor:
    """The mean of each bag of pieces, made unit length; `sparse` when the table is being trained."""
    starts = torch.from_numpy(np.concatenate([[0], np.cumsum([len(bag) for bag in bags])[:-1]]))
    pieces = torch.from_numpy(np.concatenate(bags))
    return normalize(embedding_bag(pieces, table, starts, mode="mean", sparse=sparse), dim=1)
