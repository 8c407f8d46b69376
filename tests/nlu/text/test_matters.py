"""Where a message may go over to another matter, by its words alone."""

import pytest

from nlu.text.matters import MOST_PIECES, Link, pieces_of

APART = [
    ("楼下路灯坏了三天了，另外老年证怎么办？", ["楼下路灯坏了三天了", "老年证怎么办？"]),
    ("路灯坏了，还有一件事，居住证在哪办", ["路灯坏了", "居住证在哪办"]),
    ("路灯坏了还有一个事就是居住证在哪办", ["路灯坏了", "居住证在哪办"]),
    ("路灯坏了，还有垃圾没人收", ["路灯坏了", "垃圾没人收"]),
    ("路灯坏了。垃圾没人收。", ["路灯坏了", "垃圾没人收"]),
    ("路灯坏了！居住证在哪办？", ["路灯坏了", "居住证在哪办？"]),
    ("路灯坏了，垃圾也没人收", ["路灯坏了", "垃圾也没人收"]),
    ("路灯坏了，顺便问一下居住证在哪办", ["路灯坏了", "居住证在哪办"]),
    ("路灯坏了 再就是 楼道堆了东西", ["路灯坏了", "楼道堆了东西"]),
    ("路灯坏了，再一个，楼道堆了东西", ["路灯坏了", "楼道堆了东西"]),
    ("路灯坏了，对了，居住证在哪办", ["路灯坏了", "居住证在哪办"]),
    ("我想办居住证，还想问一下高龄津贴", ["我想办居住证", "高龄津贴"]),
    ("路灯坏了，另外建议装个摄像头", ["路灯坏了", "建议装个摄像头"]),
    ("路灯坏了，再问一下居住证", ["路灯坏了", "居住证"]),
    ("1. 路灯坏了 2. 垃圾没人收\n3. 老年证怎么办", ["路灯坏了", "垃圾没人收", "老年证怎么办"]),
    ("一、路灯坏了；二、垃圾没人收。", ["路灯坏了", "垃圾没人收"]),
    ("①路灯坏了②垃圾没人收", ["路灯坏了", "垃圾没人收"]),
    ("第一，路灯坏了，第二是垃圾没人收", ["路灯坏了", "垃圾没人收"]),
    ("第一件事路灯坏了，第二件事，垃圾没人收", ["第一件事路灯坏了", "垃圾没人收"]),
    ("我要說兩件事：樓下路燈壞咗，仲有垃圾冇人收", ["我要說兩件事：樓下路燈壞咗", "垃圾冇人收"]),
    ("樓下路燈壞咗，還有一件事，居住證點樣辦", ["樓下路燈壞咗", "居住證點樣辦"]),
    ("路灯坏了 by the way 居住证在哪办", ["路灯坏了", "居住证在哪办"]),
    ("The lamp is out. By the way, where do I get the card?", ["The lamp is out", "where do I get the card?"]),
    ("the lamp is out, also how do I get the card", ["the lamp is out", "how do I get the card"]),
    ("the lamp is out plus the bins are full", ["the lamp is out", "the bins are full"]),
    ("the lamp is out and the bins are full", ["the lamp is out", "the bins are full"]),
    ("how do I get the card and who fixes the lamp?", ["how do I get the card", "who fixes the lamp?"]),
    ("The lamp is out. Another thing: the bins are full.", ["The lamp is out", "the bins are full"]),
    ("the lamp is out and another thing is that the bins are full", ["the lamp is out", "the bins are full"]),
    ("1) the lamp is out 2) the bins are full", ["the lamp is out", "the bins are full"]),
    ("the lamp is out. secondly, the bins are full", ["the lamp is out", "the bins are full"]),
    ("the lamp is out; I'd also like to know about the card", ["the lamp is out", "about the card"]),
    ("the lamp is out\nthe bins are full", ["the lamp is out", "the bins are full"]),
]

TOGETHER = [
    "楼下路灯坏了三天了，黑得很",
    "路灯坏了，还有没有人管啊",
    "还有多久能修好",
    "还有人在吗",
    "家里还有两个孩子要上学",
    "一点希望都没有，还有什么办法",
    "我没说对了吗",
    "他说不对了",
    "第二小学门口摆摊",
    "我住第三单元",
    "另外一栋楼的灯也不亮",
    "同时间两趟车",
    "在3.5米高的地方",
    "电话是138.0013.8000",
    "1号楼2单元",
    "对了，孩子打疫苗在哪？",
    "还有一件事，我想问居住证在哪办",
    "by the way where do I get the card?",
    "also the lamp is out",
    "my wife and I live at building 4",
    "the lamp and bins",
    "at 10 a.m. on Dr.Sun Road",
    "谢谢",
    "？？？",
    "",
]


@pytest.mark.parametrize(("text", "wanted"), APART)
def test_words_that_go_over_to_something_else_part_a_message(text: str, wanted: list[str]) -> None:
    assert [text[piece.start : piece.end] for piece in pieces_of(text)] == wanted


@pytest.mark.parametrize("text", TOGETHER)
def test_a_message_that_stays_with_its_matter_is_one_piece(text: str) -> None:
    assert len(pieces_of(text)) <= 1


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("路灯坏了，垃圾也没人收", Link.CLAUSE),
        ("路灯坏了。垃圾没人收", Link.SENTENCE),
        ("路灯坏了，还有垃圾没人收", Link.ALSO),
        ("路灯坏了，另外垃圾没人收", Link.ALSO),
        ("路灯坏了。另外，还有一件事，垃圾没人收", Link.BESIDES),
        ("the lamp is out. also, by the way, the bins are full", Link.BESIDES),
    ],
)
def test_the_plainest_word_between_two_pieces_counts(text: str, link: Link) -> None:
    assert pieces_of(text)[1].link is link


def test_a_very_long_list_has_an_end() -> None:
    text = "路灯坏了。" * 100
    pieces = pieces_of(text)
    assert len(pieces) == MOST_PIECES and pieces[-1].end >= len(text) - 1
