"""Cross-validates the intents on the reviewed sentences and prints the figures: in all, per language, per intent.

    nlu/.venv/bin/python -m nlu.bench_intents rasa        (the pipeline of config.yml, as Rasa runs it)
    .venv/bin/python -m nlu.bench_intents standby         (the model in our own process)

Four folds, each with every intent's share; a sentence is judged by the model that has not seen it.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nlu.intents import encoder_of, read_examples, train
from nlu.text.script import has_han

ROOT = Path(__file__).resolve().parent.parent
FOLDS, SEED = 4, 1
STEPS = (0.0, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.01)

Examples = list[tuple[str, str]]
Ranking = list[tuple[str, float]]
Fit = Callable[[Examples, Sequence[str]], list[Ranking]]


def main() -> None:
    """Prints what the chosen model gets right."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", choices=("rasa", "standby"))
    fit = {"rasa": _rasa, "standby": _standby}[parser.parse_args().model]
    examples = list(dict.fromkeys(read_examples(ROOT / "nlu/data/intents")))
    rankings = cross_validate(examples, fit)
    print("\n".join(_report(examples, rankings)))


def cross_validate(examples: Examples, fit: Fit) -> list[Ranking]:
    """For each sentence the intents with probabilities, likeliest first, by a model that has not seen it."""
    from sklearn.model_selection import StratifiedKFold

    rankings: list[Ranking] = [[] for _ in examples]
    started = time.monotonic()
    intents = [intent for _, intent in examples]
    for n, (seen, unseen) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(intents, intents)):
        answers = fit([examples[i] for i in seen], [examples[i][0] for i in unseen])
        for i, ranking in zip(unseen, answers, strict=True):
            rankings[i] = ranking
        print(f"fold {n + 1} of {FOLDS}, {time.monotonic() - started:.0f} s so far", flush=True)
    return rankings


def _standby(seen: Examples, unseen: Sequence[str]) -> list[Ranking]:
    model = train(seen, encoder_of(ROOT))
    return [model.classify(text) for text in unseen]


def _rasa(seen: Examples, unseen: Sequence[str]) -> list[Ranking]:
    """Builds the pipeline's components one after the other, as Rasa's graph does, without its cache and archive."""
    os.chdir(ROOT)
    from nlu.sealed import fixes

    fixes.do_without_tensorflow()
    import yaml
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from nlu.sealed.recipe import component_of

    data = TrainingData([Message.build(text, intent) for text, intent in seen])
    messages = [Message({"text": text}) for text in unseen]
    with tempfile.TemporaryDirectory() as folder:
        storage = LocalModelStorage(Path(folder))
        for n, part in enumerate(yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))["pipeline"]):
            kind: Any = component_of(part["name"])
            if kind.__name__ == "FallbackClassifier":
                break
            context = ExecutionContext(GraphSchema({}), node_name=f"part{n}")
            component = kind.create({**kind.get_default_config(), **part}, storage, Resource(f"part{n}"), context)
            if hasattr(component, "train"):
                component.train(data)
            component.process_training_data(data)
            component.process(messages)
    return [[(each["name"], each["confidence"]) for each in message.get("intent_ranking")] for message in messages]


def _report(examples: Examples, rankings: list[Ranking]) -> list[str]:
    from sklearn.metrics import f1_score

    true = np.array([intent for _, intent in examples])
    said = np.array([ranking[0][0] for ranking in rankings])
    sure = np.array([ranking[0][1] for ranking in rankings])
    right, chinese = said == true, np.array([has_han(text) for text, _ in examples])
    third = np.mean(
        [intent in [name for name, _ in ranking[:3]] for intent, ranking in zip(true, rankings, strict=True)]
    )
    lines = [
        f"{len(true)} sentences, {len(set(true))} intents: {right.mean():.1%} right (Chinese {right[chinese].mean():.1%}, "
        f"English {right[~chinese].mean():.1%}), macro-F1 {f1_score(true, said, average='macro'):.3f}, "
        f"among the first three {third:.1%}",
        "",
        "intent              recall  zh    en    precision",
    ]
    for name in sorted(set(true)):
        mine = true == name
        parts = (right[mine], right[mine & chinese], right[mine & ~chinese], right[said == name])
        recall, zh, en, precision = (f"{part.mean():.2f}" for part in parts)
        lines.append(f"{name:<19} {recall:<7} {zh:<5} {en:<5} {precision}")
    lines += ["", "confidence      share   right"]
    for low, high in itertools.pairwise(STEPS):
        inside = (sure >= low) & (sure < high)
        if inside.any():
            lines.append(f"{low:.2f} to {min(high, 1):.2f}   {inside.mean():6.1%}  {right[inside].mean():6.1%}")
    return lines


if __name__ == "__main__":
    main()
