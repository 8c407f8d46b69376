"""The standby's model understands sentences that are in no training file."""

import pytest

from nlu.intents import IntentModel, encoder_of, load_intents, read_examples
from tests.nlu.conftest import ROOT

FRESH = {
    "greet": ["嗨，早上好呀", "hello, good morning to you"],
    "thanks": ["太感谢你啦，帮大忙了", "many thanks for your kind help"],
    "goodbye": ["那我先挂了，再见啊", "okay I'm off now, bye bye"],
    "ask_duty": ["八十五岁老人的高龄津贴要带什么材料去办", "which office do I go to for a parking permit"],
    "report_problem": [
        "三号楼前面的垃圾桶满得溢出来好几天了",
        "the street lamp by our gate has been broken for a week",
    ],
    "check_progress": ["帮我看看上周报的那个单子办到哪一步了", "what is the status of the report I filed on Monday"],
    "add_to_case": ["昨天报的那个单子再补一张照片", "I'd like to add two photos to my case"],
    "withdraw_case": ["路灯修好了，我那个单子撤了吧", "please withdraw my complaint, it has been solved"],
    "reopen_or_urge": ["都两个礼拜了，麻烦快点处理我的单子", "the leak is back, please reopen my case"],
    "rate": ["给四颗星吧，处理得还行", "five stars, very happy with the result"],
    "complain_staff": ["二号窗口那个办事员态度特别恶劣", "the clerk at window five was extremely rude to me"],
    "suggest": ["建议在菜市场门口多装几个座椅", "I suggest adding a few benches near the clinic"],
    "book_visit": ["帮我预约下周三上午到窗口办事", "I'd like to book an appointment for Tuesday afternoon"],
    "ask_human": ["别说了，给我转人工客服", "let me talk to a real person please"],
    "emergency": ["我家厨房着火了快来人", "my grandfather collapsed and he is not breathing"],
    "out_of_scope": ["给我讲个好笑的笑话听听", "write me a poem about the moon"],
}


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return load_intents(ROOT / "nlu/data/intents", ROOT / "var/index", encoder_of(ROOT))


def test_fresh_sentences_are_understood(model: IntentModel) -> None:
    pairs = [(text, intent) for intent, texts in FRESH.items() for text in texts]
    known = {text for text, _ in read_examples(ROOT / "nlu/data/intents")}
    assert not known & {text for text, _ in pairs}
    wrong = [(text, intent, model.classify(text)[0]) for text, intent in pairs if model.classify(text)[0][0] != intent]
    assert len(wrong) <= 0.15 * len(pairs), wrong


def test_both_scripts_mean_the_same(model: IntentModel) -> None:
    assert model.classify("樓下的路燈壞了") == model.classify("楼下的路灯坏了")
