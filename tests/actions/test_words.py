"""Words that residents see: both languages, nothing missing, nothing unused, short where they are heard."""

import ast
import re
import string
from pathlib import Path

import pytest

from actions.cases.case import State
from actions.dialogue.dialogue import ACTIONS
from actions.dialogue.scene import _MEANING
from actions.words import Aspects, Wording, Words
from knowledge.schema import Form, Text, Unit
from nlu.text.script import has_han
from tests.conftest import ROOT
from tests.talk import RULES

WORDINGS: dict[str, Wording] = dict(Words.read())
SOURCES = [path for room in ("actions", "bot") for path in (ROOT / room).rglob("*.py")]

MADE = {
    "button_": set(_MEANING),
    "state_": {str(state) for state in State},
    "form_": {str(form) for form in Form},
    "limit_": {str(unit) for unit in Unit},
    "count_": {"2", "3", "4"},
    "weekday_": {str(day) for day in range(1, 8)},
}
"""Keys that the code puts together: a beginning, and what may follow it."""


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def keys_said() -> dict[str, Path]:
    """Every key that the code names: the first argument of `say` and `words`, and keys kept in variables."""
    found: dict[str, Path] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
                "say",
                "words",
                "_words",
            ):
                for argument in ast.walk(ast.Tuple([*node.args[:2]])):
                    if isinstance(argument, ast.Constant) and re.fullmatch(r"[a-z]+(_[a-z]+)*", str(argument.value)):
                        found[str(argument.value)] = path
    return found


def strings_of_the_code() -> set[str]:
    return {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("key", WORDINGS)
def test_a_wording_says_the_same_in_both_languages(key: str) -> None:
    wording = WORDINGS[key]
    assert fields(wording.zh) == fields(wording.en) or key == "day"
    assert not has_han(wording.en) or key == "switch_to_english"
    if wording.spoken:
        assert fields(wording.spoken.zh) == fields(wording.spoken.en) or key == "filed"
        assert not has_han(wording.spoken.en)


@pytest.mark.parametrize("key", [key for key, wording in WORDINGS.items() if wording.spoken])
def test_what_is_heard_is_at_most_two_sentences(key: str) -> None:
    spoken = WORDINGS[key].spoken
    assert spoken is not None
    for text in (spoken.zh, spoken.en):
        said = string.Template("").substitute() + re.sub(r"\{[a-z_]+\}", "X", text)
        assert len(re.findall(r"[。？！.?!](?=\s|$|[^\s])", said)) <= 2, text
        assert len(said) <= 120


def test_every_key_that_the_code_says_is_there() -> None:
    spoken_of = {key for key in keys_said() if key in WORDINGS or any(key.startswith(made) for made in MADE)}
    made = {start + end for start, ends in MADE.items() for end in ends}
    assert made <= set(WORDINGS)
    missing = {key: path.name for key, path in keys_said().items() if key not in WORDINGS and "_" in key}
    assert not missing and spoken_of


def test_every_key_of_the_file_is_used() -> None:
    named = strings_of_the_code() | {start + end for start, ends in MADE.items() for end in ends}
    assert sorted(set(WORDINGS) - named) == []


def test_a_missing_language_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.yml"
    file.write_text("greet: {zh: 您好}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="en"):
        Words.read(file)


def test_a_text_value_is_said_in_the_same_language() -> None:
    words = Words({"hello": Wording(zh="您好，{street}", en="Hello, {street}", spoken=Text(zh="喂", en="Hi"))})
    street = Text(zh="梧桐街道", en="Wutong")
    assert words.say("hello", "zh", street=street) == "您好，梧桐街道"
    assert words.say("hello", "en", street=street) == "Hello, Wutong"
    assert words.say("hello", "en", spoken=True, street=street) == "Hi"


def test_a_button_means_an_intent_that_the_rules_know() -> None:
    assert {meaning.removeprefix("/") for meaning in _MEANING.values()} <= set(RULES)


def test_every_rule_leads_to_an_action_or_a_form() -> None:
    assert set(RULES.values()) <= {*ACTIONS, "case_form", "lookup_form"}


ASPECTS = Aspects.read()


@pytest.mark.parametrize(
    ("question", "aspect"),
    [
        ("要带什么材料", "materials"),
        ("身份证要不要带", "materials"),
        ("what do I need to bring?", "materials"),
        ("要交多少钱", "fee"),
        ("is it free?", "fee"),
        ("多久能办好", "limit"),
        ("how long does it take", "limit"),
        ("周六开门吗", "hours"),
        ("what time do you open", "hours"),
        ("在哪里办", "where"),
        ("what is the address", "where"),
        ("电话是多少", "phone"),
        ("外地户口可以吗", "who"),
        ("who can apply", "who"),
        ("怎么申请", "steps"),
        ("what is the procedure", "steps"),
        ("凭什么要这个", "legal"),
        ("on what grounds", "legal"),
    ],
)
def test_a_question_asks_for_its_aspect_first(question: str, aspect: str) -> None:
    assert ASPECTS.of(question)[0] == aspect


@pytest.mark.parametrize("text", ["垃圾桶满了没人收", "楼道里堆了东西", "The bins are full", "你好", ""])
def test_what_is_no_question_asks_for_nothing(text: str) -> None:
    assert ASPECTS.of(text) == []
