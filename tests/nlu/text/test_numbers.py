"""Spoken numbers become figures; words that only look like numbers stay."""

import pytest

from nlu.text.numbers import chinese_number, digit_by_digit, digits_from_speech


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("七号楼", "7号楼"),
        ("一单元幺零二", "1单元102"),
        ("我家在十一层", "我家在11层"),
        ("幺三八零零零零幺幺幺幺", "13800001111"),
        ("一三八 零零零零 一一一一", "13800001111"),
        ("二十三栋", "23栋"),
        ("my number is one three eight double zero one two", "my number is 1380012"),
        ("给我说一下", "给我说一下"),
        ("三天两头停水", "三天两头停水"),
        ("一楼的灯", "1楼的灯"),
    ],
)
def test_spoken_numbers_become_figures(said: str, written: str) -> None:
    assert digits_from_speech(said) == written


@pytest.mark.parametrize(
    ("words", "value"), [("十", 10), ("二十", 20), ("一百零二", 102), ("幺零二", 102), ("楼", None)]
)
def test_chinese_number(words: str, value: int | None) -> None:
    assert chinese_number(words) == value


def test_numbers_are_read_out_digit_by_digit() -> None:
    assert digit_by_digit("304-7715", "en") == "3 0 4, 7 7 1 5"
    assert digit_by_digit("304-7715", "zh") == "三 零 四，七 七 幺 五"
