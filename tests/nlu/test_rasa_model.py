"""What Rasa's environment makes of our files."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.nlu.conftest import ROOT

pytestmark = pytest.mark.rasa

TOKENS = """
import json, sys
from nlu.sealed.fixes import do_without_tensorflow
do_without_tensorflow()
from nlu.components.tokenizer import MixedTokenizer
from rasa.shared.nlu.training_data.message import Message
tokenizer = MixedTokenizer(MixedTokenizer.get_default_config())
text = sys.argv[1]
[message] = tokenizer.process([Message({"text": text})])
print(json.dumps([[t.text, t.start, t.end] for t in message.get("text_tokens")]))
"""


def test_rasa_s_tokens_stand_where_they_say(rasa_python: Path) -> None:
    text = "請問residence permit在哪里办？3号楼"
    done = subprocess.run(
        [rasa_python, "-c", TOKENS, text], cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    tokens = json.loads(done.stdout)
    folded = text.replace("請問", "请问")
    assert [folded[start:end] for _, start, end in tokens] == [word for word, _, _ in tokens]
    assert "residence" in [word for word, _, _ in tokens]


def test_every_line_of_the_requirements_is_pinned() -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / "nlu/requirements.txt").read_text().splitlines()]
    assert all("==" in line for line in lines if line)


def test_there_is_one_file_of_examples_for_every_intent() -> None:
    import yaml

    intents = yaml.safe_load((ROOT / "nlu/domain/intents.yml").read_text())["intents"]
    files = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / "nlu/data/intents").glob("*.yml")}
    assert sorted(files) == sorted(intents)
    for name, content in files.items():
        assert {part["intent"] for part in content["nlu"]} == {name}


def test_the_same_content_gives_the_same_predictions(rasa_python: Path, model: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.tar.gz"
    subprocess.run(
        [rasa_python, "-m", "nlu.launcher", "train", "--out", again], cwd=ROOT, check=True, capture_output=True
    )
    first, second = (predictions(rasa_python, each) for each in (model, again))
    assert first == second


PREDICT = """
import asyncio, json, sys
from nlu.sealed import fixes, quiet
quiet.set_up("ERROR")
fixes.do_without_tensorflow()
from rasa.core.agent import Agent
agent = Agent.load(sys.argv[1])
texts = ["你好", "楼下的井盖坏了", "the light is broken", "查一下进度", "🙂"]
parsed = [asyncio.run(agent.parse_message(text))["intent_ranking"] for text in texts]
print(json.dumps(parsed))
"""


def predictions(python: Path, model: Path) -> str:
    done = subprocess.run([python, "-c", PREDICT, model], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout
