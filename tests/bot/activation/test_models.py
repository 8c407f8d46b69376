"""The real models of a small installation, chosen by the gate: what changed in the data, and what is used then."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.activation.gate import ORDINARY_START, Asked
from bot.activation.models import INDEX, Models
from bot.activation.record import Record
from bot.settings import Settings
from knowledge.alarm import read_sayings
from knowledge.duty_list import DutyList
from knowledge.emergencies import Emergencies
from knowledge.encoder.encoders import SHIPPED
from knowledge.search.hybrid import keep_to_one_core
from nlu.training import MODELS
from tests.conftest import STREET

DUTIES = ("CIT-05", "CIT-06", "LIV-09", "OUT-02")
TAUGHT, ASKED = 12, 10
"""Sayings of each duty and language that the search learns from, and those after them that are frozen."""

INTENTS = {
    "greet": ("你好", "您好呀", "早上好", "喂你好", "hello", "hi there", "good morning", "hey"),
    "thanks": ("谢谢", "谢谢你", "多谢了", "太感谢了", "thanks", "thank you", "thanks a lot", "many thanks"),
    "report_problem": (
        "路灯坏了", "垃圾没人收", "下水道堵了", "井盖没了", "the lamp is broken", "the bins are full",
        "the drain is blocked", "a pipe has burst",
    ),
}  # fmt: skip
FROZEN_INTENTS = {
    "greet": ("你好呀", "hello there", "早上好啊"),
    "thanks": ("谢谢啦", "thank you so much", "多谢多谢"),
    "report_problem": ("楼下路灯坏了", "nobody takes the bins", "下水道又堵了"),
    "emergency": ("着火了快来人",),
}


def few(whole: DutyList, duties: Sequence[str] = DUTIES, turned: int = 0) -> DutyList:
    """A few duties with a few sayings each; `turned`, every duty has the sayings of another one."""
    sayings = {}
    for at, duty in enumerate(duties):
        of = whole.sayings[duties[(at + turned) % len(duties)]]
        sayings[duty] = of.model_copy(update={"zh": of.zh[:TAUGHT], "en": of.en[:TAUGHT], "near": []})
    return replace(whole, duties={duty: whole.duties[duty] for duty in duties}, sayings=sayings)


@dataclass
class Installation:
    """A folder with data, and what its starts said."""

    root: Path
    whole: DutyList
    patterns: Emergencies
    rasa: bool = False
    said: list[str] = field(default_factory=list)

    def models(self, duty_list: DutyList | None = None, asked: Asked = ORDINARY_START, encoder: str = "") -> Models:
        settings = Settings(street=Path("street"), encoder=encoder or str(SHIPPED), rasa=self.rasa)
        self.said.clear()
        return Models(self.root, settings, duty_list or few(self.whole), self.patterns, self.said.append, asked)

    def teach(self, intents: dict[str, tuple[str, ...]]) -> None:
        for intent, sentences in intents.items():
            lines = "".join(f"    - {sentence}\n" for sentence in sentences)
            write(self.root / f"nlu/data/intents/{intent}.yml", f"nlu:\n- intent: {intent}\n  examples: |\n{lines}")

    def refused(self, kind: str) -> bool:
        return Record(self.root).standing(kind).refused is not None

    @property
    def table(self) -> str:
        return "\n".join(line for line in self.said if not line.startswith(("search index", "emergencies: learning")))


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def rows(*rows: dict[str, object]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(scope="module", autouse=True)
def one_core() -> None:
    """As the product computes once it is open: small sums, many threads and few cores do not go together."""
    keep_to_one_core()


@pytest.fixture(scope="module")
def patterns() -> Emergencies:
    return Emergencies.read(STREET / "emergencies.yml")


@pytest.fixture
def here(tmp_path: Path, street_data: DutyList, patterns: Emergencies) -> Installation:
    made = Installation(tmp_path, street_data, patterns)
    write(tmp_path / "config.yml", "pipeline: []\n")
    made.teach(INTENTS)
    shutil.copy(STREET / "emergencies.yml", tmp_path / "config.yml.street")
    (tmp_path / "street").mkdir()
    (tmp_path / "config.yml.street").rename(tmp_path / "street/emergencies.yml")
    kinds: dict[str, list[str]] = {}
    for text, kind in read_sayings(STREET / "emergency_sayings.yml"):
        kinds.setdefault(kind, []).append(text)
    some = {kind: {"zh": texts[:20], "en": texts[-20:]} for kind, texts in kinds.items()}
    write(tmp_path / "street/emergency_sayings.yml", json.dumps(some, ensure_ascii=False))
    requests = [
        {"text": text, "duty": duty}
        for duty in DUTIES
        for of in (street_data.sayings[duty].zh, street_data.sayings[duty].en)
        for text in of[TAUGHT : TAUGHT + ASKED]
    ]
    write(tmp_path / "tests/eval/requests.jsonl", rows(*requests, {"text": "x", "duty": "CIT-01"}))
    sentences = [{"text": text, "intent": intent} for intent, texts in FROZEN_INTENTS.items() for text in texts]
    write(tmp_path / "tests/eval/intents.jsonl", rows(*sentences))
    return made


def sure(models: Models) -> float:
    """Tells one index from another: how probable its first duty for a sentence is."""
    return models.search.find("路灯不亮了").candidates[0].probability


@pytest.mark.timeout(300)  # makes two indexes and opens them six times
def test_a_worse_index_is_refused_and_the_old_folder_goes_on(here: Installation) -> None:
    old = sure(here.models())
    worse = few(here.whole, turned=1)
    assert sure(here.models(worse)) == pytest.approx(old, abs=1e-5)
    assert "Search index: the new one is refused" in here.table
    assert "right duty first" in here.table
    assert here.table.count("worse") >= 2  # said, and marked in the table
    assert sure(here.models(worse)) == pytest.approx(old, abs=1e-5)
    assert "refused" in here.table
    new = sure(here.models(worse, Asked(again=True, anyway=True, by="wang", why="to see")))
    assert abs(new - old) > 1e-3
    assert sure(here.models(few(here.whole))) == pytest.approx(old, abs=1e-5)
    assert [entry.by for entry in Record(here.root).standing("search").taken] == ["start", "wang", "start"]


def test_a_list_with_other_duties_is_taken_with_a_warning_and_the_table(here: Installation) -> None:
    assert here.models().search.duties == set(DUTIES)
    other = few(here.whole, (*DUTIES[:3], "ENF-04"))
    assert here.models(other).search.duties == set(other.duties)
    assert "because the duty list has other duties than before" in here.table
    assert "right duty first" in here.table


def test_an_index_that_was_deleted_cannot_go_on(here: Installation) -> None:
    old = sure(here.models())
    name = Record(here.root).standing("search").taken[-1].name
    shutil.rmtree(here.root / INDEX / name)
    assert abs(sure(here.models(few(here.whole, turned=1))) - old) > 1e-3
    assert "the one before is not there any more" in here.table


def test_the_street_may_bring_frozen_rows_of_its_own(here: Installation) -> None:
    (here.root / "tests/eval/requests.jsonl").unlink()
    write(here.root / "street/eval/requests.jsonl", rows({"text": "路灯不亮了", "duty": "CIT-05"}))
    assert here.models().search
    assert Record(here.root).standing("search").taken[-1].figures["rows"] == 1


def test_an_encoder_that_cannot_be_had_is_said_at_start_and_the_shipped_one_is_used(here: Installation) -> None:
    search = here.models(encoder="/no/such/encoder").search
    assert here.said[0].startswith("The encoder /no/such/encoder cannot be had")
    assert "the shipped one is used instead" in here.said[0]
    assert search.find("路灯不亮了").candidates[0].duty == "CIT-05"


BAD_INTENTS = {"greet": INTENTS["report_problem"], "report_problem": INTENTS["greet"]}


def intent(models: Models, text: str) -> str:
    return models.understanding.standby().classify(text)[0][0]


def test_worse_sentences_are_refused_and_the_old_intents_go_on(here: Installation) -> None:
    assert intent(here.models(), "你好呀") == "greet"
    here.teach(BAD_INTENTS)
    assert intent(here.models(), "你好呀") == "greet"
    assert "Intents and emergencies: the new one is refused" in here.table
    assert "intents, macro-F1" in here.table and "emergencies recognised" in here.table
    assert intent(here.models(asked=Asked(anyway=True, by="wang", why="to see")), "你好呀") == "report_problem"


def test_better_sentences_are_taken(here: Installation) -> None:
    _ = here.models().understanding
    here.teach({"thanks": (*INTENTS["thanks"], "谢谢啦哈")})
    _ = here.models().understanding
    assert "not worse on 10 frozen rows" in here.table
    assert not here.refused("intents")


def test_sentences_that_come_with_other_rules_are_taken_with_the_table(here: Installation) -> None:
    _ = here.models().understanding
    here.teach(BAD_INTENTS)
    write(here.root / "nlu/data/rules/talk.yml", "rules: []\n")
    assert intent(here.models(), "你好呀") == "report_problem"
    assert "because the rules, the pipeline or the encoder changed with the sentences" in here.table


FAKE_RASA = """#!/bin/sh
echo run >> "{root}/runs"
for last; do :; done
echo model > "$last"
"""


@pytest.fixture
def with_rasa(here: Installation) -> Installation:
    """The same with a stand-in for Rasa's Python, which writes a model and counts its runs."""
    python = here.root / "nlu/.venv/bin/python"
    write(python, FAKE_RASA.format(root=here.root))
    python.chmod(0o755)
    here.rasa = True
    return here


def test_refused_sentences_do_not_train_rasa_and_its_old_model_goes_on(with_rasa: Installation) -> None:
    old = with_rasa.models().rasa_model()
    with_rasa.teach(BAD_INTENTS)
    os.utime(old, (1, 1))
    assert with_rasa.models().rasa_model() == old
    assert old.stat().st_mtime > 1
    assert len((with_rasa.root / "runs").read_text().splitlines()) == 1
    asked = Asked(anyway=True, by="wang", why="to see")
    assert with_rasa.models(asked=asked).rasa_model() != old
    assert Record(with_rasa.root).standing("intents").taken[-1].parts["rasa"] != old.name


def test_without_the_old_rasa_model_the_new_sentences_are_taken(with_rasa: Installation) -> None:
    with_rasa.models().rasa_model().unlink()
    with_rasa.teach(BAD_INTENTS)
    models = with_rasa.models()
    assert models.rasa_model().parent == with_rasa.root / MODELS
    assert "because the Rasa model of the one before is not there any more" in with_rasa.table
