"""Questions, choices and everything that is not a case: what a resident is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from actions.dialogue.scene import Knowledge
from actions.store.store import Store
from actions.store.tables import AlertRow, HandoffRow
from nlu.text.script import has_han, unfold
from tests.talk import Talk, cases_of, rows_of

WEDNESDAY_BEFORE_THE_HOLIDAY = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
SATURDAY_EVENING = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_an_answer_names_office_duty_and_list_version(talk: Talk) -> None:
    (answer,) = talk.say("老年证怎么办")
    for part in ("民生服务中心", "LIV-02", "2026.1", "要带", "多久", "费用"):
        assert part in answer


def test_what_is_not_ours_is_said_with_whose_it_is_and_how_to_reach_them(talk: Talk, know: Knowledge) -> None:
    (answer,) = talk.say("物业费太贵")
    duty = know.duty_list.duties["OUT-12"]
    assert "不归街道管" in answer and "OUT-12" in answer
    assert all(phone in answer for phone in duty.phones)  # type: ignore[union-attr]


def test_when_unsure_it_asks_and_offers_choices(talk: Talk) -> None:
    (question,) = talk.say("井盖的事")
    assert "1. " in question and "2. " in question
    assert list(talk.buttons.values()) == ["/ask_duty", "/ask_duty", "/deny"]


@pytest.mark.parametrize("choice", ["2", "第二个", "选2", "OUT-01", "2。"])
def test_a_choice_is_taken_by_number(talk: Talk, choice: str) -> None:
    talk.say("井盖的事")
    (answer,) = talk.say(choice, "nlu_fallback")
    assert "OUT-01" in answer
    assert talk.state.duty == "OUT-01" and talk.state.choices == []


@pytest.mark.parametrize("intent", ["ask_duty", "affirm", "rate", "out_of_scope", "check_progress"])
def test_a_choice_is_taken_whatever_it_was_classified_as(talk: Talk, intent: str) -> None:
    talk.say("井盖的事")
    assert "OUT-01" in talk.say("2", intent)[0]


def test_a_choice_is_taken_by_its_button_and_by_its_name(talk: Talk, know: Knowledge) -> None:
    for pick in (talk.press, talk.say):
        talk.say("井盖的事")
        assert "OUT-01" in pick(know.duty_list.duties["OUT-01"].name.zh)[0]


def test_none_of_the_choices_leads_to_a_person(talk: Talk, sqlite_store: Store) -> None:
    talk.say("井盖的事")
    talk.press("都不是")
    talk.say("好", "affirm")
    assert len(rows_of(sqlite_store, HandoffRow)) == 1


def test_choices_of_the_last_reply_only_are_choices(talk: Talk) -> None:
    talk.say("井盖的事")
    talk.say("你好", "greet")
    assert talk.state.choices == []
    assert "OUT-01" not in talk.say("2", "nlu_fallback")[0]


def test_saying_it_again_leaves_the_choices_open(talk: Talk) -> None:
    asked = talk.say("井盖的事")
    assert talk.say("再说一遍", "repeat_please") == asked
    assert "OUT-01" in talk.say("2", "nlu_fallback")[0]


def test_what_is_not_known_is_said_and_the_second_time_a_person_is_offered(talk: Talk, sqlite_store: Store) -> None:
    assert "没把握" in talk.say("咕噜咕噜", "nlu_fallback")[0]
    assert "转人工" in talk.say("叽里呱啦", "nlu_fallback")[0]
    talk.say("好", "affirm")
    assert len(rows_of(sqlite_store, HandoffRow)) == 1


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("要带什么", "要带"),
        ("多少钱", "费用"),
        ("多久", "多久"),
        ("在哪里办", "地点"),
        ("电话多少", "5550"),
        ("怎么申请", "1. "),
        ("凭什么", "依据"),
        ("外地户口可以吗", "谁可以办"),
    ],
)
def test_a_question_that_follows_is_about_the_duty_in_hand(talk: Talk, question: str, word: str) -> None:
    talk.say("老年证怎么办")
    (answer,) = talk.say(question)
    assert word in answer and "LIV-02" in answer
    assert len(answer) < 600


def test_a_question_about_another_duty_is_not(talk: Talk) -> None:
    talk.say("老年证怎么办")
    assert "CIT-01" in talk.say("小区里的垃圾桶满了一般要多久才来收")[0]


@pytest.mark.parametrize(
    ("now", "question", "word"),
    [
        (datetime(2026, 11, 17, 2, 0, tzinfo=UTC), "现在开门吗", "现在开着门"),
        (SATURDAY_EVENING, "现在有人吗，几点开门", "现在没开门"),
        (datetime(2026, 11, 17, 2, 0, tzinfo=UTC), "周六开门吗", "11 月 21 日（周六）开门"),
        (datetime(2026, 11, 17, 2, 0, tzinfo=UTC), "星期天几点开门", "11 月 22 日（周日）不开门"),
        (WEDNESDAY_BEFORE_THE_HOLIDAY, "明天几点开门", "10 月 1 日（周四）不开门"),
        (datetime(2026, 10, 9, 2, 0, tzinfo=UTC), "明天几点开门", "10 月 10 日（周六）开门"),
        (WEDNESDAY_BEFORE_THE_HOLIDAY, "今天几点下班", "9 月 30 日（周三）开门"),
    ],
)
def test_opening_hours_know_weekends_holidays_and_worked_saturdays(
    talk: Talk, now: datetime, question: str, word: str
) -> None:
    talk.say("老年证怎么办")
    talk.now = now
    assert word in talk.say(question)[0]


def test_opening_hours_in_english(talk: Talk) -> None:
    talk.say("老年证怎么办")
    assert "On Saturday 21/11 it is open" in talk.say("are you open on Saturday?")[0]


def test_traditional_is_answered_in_traditional(talk: Talk) -> None:
    for text in ("請問老年證點樣辦", "幾錢呀，要帶什麼", "係咪機器人嚟㗎，請問", "請問聽日開門嗎"):
        (answer,) = talk.say(text)
        assert answer == unfold(answer) and answer != "" and has_han(answer)


def test_english_is_answered_in_english(talk: Talk) -> None:
    for text, intent in (
        ("hello there", "greet"),
        ("the bins are full", "ask_duty"),
        ("how long does it take", "ask_duty"),
    ):
        for answer in talk.say(text, intent):
            assert not has_han(answer)


def test_each_message_is_answered_in_its_own_language(talk: Talk) -> None:
    assert not has_han(talk.say("who is responsible when the bins are full")[0])
    assert "归【" in talk.say("垃圾桶满了归谁管")[0]


def test_a_question_about_ourselves_is_answered_honestly(talk: Talk) -> None:
    assert talk.say("你是机器人吗", "out_of_scope") == ["我是自动应答，不是真人。"]
    assert talk.say("are you a robot", "nlu_fallback") == ["I am an automatic assistant."]


def test_what_is_said_again_is_said_word_for_word(talk: Talk) -> None:
    assert "还没说过" in talk.say("再说一遍", "repeat_please")[0]
    first = talk.say("老年证怎么办")
    assert talk.say("再说一遍", "repeat_please") == first
    assert talk.say("没听清", "repeat_please") == first


def test_a_wish_for_another_language_is_met(talk: Talk) -> None:
    assert "English" in talk.say("可以说英文吗", "change_language")[0]
    assert "Chinese" in talk.say("can we speak Chinese", "change_language")[0]
    assert "广东话" in talk.say("可以讲广东话吗", "change_language")[0]


@pytest.mark.parametrize(("text", "intent"), [("人工", "ask_human"), ("human please", "ask_human")])
def test_a_person_is_one_word_away(talk: Talk, sqlite_store: Store, text: str, intent: str) -> None:
    talk.say(text, intent)
    talk.say(text, intent)
    (handoff,) = rows_of(sqlite_store, HandoffRow)
    assert handoff.summary["words"] == text


def test_outside_hours_the_next_opening_is_named(talk: Talk) -> None:
    talk.now = datetime(2026, 9, 30, 12, 0, tzinfo=UTC)
    (answer,) = talk.say("人工", "ask_human")
    assert "10 月 8 日（周四）09:00" in answer and "5550 1099" in answer


def test_the_place_in_the_queue_is_the_true_one(talk: Talk, another: Callable[..., Talk]) -> None:
    another("two").say("人工", "ask_human")
    assert "前面还有 1 位" in talk.say("人工", "ask_human")[0]


def test_a_yes_or_no_to_nothing_is_asked_about(talk: Talk) -> None:
    assert "哪件事" in talk.say("好", "affirm")[0]
    assert "直接说" in talk.say("不用", "deny")[0]


def test_a_yes_files_what_was_offered_last_and_nothing_older(talk: Talk) -> None:
    talk.say("垃圾桶满了归谁管")
    talk.say("路灯不亮归谁管")
    talk.say("好", "affirm")
    assert talk.state.draft is not None
    assert (talk.state.draft.duty, talk.state.draft.words) == ("CIT-05", ["路灯不亮归谁管"])


def test_a_yes_after_another_answer_files_nothing(talk: Talk) -> None:
    talk.say("垃圾桶满了归谁管")
    talk.say("老年证怎么办")
    talk.say("好的", "affirm")
    assert talk.state.draft is None


def test_a_chosen_matter_is_filed_in_the_words_that_asked_for_it(talk: Talk) -> None:
    asked = "桂花园3号楼门口的井盖松了归谁管"
    talk.say(asked)
    talk.say("1", "nlu_fallback")
    talk.press("帮我报上去")
    assert talk.state.draft is not None and talk.state.draft.words == [asked]
    assert talk.state.draft.place.area == "桂花园小区"


def test_an_offer_can_be_declined(talk: Talk, sqlite_store: Store) -> None:
    talk.say("垃圾桶满了归谁管")
    assert "先不办" in talk.say("不用了", "deny")[0]
    talk.say("好", "affirm")
    assert talk.state.draft is None and cases_of(sqlite_store) == []


def test_a_stop_outside_a_form_stops_the_offer(talk: Talk) -> None:
    assert "没有正在办" in talk.say("算了", "cancel")[0]
    talk.say("垃圾桶满了归谁管")
    assert "没有提交" in talk.say("算了", "cancel")[0]
    talk.say("好", "affirm")
    assert talk.state.draft is None


def test_an_emergency_raises_one_alert_with_the_place_as_far_as_it_was_said(talk: Talk, sqlite_store: Store) -> None:
    (answer,) = talk.say("桂花园3号楼着火了", "emergency")
    assert answer.index("119") < 12
    (alert,) = rows_of(sqlite_store, AlertRow)
    assert (alert.colour, alert.detail["place"]) == ("red", "桂花园小区3号楼")


def test_what_may_be_an_emergency_names_the_numbers_first_and_is_handled_as_it_is(talk: Talk) -> None:
    first, *rest = talk.say("我老伴不太对劲，老年证还没办")
    assert "120" in first and "119" in first
    assert rest


def test_the_numbers_are_not_named_again_within_an_hour(talk: Talk) -> None:
    talk.say("我老伴不太对劲，老年证还没办")
    assert not any("120" in text for text in talk.say("他今天还是不太对劲"))
    talk.now += timedelta(hours=2)
    assert "120" in talk.say("他又不太对劲了")[0]


def test_an_emergency_of_no_known_kind_is_answered_all_the_same(talk: Talk) -> None:
    assert "110" in talk.say("救命", "emergency")[0]


# -- on the telephone ---------------------------------------------------------------------------------------------


@pytest.fixture
def caller(another: Callable[..., Talk]) -> Talk:
    return another("caller", spoken=True, caller_phone="13800138000")


def test_what_is_heard_is_short_and_has_no_buttons(caller: Talk) -> None:
    for text, intent in (
        ("喂，你好", "greet"),
        ("老年证怎么办", "ask_duty"),
        ("要带什么", "ask_duty"),
        ("嗯井盖的事", "ask_duty"),
        ("人工", "ask_human"),
    ):
        replies = caller.say(text, intent)
        assert len(replies) == 1 and len(replies[0]) <= 120
        assert caller.buttons == {}


def test_choices_are_asked_as_one_question(caller: Talk) -> None:
    (question,) = caller.say("井盖的事")
    assert "还是" in question and "1." not in question


def test_numbers_are_said_digit_by_digit(caller: Talk, sqlite_store: Store) -> None:
    caller.say("垃圾桶满了没人收，在桂花园三号楼门口", "report_problem")
    read_back = caller.say("就这个号码", "affirm")
    assert "一 三 八" in "".join(read_back) or "幺 三 八" in "".join(read_back)
    filed = " ".join(caller.say("对", "affirm"))
    (case,) = cases_of(sqlite_store)
    assert case.phone_tail == "8000"
    assert case.number not in filed and not any(figure in filed for figure in "0123456789")
