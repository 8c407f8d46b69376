"""Training happens once per content, is never silent, and leaves a whole model or none."""

import os
from pathlib import Path

import pytest

from nlu import training
from nlu.training import TrainingFailed, ensure_model
from tests.nlu.test_content_hash import FILES

FAKE_PYTHON = """#!/bin/sh
echo run >> "{root}/runs"
for last; do :; done
{work}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def rasa_that(root: Path, work: str) -> None:
    """Installs a stand-in for Rasa's Python that does ``work``; ``$last`` is the model to write."""
    python = root / "nlu/.venv/bin/python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(FAKE_PYTHON.format(root=root, work=work), encoding="utf-8")
    python.chmod(0o755)


def runs(root: Path) -> int:
    return len((root / "runs").read_text().splitlines())


def models(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "var/models").iterdir())


def test_the_same_content_is_trained_once(root: Path) -> None:
    rasa_that(root, 'echo model > "$last"')
    first = ensure_model(root, print)
    assert ensure_model(root, print) == first
    assert runs(root) == 1
    assert models(root) == [first.name]


def test_other_content_is_trained_anew_and_the_last_two_models_are_kept(root: Path) -> None:
    rasa_that(root, 'echo model > "$last"')
    made = []
    for n in range(4):
        (root / "nlu/data/intents/greet.yml").write_text(f"nlu: [{n}]\n")
        made.append(ensure_model(root, print))
        os.utime(made[-1], (n, n))
    assert models(root) == sorted(model.name for model in made[-2:])


def test_progress_is_never_silent_for_long(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "HEARTBEAT_SECONDS", 0.05)
    rasa_that(root, 'sleep 0.4; echo model > "$last"')
    heard: list[str] = []
    ensure_model(root, heard.append)
    assert sum("so far" in line for line in heard) >= 3


def test_each_step_is_told(root: Path) -> None:
    rasa_that(root, """echo "INFO x Starting to train component 'RulePolicy'."; echo model > "$last" """)
    heard: list[str] = []
    ensure_model(root, heard.append)
    assert any("RulePolicy" in line for line in heard)


def test_a_failed_training_says_why_and_leaves_nothing(root: Path) -> None:
    rasa_that(root, 'echo half > "$last"; echo "DomainError: no such slot"; exit 3')
    with pytest.raises(TrainingFailed, match="exit code 3: DomainError: no such slot") as failure:
        ensure_model(root, print)
    assert failure.value.last_lines == ["DomainError: no such slot"]
    assert models(root) == []


def test_a_missing_environment_is_one_clear_sentence(root: Path) -> None:
    with pytest.raises(TrainingFailed, match=r"nlu/\.venv is missing"):
        ensure_model(root, print)


def test_no_secret_of_ours_reaches_training(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIETONG_SECRET", "s3cret")
    rasa_that(root, 'env > "$last"')
    assert "s3cret" not in ensure_model(root, print).read_text()
