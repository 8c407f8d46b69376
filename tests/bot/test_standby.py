"""The standby: the same rules as Rasa's, and a small model of our own."""

from pathlib import Path

import pytest

from actions.dialogue.dialogue import ACTIONS, FORMS
from actions.dialogue.scene import Knowledge
from actions.store.store import Store
from bot.standby import Standby, read_rules
from nlu.intents import IntentModel, load_intents, read_examples, train
from tests.bot.house import BY_HEART, front_door
from tests.conftest import ROOT
from tests.talk import RULES

FEW = [
    *((text, "greet") for text in ("你好", "您好", "早上好", "hello", "hi there")),
    *((text, "ask_human") for text in ("人工", "找真人", "转人工服务", "talk to a human", "a person please")),
    *(
        (text, "report_problem")
        for text in ("路灯坏了", "垃圾没人收", "下水道堵了", "the bins are full", "the lamp is broken")
    ),
]


@pytest.fixture(scope="session")
def small() -> IntentModel:
    return train(FEW)


def test_every_intent_of_the_training_data_has_a_rule() -> None:
    assert {intent for _, intent in read_examples(ROOT / "nlu/data/intents")} | {"nlu_fallback"} == set(RULES)


def test_rules_are_rasas_own(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        """
rules:
  - rule: hello
    steps: [{intent: greet}, {action: action_greet}]
  - rule: only in a form
    condition: [{active_loop: case_form}]
    steps: [{intent: greet}, {action: action_other}]
  - rule: a form begins
    steps: [{intent: report_problem}, {action: case_form}, {active_loop: case_form}]
""",
        encoding="utf-8",
    )
    assert read_rules(tmp_path) == {"greet": "action_greet", "report_problem": "case_form"}


def test_a_rule_leads_to_what_we_can_do() -> None:
    assert set(RULES.values()) <= set(ACTIONS) | set(FORMS)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("您好呀", "greet"),
        ("我要找真人", "ask_human"),
        ("路灯又坏了", "report_problem"),
        ("垃圾沒人收", "report_problem"),
    ],
)
def test_a_small_model_knows_what_it_was_taught(small: IntentModel, text: str, intent: str) -> None:
    ranked = small.classify(text)
    assert ranked[0][0] == intent
    assert sum(probability for _, probability in ranked) == pytest.approx(1)
    assert [p for _, p in ranked] == sorted((p for _, p in ranked), reverse=True)


def test_a_model_is_kept_until_its_sentences_change(tmp_path: Path) -> None:
    folder, cache = tmp_path / "intents", tmp_path / "cache"
    folder.mkdir()
    text = "nlu:\n- intent: greet\n  examples: |\n    - 你好\n    - hello\n- intent: thanks\n  examples: |\n    - 谢谢\n    - thanks\n"
    (folder / "a.yml").write_text(text, encoding="utf-8")
    first = load_intents(folder, cache)
    assert load_intents(folder, cache).classify("你好") == first.classify("你好")
    assert len(list(cache.iterdir())) == 1
    (folder / "a.yml").write_text(text.replace("thanks\n", "thanks\n    - cheers\n"), encoding="utf-8")
    load_intents(folder, cache)
    assert len(list(cache.iterdir())) == 2


def standby(model: IntentModel) -> Standby:
    return Standby(None, RULES, model)  # type: ignore[arg-type] - nothing is run


def test_a_pressed_button_is_no_guess(small: IntentModel) -> None:
    understood = standby(small).understand("随便什么字", "/affirm")
    assert (understood.intent, understood.confidence) == ("affirm", 1.0)


def test_an_unsure_guess_is_looked_up_instead() -> None:
    class Unsure:
        classes_ = tuple("abcdef")

        def predict_proba(self, texts: list[str]) -> list[list[float]]:
            return [[1 / 6] * 6]

    assert standby(IntentModel(Unsure())).understand("唔").intent == "nlu_fallback"


def test_a_button_that_says_words_is_understood_by_them() -> None:
    assert standby(BY_HEART).understand("你好", "你好").intent == "greet"


async def test_the_standby_talks_by_itself(sqlite_store: Store, know: Knowledge) -> None:
    door = front_door(sqlite_store, know)
    assert "街通" in (await door.say("你好", 1))[0]
    assert "民生服务中心" in (await door.say("老年证怎么办", 2))[0]
