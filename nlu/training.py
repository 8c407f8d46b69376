"""Keeps one trained Rasa model per content: the same files give the same model, and training happens once."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import re
import subprocess
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from nlu.yaml_file import read_yaml

RASA_KEYS = ("recipe", "assistant_id", "language", "pipeline", "policies")
"""The keys of config.yml that a model depends on; ours under ``jietong:`` can change without training anew."""

INGREDIENTS = (
    "nlu/domain/**/*.yml",
    "nlu/data/**/*.yml",
    "nlu/components/**/*.py",
    "nlu/vectors.py",
    "nlu/sealed/recipe.py",
    "nlu/requirements.txt",
)
"""The files that a model is made of, besides config.yml and the folders that its pipeline names as `model:`."""

SENTENCES = "nlu/data/intents/*.yml"
"""Those of them that say how residents word what they want."""

ENCODER_FILES = ("modules.json", "tokenizer.json", "*.safetensors")
"""What counts of such a folder."""

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""All of our environment that Rasa sees, training or serving: no secret of ours is among it."""

HEARTBEAT_SECONDS = 3.0
MODELS = Path("var/models")
KEPT_MODELS = 2
_LAST_LINES = 12
_STEP = re.compile(r"Starting to train component '(\w+)'")

Progress = Callable[[str], None]


class TrainingFailed(Exception):
    """No model could be trained. The message is one sentence; ``last_lines`` is what Rasa said at the end."""

    def __init__(self, message: str, last_lines: list[str] | None = None) -> None:
        super().__init__(message)
        self.last_lines = last_lines or []


def content_hash(root: Path) -> str:
    """Twelve hex digits that change when, and only when, something changes that a model is made of."""
    config = read_yaml(root / "config.yml")
    folders = [part["model"] for part in config.get("pipeline") or [] if "model" in part]
    encoders = [f"{folder}/**/{name}" for folder in folders for name in ENCODER_FILES]
    return _hash(root, config, {path for pattern in (*INGREDIENTS, *encoders) for path in root.glob(pattern)})


def rules_hash(root: Path) -> str:
    """As `content_hash`, without the sentences and the encoder: when it changes, an older model fits the rules no more."""
    sentences = set(root.glob(SENTENCES))
    files = {path for pattern in INGREDIENTS for path in root.glob(pattern)} - sentences
    return _hash(root, read_yaml(root / "config.yml"), files)


def _hash(root: Path, config: dict[str, Any], files: Iterable[Path]) -> str:
    digest = hashlib.sha256(
        json.dumps({key: config.get(key) for key in RASA_KEYS}, sort_keys=True, ensure_ascii=False).encode()
    )
    for path in sorted(files):
        digest.update(f"\n{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def rasa_python(root: Path) -> Path:
    """The Python of Rasa's own environment. Raises TrainingFailed when it was not installed."""
    python = root / "nlu" / ".venv" / "bin" / "python"
    if not python.exists():
        raise TrainingFailed("Rasa's environment nlu/.venv is missing: install it as docs/rasa.md says.")
    return python


def ensure_model(root: Path, progress: Progress) -> Path:
    """The model for the present content, trained now if there is none: ``var/models/rasa-<hash>.tar.gz``.

    ``progress`` hears a line at least every three seconds while it trains. The model appears whole or not at all;
    the last two are kept. Raises TrainingFailed.
    """
    models = root / MODELS
    model = models / f"rasa-{content_hash(root)}.tar.gz"
    if not model.exists():
        models.mkdir(parents=True, exist_ok=True)
        unfinished = models / f"unfinished-{uuid.uuid4().hex}.tar.gz"
        try:
            _train(root, unfinished, progress)
            unfinished.replace(model)
        finally:
            unfinished.unlink(missing_ok=True)
    os.utime(model)
    for old in sorted(models.glob("rasa-*.tar.gz"), key=lambda path: path.stat().st_mtime)[:-KEPT_MODELS]:
        old.unlink(missing_ok=True)
    return model


def _train(root: Path, out: Path, progress: Progress) -> None:
    command = [str(rasa_python(root)), "-m", "nlu.launcher", "--log-level", "INFO", "train", "--out", str(out)]
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment = {**passed_on, "PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    progress("training the language model, which takes less than a minute")
    started = time.monotonic()
    last: deque[str] = deque(maxlen=_LAST_LINES)
    # The command is ours, word for word.
    with subprocess.Popen(  # noqa: S603
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        assert child.stdout is not None  # noqa: S101 - asked for above
        try:
            for line in _lines(child.stdout):
                seconds = time.monotonic() - started
                if line is None:
                    progress(f"training, {seconds:.0f} s so far")
                elif line.strip():
                    last.append(line)
                    step = _STEP.search(line)
                    if step:
                        progress(f"training {step[1]}, {seconds:.0f} s so far")
        except BaseException:
            child.kill()
            raise
    seconds = time.monotonic() - started
    if child.returncode != 0 or not out.exists():
        raise TrainingFailed(
            f"Training stopped after {seconds:.0f} s, exit code {child.returncode}: {last[-1] if last else 'silent'}",
            list(last),
        )
    progress(f"trained in {seconds:.0f} s")


def _lines(output: IO[str]) -> Iterator[str | None]:
    """The child's lines as they come, and None whenever it has been silent for a heartbeat."""
    heard: queue.Queue[str | None] = queue.Queue()

    def listen() -> None:
        for line in output:
            heard.put(line.rstrip())
        heard.put(None)

    threading.Thread(target=listen, name="training-output", daemon=True).start()
    while True:
        try:
            line = heard.get(timeout=HEARTBEAT_SECONDS)
        except queue.Empty:
            yield None
            continue
        if line is None:
            return
        yield line
