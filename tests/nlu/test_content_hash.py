"""A model depends on what it is made of and on nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nlu.training import content_hash

CONFIG = "recipe: default.v1\nlanguage: zh\npipeline: [{name: A}, {name: V, model: encoders/small}]\npolicies: [{name: B}]\njietong: {port: 1}\n"
FILES = {
    "config.yml": CONFIG,
    "nlu/requirements.txt": "rasa==3.6.21\n",
    "nlu/domain/intents.yml": "intents: [greet]\n",
    "nlu/data/intents/greet.yml": "nlu: []\n",
    "nlu/components/words.py": "x = 1\n",
    "nlu/sealed/recipe.py": "y = 1\n",
    "nlu/vectors.py": "z = 1\n",
    "encoders/small/tokenizer.json": "{}\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_same_content_has_the_same_hash(root: Path) -> None:
    assert content_hash(root) == content_hash(root)
    assert len(content_hash(root)) == 12


@pytest.mark.parametrize("name", sorted(set(FILES) - {"config.yml"}))
def test_every_ingredient_counts(root: Path, name: str) -> None:
    before = content_hash(root)
    (root / name).write_text(FILES[name] + "# changed\n", encoding="utf-8")
    assert content_hash(root) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("port: 1", "port: 2"),
        lambda text: "# a comment\n" + text,
        lambda text: "\n".join(reversed(text.strip().split("\n"))),
    ],
    ids=["our own settings", "a comment", "the order of the keys"],
)
def test_what_rasa_does_not_read_in_config_does_not_count(root: Path, change: Callable[[str], str]) -> None:
    before = content_hash(root)
    (root / "config.yml").write_text(change(CONFIG), encoding="utf-8")
    assert content_hash(root) == before


def test_a_rasa_key_in_config_counts(root: Path) -> None:
    before = content_hash(root)
    (root / "config.yml").write_text(CONFIG.replace("name: A", "name: C"), encoding="utf-8")
    assert content_hash(root) != before


def test_a_renamed_file_counts(root: Path) -> None:
    before = content_hash(root)
    (root / "nlu/data/intents/greet.yml").rename(root / "nlu/data/intents/hello.yml")
    assert content_hash(root) != before
