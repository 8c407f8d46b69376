"""Phones, e-mail, yes and no: read when they were said, never guessed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.facts import (
    broken_phone,
    find_email,
    find_phone,
    is_no,
    is_yes,
    means_this_phone,
    wants_no_name,
    wants_no_phone,
    without_contact,
)
from nlu.text.numbers import digit_by_digit, digits_from_speech

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(mobiles, st.sampled_from(["{}", "我的电话是{}，谢谢", "call me on {} please", "+86 {}", "手机{}。"]))
def test_a_mobile_is_found_whole(mobile: str, around: str) -> None:
    assert find_phone(around.format(mobile)) == mobile


@given(mobiles)
def test_a_mobile_is_found_as_it_is_said(mobile: str) -> None:
    assert find_phone(f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}") == mobile
    assert find_phone(digit_by_digit(mobile, "zh")) == mobile


@given(st.text(alphabet="0123456789 -一二三四五六七八九零幺我的电话是,，abc年月日", max_size=40))
def test_no_digit_of_a_phone_is_invented(text: str) -> None:
    phone = find_phone(text)
    assert phone in re.sub(r"\D", "", digits_from_speech(text)) if phone else phone == ""


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("5550 1000", "55501000"),
        ("0717-5550 1234", "071755501234"),
        ("打 010-5550 1234", "01055501234"),
        ("one three eight zero zero one three eight zero zero zero", "13800138000"),
        ("一三八零零一三八零零零", "13800138000"),
        ("電話13800138000", "13800138000"),
    ],
)
def test_other_ways_to_say_a_phone(text: str, phone: str) -> None:
    assert find_phone(text) == phone


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3号楼1单元402",
        "单号 304-7715",
        "11010519491231002X",
        "110105194912310021",
        "1380013800",
        "138001380001",
        "欠了2025-2026年的物业费",
        "从20251001到20261001都没来",
        "车牌 A12345",
    ],
)
def test_other_figures_are_not_a_phone(text: str) -> None:
    assert find_phone(text) == ""


@pytest.mark.parametrize(
    ("text", "digits"), [("1380013800", 10), ("138 0013 80", 9), ("555010", 6), ("402", 0), ("13800138000", 0)]
)
def test_the_digits_of_an_incomplete_phone_are_counted(text: str, digits: int) -> None:
    assert broken_phone(text) == digits


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("li.na@example.com", "li.na@example.com"),
        ("邮箱是 Li_Na@Example.COM，谢谢", "li_na@example.com"),
        ("lina at example dot com", "lina@example.com"),
        ("lina艾特example点com", "lina@example.com"),
        ("见面再说", ""),
        ("look at this", ""),
    ],
)
def test_an_e_mail_address_is_read_also_when_it_is_spoken(text: str, address: str) -> None:
    assert find_email(text) == address


YES = ["是", "是的", "对", "对的", "没错", "好", "好的", "可以", "行", "嗯", "对对对", "就这样", "好啊", "係", "啱", "得", "好呀", "要",
       "yes", "Yes please", "yeah", "ok", "OK.", "sure", "that's right", "correct", "yes, that's it", "go ahead"]  # fmt: skip
NO = [
    "不",
    "不是",
    "不对",
    "不要",
    "不用",
    "不用了",
    "没有",
    "错了",
    "唔係",
    "唔使",
    "唔好",
    "否",
    "no",
    "nope",
    "No thanks",
    "not really",
    "wrong",
    "don't",
]


@pytest.mark.parametrize("text", YES)
def test_a_yes_is_a_yes(text: str) -> None:
    assert is_yes(text) and not is_no(text)


@pytest.mark.parametrize("text", NO)
def test_a_no_is_a_no(text: str) -> None:
    assert is_no(text) and not is_yes(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "不是3号楼，是5号楼",
        "对面有家药店",
        "好像坏了",
        "要带什么",
        "行不行",
        "可以报吗",
        "对不对",
        "是不是",
        "no. 3 Guihua Road",
        "not the lamp, the bin",
        "okay but where",
        "没有电话",
    ],
)
def test_what_says_more_is_neither(text: str) -> None:
    assert not is_yes(text) and not is_no(text)


@given(st.sampled_from(YES), st.sampled_from(NO))
def test_yes_and_no_in_one_breath_are_never_a_plain_yes(yes: str, no: str) -> None:
    assert not is_yes(f"{no}，{yes}") or is_yes(no)


@pytest.mark.parametrize(
    "text",
    [
        "匿名",
        "我不想留名",
        "别说是我报的",
        "不要写我的名字",
        "anonymous please",
        "keep my name out of it",
        "唔好講係我，匿名得唔得",
    ],
)
def test_a_wish_to_stay_unnamed_is_heard(text: str) -> None:
    assert wants_no_name(text)


@pytest.mark.parametrize(
    "text", ["不留电话", "别打电话", "我没有手机", "不方便留号码", "no phone", "please don't call me", "I'd rather not"]
)
def test_a_wish_for_no_call_is_heard(text: str) -> None:
    assert wants_no_phone(text) and not wants_no_name(text)


@pytest.mark.parametrize("text", ["就这个号", "就用我打过来的这个电话", "this number", "the same number"])
def test_the_number_they_call_from_can_be_meant(text: str) -> None:
    assert means_this_phone(text)


@given(mobiles)
def test_nothing_that_reaches_somebody_is_left(mobile: str) -> None:
    text = f"垃圾没人收，{mobile}，li@example.com，{digit_by_digit(mobile, 'zh')}，11010519491231002X，3号楼402"
    left = without_contact(text)
    assert not find_phone(left) and not find_email(left) and "1949" not in left
    assert "垃圾没人收" in left and "3号楼402" in left
