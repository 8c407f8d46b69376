"""Each message is answered in its own language and script."""

import pytest

from nlu.text.script import fold, language_of, script_of, unfold


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("楼下的灯坏了", "zh"),
        ("The lamp downstairs is broken", "en"),
        ("我的 residence permit 到期了怎么办", "zh"),
        ("Where do I find the 居委会 please", "en"),
        ("6B", "zh"),
        ("13800001111", "zh"),
        ("ok", "zh"),
        ("yes please", "en"),
    ],
)
def test_language_is_that_of_the_message(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["OK", "12", "👍", "B"])
def test_a_message_without_a_language_keeps_the_talks(text: str) -> None:
    assert language_of(text, "en") == "en"
    assert language_of(text, "zh") == "zh"


@pytest.mark.parametrize(
    ("text", "script"),
    [("樓梯間的燈壞了", "hant"), ("楼道灯坏了", "hans"), ("佢成日嘈到我瞓唔着", "hant"), ("你好", "hans")],
)
def test_script_is_that_of_the_message(text: str, script: str) -> None:
    assert script_of(text) == script


def test_characters_common_to_both_scripts_keep_the_talks_script() -> None:
    assert script_of("好", "hant") == "hant"


def test_folding_changes_script_only() -> None:
    assert fold("樓上 No. 5 的燈") == "楼上 No. 5 的灯"
    assert unfold("楼上的灯") == "樓上的燈"
