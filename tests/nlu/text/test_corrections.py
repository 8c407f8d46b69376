"""What was taken back is dropped; a no that is no correction stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text.corrections import TakenBack

NAMES = ("桂花园小区", "桂花园", "望江花园", "松柏巷", "Riverbank Homes", "Liuyin Estate")


@pytest.fixture(scope="module")
def taken_back() -> TakenBack:
    return TakenBack(NAMES)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("桂花园8号楼楼道灯坏了，哦不对，是6号楼", "桂花园6号楼楼道灯坏了"),
        ("三号楼不对是五号楼的灯坏了", "五号楼的灯坏了"),
        ("我住桂花园三号楼二单元 说错了 是五号楼一单元", "我住桂花园五号楼一单元"),
        ("三号楼 不对 四号楼 不对不对 五号楼", "五号楼"),
        ("三号楼，不对，五号", "五号楼"),
        ("垃圾在桂花园堆着 呃不对 是望江花园", "垃圾在望江花园堆着"),
        ("不是三号楼，是五号楼", "是五号楼"),
        ("不是桂花园3号楼是桂花园5号楼", "是桂花园5号楼"),
        ("是5号楼，不是3号楼", "是5号楼"),
        ("我电话13800138000，不对，13900139000", "我电话13900139000"),
        ("幺三八零零幺三八零零零 说错了 幺三八零零幺三八零零二", "幺三八零零幺三八零零二"),
        ("明天上午，不对，后天下午来", "后天下午来"),
        ("我要问老年证怎么办不对是老年卡怎么办", "我要问老年卡怎么办"),
        ("桂花园三号楼路灯坏了，说错了，是电梯坏了", "桂花园三号楼电梯坏了"),
        ("路灯坏了我是说楼道灯坏了", "楼道灯坏了"),
        ("垃圾桶满了，说错了，是下水道堵了", "下水道堵了"),
        ("不是路灯，是楼道灯不亮", "是楼道灯不亮"),
        ("the bins at building four no sorry building six are full", "the bins at building six are full"),
        ("Guihuayuan Estate building 3, no, I mean building 5", "Guihuayuan Estate building 5"),
        ("the lift is broken, no wait, the light in the stairs is broken", "the light in the stairs is broken"),
        ("it's not building 4, it's building 6", "it's building 6"),
        ("it is room 302 no 303", "it is room 303"),
        ("唔系三号楼，系五号楼", "是五号楼"),
        ("桂花园四零二室 不对 四零三", "桂花园四零三"),
        ("I need the senior card, I meant the disability card", "I need the disability card"),
        ("come on monday sorry it's tuesday", "come on tuesday"),
        ("I live in Liuyin Estate, I mean Riverbank Homes", "I live in Riverbank Homes"),
    ],
)
def test_what_was_taken_back_is_dropped(taken_back: TakenBack, said: str, meant: str) -> None:
    assert taken_back.drop(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "不是物业，是街道的事",
        "不是物业的事，是街道的事",
        "这个不对吗",
        "这个做法不对，应该是先通知再停水",
        "号码不对，是13600003333",
        "自来水味道不对是不是有问题",
        "三号楼的味道不对是二号楼传来的",
        "窗口说错了材料，害我白跑一趟",
        "路灯坏了，我是说真的",
        "是不是3号楼要装电梯",
        "要不是3号楼漏水，我也不来找你们",
        "不是3号楼就是5号楼的人扔的",
        "路灯坏了，不对啊，昨天刚修的",
        "路灯坏了，不对，是上个月就坏了",
        "这不是我要的，谁负责",
        "小区不让不对外开放",
        "that's not right",
        "this is not the first time, it's the third",
        "sorry to bother you, the light is out",
        "sorry, the street light on the corner is out",
        "the bins are full, I mean the whole street stinks",
        "actually the whole street is dark",
        "no, it was not building 4",
        "there is no water in building 4",
        "I do not mean the lift",
        "",
        "不对",
        "no",
    ],
)
def test_a_real_no_is_left_alone(taken_back: TakenBack, said: str) -> None:
    assert taken_back.drop(said) == said


pieces = st.sampled_from(
    [
        "三号楼",
        "5号楼",
        "不对",
        "，",
        "是",
        "不是",
        "说错了",
        "桂花园",
        "路灯坏了",
        " ",
        "哦",
        "no wait ",
        "I mean ",
        "building six ",
        "sorry ",
        "13800138000",
        "我是说",
        "吗",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=10).map("".join))
def test_nothing_is_made_up_and_it_always_ends(text: str) -> None:
    meant = TakenBack(NAMES).drop(text)
    assert len(meant) <= len(text) + 2 and set(meant) <= set(text) | set("号楼 ")
