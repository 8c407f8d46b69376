"""Dialect words are made plain where they are words, and nowhere else; the table is checked."""

from pathlib import Path

import pytest

from knowledge.dialect import Dialect
from knowledge.duty_list import DutyList
from knowledge.hotwords import hot_words
from knowledge.listener import Listener
from knowledge.schema import DialectWord


@pytest.fixture(scope="module")
def listener(street_data: DutyList) -> Listener:
    return Listener(street_data)


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("楼道旮旯里全是耗子", "楼道角落里全是老鼠"),
        ("马路牙子让电驴子撞坏了", "路缘石让电动车撞坏了"),
        ("阿拉屋里厢阴沟堵了", "我们家里下水道堵了"),
        ("屋企冷氣機滴水搵邊個", "家里空调滴水揾哪个"),
        ("落水管断了", "雨水管断了"),
        ("粮本丢了找公家哪里补", "粮油供应证丢了找政府哪里补"),
        ("咋个办嘛", "怎么办嘛"),
        ("搞子要交这个钱", "做什么要交这个钱"),
    ],
)
def test_a_word_of_the_table_is_made_plain(listener: Listener, said: str, plain: str) -> None:
    assert listener.plain(said, spoken=False) == plain


@pytest.mark.parametrize(
    "said",
    [
        "办公家具没人收",
        "阿拉伯语翻译",
        "伊拉克来的朋友",
        "搞子公司登记",
        "共享单车乱停",
        "屋企业登记",
        "使唔使叫人",
        "两边个人的地",
    ],
)
def test_letters_of_an_ordinary_word_are_left_alone(listener: Listener, said: str) -> None:
    assert listener.plain(said, spoken=False) == said


def test_a_place_keeps_its_name() -> None:
    table = Dialect([DialectWord(word="弄堂", means="巷子")], ["井水弄堂"])
    assert table.plain("井水弄堂的弄堂口") == "井水弄堂的巷子口"


def test_the_longest_word_wins_and_nothing_is_replaced_twice() -> None:
    table = Dialect([DialectWord(word="街坊", means="邻居"), DialectWord(word="街坊四邻", means="周围的邻居")])
    assert table.plain("街坊四邻和街坊") == "周围的邻居和邻居"


def test_the_default_table_is_large_and_reviewed(street_data: DutyList) -> None:
    assert len(street_data.dialect) >= 150
    assert all(row.region for row in street_data.dialect)


def test_a_transcript_is_made_plain_in_one_go(listener: Listener) -> None:
    assert listener.plain("喂 喂 呃 桂花园三号楼 不对 五号楼 旮旯里有耗子", spoken=True) == "桂花园5号楼 角落里有老鼠"


def test_what_was_taken_back_is_still_looked_at_for_emergencies(listener: Listener) -> None:
    said = "着火了，说错了，是路灯坏了"
    assert listener.plain(said, spoken=False) == "路灯坏了"
    assert listener.whole(said, spoken=False)[0] == said


def test_hot_words_hold_places_duties_and_what_residents_say(street_data: DutyList) -> None:
    words = hot_words(street_data)
    assert {"桂花园", "石榴巷", "桂花园社区", "城市管理科", "路灯", "旮旯", "井盖"} <= set(words)
    assert len(words) == len(set(words)) and all(word == word.strip() and "\n" not in word for word in words)


def test_the_file_names_no_word_of_one_character(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        DialectWord(word="俺", means="我")
