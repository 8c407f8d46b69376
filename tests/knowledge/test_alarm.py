"""Emergencies that no pattern foresees are found, and ordinary matters hardly ever taken for one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.alarm import ORDINARY, Alarm, Lesson, read_sayings, with_alarm
from knowledge.duty_list import DutyList
from knowledge.emergencies import Emergencies
from nlu.intents import encoder_of, read_examples
from nlu.text.script import fold
from tests.conftest import ROOT, STREET

UNSEEN = Path(__file__).parent / "data" / "emergencies_unseen.yml"
FEW = [
    ("厨房冒烟了快来人", "fire"),
    ("锅烧起来了窗帘也着了", "fire"),
    ("there is smoke pouring out of the window", "fire"),
    ("老头子倒在地上叫不醒", "medical"),
    ("he collapsed and is not breathing", "medical"),
    ("奶奶倒地上嘴歪了", "medical"),
    ("路灯坏了三天", ORDINARY),
    ("老年证怎么办", ORDINARY),
    ("垃圾没人收", ORDINARY),
    ("how do I get a parking permit", ORDINARY),
    ("the bins are full again", ORDINARY),
    ("楼上太吵了睡不着", ORDINARY),
]


@pytest.fixture(scope="module")
def emergencies(street_data: DutyList) -> Emergencies:
    ordinary = [text for text, intent in read_examples(ROOT / "nlu/data/intents") if intent != "emergency"]
    patterns = Emergencies.read(STREET / "emergencies.yml")
    encoder = encoder_of(ROOT)
    lesson = Lesson.of(patterns, STREET, street_data, ordinary, encoder, ROOT / "var/index")
    return with_alarm(patterns, lesson.learn(encoder, lambda line: None), encoder)


@pytest.fixture(scope="module")
def unseen() -> list[tuple[str, str]]:
    return [(fold(text), kind) for text, kind in read_sayings(UNSEEN)]


def test_a_model_knows_what_it_was_taught_and_keeps_it(tmp_path: Path) -> None:
    encoder = encoder_of(ROOT)
    assert encoder is not None
    alarm = Alarm.fit(FEW * 3, encoder.encode)
    alarm.save(tmp_path / "alarm.npz")
    again = Alarm.load(tmp_path / "alarm.npz")
    probability, kind = again.judge("奶奶倒地上嘴歪了", encoder.encode)
    assert probability > 0.5 and kind in ("medical", "")
    assert again.judge("垃圾没人收", encoder.encode)[0] < 0.3
    assert again.judge("厨房冒烟了", encoder.encode) == pytest.approx(alarm.judge("厨房冒烟了", encoder.encode))


@pytest.mark.timeout(400)  # learns from 50,000 sentences where nothing did before
def test_people_in_fear_are_understood_without_any_word_of_alarm(
    emergencies: Emergencies, unseen: list[tuple[str, str]]
) -> None:
    urgent = [text for text, kind in unseen if kind != ORDINARY]
    found = [text for text in urgent if emergencies.find(text)]
    cautioned = [text for text in urgent if emergencies.find(text) or emergencies.perhaps(text)]
    assert len(found) / len(urgent) > 0.60
    assert len(cautioned) / len(urgent) > 0.80


def test_what_comes_near_is_seldom_taken_for_one(emergencies: Emergencies, unseen: list[tuple[str, str]]) -> None:
    ordinary = [text for text, kind in unseen if kind == ORDINARY]
    assert sum(emergencies.find(text) is not None for text in ordinary) / len(ordinary) < 0.05


@pytest.mark.parametrize(
    "text", ["楼下路灯坏了三天了", "消防演习几点开始", "火锅店油烟太大", "I'm dying of boredom in this queue", ""]
)
def test_ordinary_words_raise_no_alarm(emergencies: Emergencies, text: str) -> None:
    assert emergencies.find(text) is None
    assert not emergencies.perhaps(text)


def test_ordinary_requests_are_hardly_ever_emergencies(emergencies: Emergencies) -> None:
    rows = [json.loads(line) for line in (ROOT / "tests/eval/requests.jsonl").read_text(encoding="utf-8").splitlines()]
    calm = [row["text"] for row in rows if not {row["duty"], *row["also"]} & emergencies.mixed_duties]
    alarms = [text for text in calm if emergencies.find(fold(text))]
    assert len(alarms) <= 0.02 * len(calm), alarms


@pytest.mark.parametrize(
    "text",
    [
        "我们楼着火了！另外居住证在哪办？还有楼下路灯坏了",
        "楼道着火了，说错了，是路灯坏了",
        "Our bins are full again. Also my dad just fell and he is not breathing.",
    ],
)
def test_an_emergency_beside_an_ordinary_matter_is_found(emergencies: Emergencies, text: str) -> None:
    assert emergencies.find(text) is not None
