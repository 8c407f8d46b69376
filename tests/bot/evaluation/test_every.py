"""Every set in one run: which file is what, one table with emergencies first, and mistakes named by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from actions.dialogue.scene import Knowledge
from bot.evaluation.every import evaluate_every, lines
from bot.evaluation.sets import Kind, SetBroken, intent_rows, request_rows, sets_in
from knowledge.duty_list import DutyList
from knowledge.listener import Listener
from nlu.intents import read_examples
from nlu.yaml_file import read_yaml
from tests.conftest import ROOT


def write(file: Path, *rows: dict[str, Any]) -> Path:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "requests.dev.jsonl", {"text": "垃圾桶满了", "duty": "CIT-01"}, {"text": "x", "duty": "XYZ-01"})
    write(tmp_path / "ask.jsonl", {"text": "老年证", "duty": "LIV-02", "also": []})
    write(tmp_path / "hant.jsonl", {"text": "老年證", "duty": "XYZ-01"})
    write(tmp_path / "voice.jsonl", {"text": "嗯垃圾桶满了", "duty": "CIT-01", "alternatives": ["垃圾统满了"]})
    write(tmp_path / "intents.jsonl", {"text": "你好", "intent": "greet"}, {"text": "着火了", "intent": "emergency"})
    (tmp_path / "dialogues.yml").write_text("[]", encoding="utf-8")
    (tmp_path / "README.md").write_text("Not a set.", encoding="utf-8")
    return tmp_path


def test_a_set_is_what_its_name_says(folder: Path) -> None:
    assert [(each.file.name, each.kind, each.spoken) for each in sets_in([folder])] == [
        ("intents.jsonl", Kind.INTENTS, False),
        ("requests.dev.jsonl", Kind.REQUESTS, False),
        ("ask.jsonl", Kind.REQUESTS, False),
        ("hant.jsonl", Kind.REQUESTS, False),
        ("voice.jsonl", Kind.REQUESTS, True),
        ("dialogues.yml", Kind.DIALOGUES, False),
    ]


def test_every_set_is_scored_and_other_streets_duties_are_left_out(folder: Path, know: Knowledge) -> None:
    asked: list[str] = []

    def classify(text: str) -> str:
        asked.append(text)
        return "greet"

    measured = {each.of.file.stem: each for each in evaluate_every(sets_in([folder]), know, classify)}
    assert asked == ["你好"]  # an emergency is found before anything else
    assert measured["intents"].figures["emergency_recall"] == 1.0
    assert (measured["requests.dev"].figures["top1"], measured["requests.dev"].left_out) == (1.0, 1)
    assert (measured["hant"].figures, measured["hant"].left_out) == ({"n": 0}, 1)
    assert measured["voice"].as_row()["spoken"] is True
    assert "dialogues" not in measured


def test_table_begins_with_emergencies_and_has_a_line_for_each_set(folder: Path, know: Knowledge) -> None:
    table = lines(evaluate_every(sets_in([folder]), know, lambda text: "greet"))
    assert table[0].split()[:4] == ["set", "n", "emergency", "recall"]
    assert table[1].split()[0].endswith("intents")
    assert len(table) == 1 + 5 + 2  # two sets have rows of another list


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"text": "a", "duty": "b"}\n{\n', "line 2: not one JSON object"),
        ('{"text": "a"}\n', "line 1: duty is missing"),
        ("[]\n", "line 1: text is missing"),
        ("\n", "has no rows"),
    ],
)
def test_a_broken_set_is_one_sentence_with_its_line(
    tmp_path: Path, text: str, said: str, street_data: DutyList
) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SetBroken, match=said):
        request_rows(file, Listener(street_data), False)


def test_a_set_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SetBroken, match="cannot be read"):
        intent_rows(tmp_path / "intents.jsonl")


def test_the_public_sentences_have_every_intent_and_none_was_trained_on() -> None:
    rows = intent_rows(ROOT / "tests/eval/intents.jsonl")
    domain = {name for name in read_yaml(ROOT / "nlu/domain/intents.yml")["intents"] if name != "nlu_fallback"}
    assert {row["intent"] for row in rows} == domain
    assert len(rows) == len({row["text"] for row in rows}) == 300
    assert not {row["text"] for row in rows} & {text for text, _ in read_examples(ROOT / "nlu/data/intents")}


def test_the_public_transcripts_have_other_hearings(street_data: DutyList) -> None:
    rows = request_rows(ROOT / "tests/eval/voice.jsonl", Listener(street_data), True)
    assert len(rows) == 60
    assert all(row["alternatives"] for row in rows)
