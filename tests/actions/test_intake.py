"""Taking down a case: only what is missing is asked, all that is said counts, nothing is filed without a yes."""

import itertools
import re
from collections.abc import Callable

import pytest

from actions.dialogue.scene import Knowledge
from actions.store.store import Store
from actions.store.tables import AlertRow, CaseRow, HandoffRow
from nlu.text.script import has_han, unfold
from tests.talk import Talk, cases_of, rows_of

MATTER, PLACE, PHONE = "垃圾桶满了没人收", "桂花园3号楼门口", "13800138000"


def report(talk: Talk, *texts: str) -> list[str]:
    """Open with the first text; the rest are answers to whatever is asked."""
    replies = talk.say(texts[0], "report_problem")
    for text in texts[1:]:
        replies = talk.say(text, "nlu_fallback", 0.3)
    return replies


def only_case(store: Store) -> CaseRow:
    (row,) = rows_of(store, CaseRow)
    return row  # type: ignore[no-any-return]


def test_matter_place_contact_and_a_yes_make_a_case(talk: Talk, sqlite_store: Store) -> None:
    assert "城市管理科" in talk.say(MATTER, "report_problem")[0]
    report_back = report(talk, PLACE, PHONE) if talk.state.loop is None else [talk.say(PLACE)[-1], *talk.say(PHONE)]
    assert all(part in report_back[-1] for part in (MATTER, "桂花园小区3号楼", PHONE))
    filed = talk.say("对", "affirm")
    case = only_case(sqlite_store)
    assert case.number in filed[0]
    assert (case.duty, case.office, case.community, case.phone_tail) == ("CIT-01", "city", "guihua", "8000")
    assert case.contact == {"phone": PHONE, "email": "", "wish": ""}
    assert talk.state.loop is None and talk.state.draft is None


@pytest.mark.parametrize("order", list(itertools.permutations((MATTER, PLACE, PHONE))))
def test_what_is_said_first_is_not_asked_again(talk: Talk, sqlite_store: Store, order: tuple[str, ...]) -> None:
    """Whatever part comes first, in the opening or as an answer to another question."""
    report(talk, "我要报个问题", *order)
    for _ in range(3):
        if talk.state.requested == "confirmed":
            break
        missing = {"matter": MATTER, "place": PLACE, "contact": PHONE}[talk.state.requested or "matter"]
        talk.say(missing, "nlu_fallback", 0.3)
    talk.say("对", "affirm")
    case = only_case(sqlite_store)
    assert (case.duty, case.community, case.contact["phone"]) == ("CIT-01", "guihua", PHONE)


def test_all_in_one_message_needs_only_a_yes(talk: Talk, sqlite_store: Store) -> None:
    replies = report(talk, f"{MATTER}，在{PLACE}，我电话{PHONE}")
    assert talk.state.requested == "confirmed" and "对吗" in replies[-1]
    talk.say("对", "affirm")
    assert only_case(sqlite_store).contact["phone"] == PHONE


def test_nothing_is_filed_without_a_yes(talk: Talk, sqlite_store: Store) -> None:
    report(talk, MATTER, PLACE, PHONE)
    for text, intent in (
        ("不对", "deny"),
        ("谢谢", "thanks"),
        ("什么时候能好", "ask_duty"),
        ("再说一遍", "repeat_please"),
    ):
        talk.say(text, intent)
        assert cases_of(sqlite_store) == []
    assert talk.state.requested == "confirmed"


@pytest.mark.parametrize(
    ("said", "place", "phone"),
    [
        ("不是3号楼，是5号楼", "桂花园小区5号楼", PHONE),
        ("电话错了，是13911112222", "桂花园小区3号楼", "13911112222"),
        ("不对，是望江花园", "望江花园", PHONE),
    ],
)
def test_what_was_wrong_can_be_corrected_at_the_end(
    talk: Talk, sqlite_store: Store, said: str, place: str, phone: str
) -> None:
    report(talk, MATTER, PLACE, PHONE)
    talk.say("不对", "deny")
    read_back = talk.say(said, "nlu_fallback", 0.3)[-1]
    assert place in read_back and phone in read_back
    talk.say("对", "affirm")
    case = only_case(sqlite_store)
    assert place in case.place and case.contact["phone"] == phone and case.phone_tail == phone[-4:]


def test_a_corrected_estate_is_another_community(talk: Talk, sqlite_store: Store) -> None:
    report(talk, MATTER, PLACE, PHONE)
    talk.say("不是桂花园，是望江花园", "nlu_fallback", 0.3)
    talk.say("对", "affirm")
    assert only_case(sqlite_store).community == "wangjiang"


def test_an_estate_alone_is_asked_about_once(talk: Talk) -> None:
    assert "哪里" in report(talk, f"{MATTER}，在桂花园")[-1]
    talk.say("不知道", "nlu_fallback", 0.3)
    assert talk.state.requested == "contact"


def test_a_place_that_cannot_be_told_is_left_to_a_call(talk: Talk, sqlite_store: Store) -> None:
    report(talk, MATTER, "不知道", "不清楚", PHONE)
    talk.say("对", "affirm")
    assert "联系本人" in only_case(sqlite_store).place


def test_a_place_in_ones_own_words_is_kept_as_said(talk: Talk, sqlite_store: Store) -> None:
    report(talk, MATTER, "老王家后头那个拐弯", PHONE)
    talk.say("对", "affirm")
    assert "拐弯" in only_case(sqlite_store).place


def test_a_pin_is_a_place(talk: Talk, sqlite_store: Store) -> None:
    talk.say(MATTER, "report_problem")
    talk.say("", "report_problem", pin={"lat": 30.2519, "long": 110.2445, "label": "垃圾亭"})
    assert talk.state.requested == "contact"
    report(talk, PHONE) if talk.state.loop is None else talk.say(PHONE)
    talk.say("对", "affirm")
    case = only_case(sqlite_store)
    assert case.community == "guihua" and "垃圾亭" in case.place


def test_every_picture_is_counted_once(talk: Talk, sqlite_store: Store) -> None:
    talk.say("我要报个问题", "report_problem", photos=1)
    talk.say(MATTER, "report_problem", photos=2)
    assert "照片" in talk.say("", "report_problem", photos=1)[0]
    talk.say(PLACE, photos=1)
    talk.say(PHONE)
    talk.say("对", "affirm")
    assert only_case(sqlite_store).details["photos"] == 5


def test_a_picture_is_no_answer_to_a_question(talk: Talk) -> None:
    report(talk, "路灯不亮，在桂花园3号楼门口")
    assert talk.state.requested == "detail"
    talk.say("", "report_problem", photos=1)
    assert talk.state.requested == "detail"


def test_a_duty_asks_its_own_question(talk: Talk, sqlite_store: Store) -> None:
    assert "马路上的灯" in report(talk, "路灯不亮，在桂花园3号楼门口")[-1]
    report(talk, "路灯不亮") if talk.state.loop is None else talk.say("楼道里的", "nlu_fallback", 0.3)
    talk.say(PHONE)
    talk.say("对", "affirm")
    assert only_case(sqlite_store).details == {"lamp_kind": "楼道里的"}


def test_sewage_in_the_home_is_urgent(talk: Talk, sqlite_store: Store) -> None:
    report(talk, "污水冒出来了，在桂花园3号楼门口", "对", PHONE)
    filed = talk.say("对", "affirm")
    assert only_case(sqlite_store).urgent and any("急件" in text for text in filed)
    assert [alert.kind for alert in rows_of(sqlite_store, AlertRow)] == ["urgent_case"]


# -- how to reach the resident ------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", ["不留电话", "不用", "别打电话，微信说就行"])
def test_who_gives_no_phone_gets_a_code(talk: Talk, sqlite_store: Store, refusal: str) -> None:
    report(talk, MATTER, PLACE, refusal)
    filed = "\n".join(talk.say("对", "affirm"))
    case = only_case(sqlite_store)
    assert case.contact["phone"] == "" and re.search(rf"查询码是 {case.phone_tail}", filed)


def test_half_a_phone_is_asked_for_again_and_never_completed(talk: Talk) -> None:
    report(talk, MATTER, PLACE)
    answer = talk.say("1380013800", "nlu_fallback", 0.3)
    assert "10 位" in answer[0] and talk.state.requested == "contact"
    assert talk.state.draft is not None and talk.state.draft.phone == ""


def test_an_e_mail_address_will_do(talk: Talk, sqlite_store: Store) -> None:
    report(talk, MATTER, PLACE, "li@example.com")
    talk.say("对", "affirm")
    assert only_case(sqlite_store).contact["email"] == "li@example.com"


def test_on_the_telephone_the_number_they_call_from_is_offered(
    another: Callable[..., Talk], sqlite_store: Store
) -> None:
    caller = another("caller", spoken=True, caller_phone="13700001234")
    assert "幺 二 三 四" in report(caller, MATTER, PLACE)[-1]
    caller.say("行", "affirm")
    caller.say("对", "affirm")
    assert only_case(sqlite_store).contact["phone"] == "13700001234"


# -- without a name -----------------------------------------------------------------------------------------------

TELLS_WHO = re.compile(r"138|8000|王芳|402|我住|我家|example|1949")


@pytest.mark.parametrize(
    "texts",
    [
        (f"{MATTER}，在桂花园3号楼，我住402，匿名", "门口"),
        (f"{MATTER}，在桂花园3号楼门口，我电话{PHONE}，别说是我报的",),
        (MATTER, PLACE, PHONE, "不要写我的名字"),
        (MATTER, f"{PLACE}，我家就在402", "匿名"),
        (f"我叫王芳，{MATTER}，身份证11010519491231002X", PLACE, "我想匿名"),
        (f"{MATTER}，幺三八零零幺三八零零零", PLACE, "匿名"),
        (MATTER, PLACE, "li@example.com", "匿名"),
        ("路灯不亮，匿名", PLACE, f"楼道里的，我家402，打{PHONE}"),
    ],
)  # fmt: skip
def test_a_case_without_a_name_holds_nothing_that_tells_who(
    talk: Talk, sqlite_store: Store, texts: tuple[str, ...]
) -> None:
    report(talk, *texts)
    for _ in range(3):
        if talk.state.requested == "confirmed":
            break
        talk.say({"place": PLACE, "detail": "楼道里的"}.get(talk.state.requested or "", "没有了"), "nlu_fallback", 0.3)
    filed = "\n".join(talk.say("对", "affirm"))
    row = only_case(sqlite_store)
    assert row.anonymous and row.talk_id is None
    stored = " ".join(map(str, (row.what, row.place, row.contact, row.details)))
    assert not TELLS_WHO.search(stored), stored
    assert row.phone_tail != "8000" and row.phone_tail in filed
    assert row.number not in str(talk.state.model_dump(exclude={"said"}))


def test_a_case_without_a_name_is_found_by_number_and_code_alone(talk: Talk, sqlite_store: Store) -> None:
    report(talk, MATTER, PLACE, "匿名")
    talk.say("对", "affirm")
    row = only_case(sqlite_store)
    assert "单号是多少" in talk.say("到哪一步了", "check_progress")[-1]
    assert row.number in talk.say(f"{row.number} {row.phone_tail}", "nlu_fallback")[0]
    assert row.number not in str(talk.state.model_dump(exclude={"said"}))


@pytest.mark.parametrize("fear", ["我怕他们报复", "I'm afraid they will know it was me"])
def test_fear_is_answered_before_anything_is_asked(talk: Talk, fear: str) -> None:
    report(talk, MATTER)
    (answer,) = talk.say(fear, "nlu_fallback", 0.3)
    assert "110" in answer and talk.state.draft is not None and not talk.state.draft.anonymous
    talk.say("匿名", "nlu_fallback", 0.3)
    assert talk.state.draft.anonymous


# -- interruptions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "intent", "word"),
    [
        ("要交钱吗", "ask_duty", "费用"),
        ("多久能来", "ask_duty", "多久"),
        ("老年证去哪里办", "ask_duty", "民生服务中心"),
        ("你是机器人吗", "out_of_scope", "自动应答"),
        ("谢谢", "thanks", "接着"),
    ],
)
def test_a_digression_is_answered_and_the_question_asked_again(
    talk: Talk, sqlite_store: Store, question: str, intent: str, word: str
) -> None:
    report(talk, MATTER)
    replies = talk.say(question, intent)
    assert word in replies[0] and "什么地方" in replies[-1]
    assert talk.state.requested == "place"
    for text in (PLACE, PHONE):
        talk.say(text)
    talk.say("对", "affirm")
    assert only_case(sqlite_store).duty == "CIT-01"


def test_a_stop_drops_everything(talk: Talk, sqlite_store: Store) -> None:
    report(talk, MATTER, PLACE)
    assert "没有提交" in talk.say("算了，不报了", "cancel")[0]
    assert talk.state.loop is None and talk.state.draft is None
    talk.say("对", "affirm")
    assert cases_of(sqlite_store) == []


def test_a_person_can_be_asked_for_inside_the_form_and_the_form_goes_on(talk: Talk, sqlite_store: Store) -> None:
    report(talk, MATTER)
    assert len(talk.say("人工", "ask_human")) == 1
    assert len(rows_of(sqlite_store, HandoffRow)) == 1 and talk.state.requested == "place"
    for text in (PLACE, PHONE):
        talk.say(text)
    talk.say("对", "affirm")
    assert only_case(sqlite_store)


def test_an_emergency_inside_the_form_leaves_it_open(talk: Talk, sqlite_store: Store) -> None:
    report(talk, MATTER, PLACE)
    message = talk.talks.receive("test", "resident", "fire", "着火了", {}, talk.now)
    from actions.acts import Understood

    done = talk.acts.do(message.id, "action_emergency", Understood("emergency", 1.0, "guard"))
    talk.talks.finish(message.id, [], talk.now)
    assert "119" in done.replies[0].text and talk.state.requested == "contact"
    (alert,) = rows_of(sqlite_store, AlertRow)
    assert "桂花园小区3号楼" in alert.detail["place"]


def test_a_second_matter_is_kept_and_taken_up_after_the_first(talk: Talk, sqlite_store: Store) -> None:
    report(talk, MATTER)
    assert "先把这件报完" in talk.say("还有路灯不亮好几天了", "report_problem")[0]
    for text in (PLACE, PHONE):
        talk.say(text)
    filed = talk.say("对", "affirm")
    assert any("接着说" in line and "路灯不亮" in line for line in filed)
    assert talk.state.draft is not None and talk.state.draft.duty == "CIT-05"


def test_what_is_not_ours_is_not_taken_down(talk: Talk, sqlite_store: Store) -> None:
    assert "不归街道管" in report(talk, "物业费太贵了")[0]
    assert talk.state.loop is None and talk.state.draft is None


def test_what_cannot_be_told_apart_is_asked_and_then_goes_to_a_person(talk: Talk, sqlite_store: Store) -> None:
    assert "1. " in report(talk, "井盖的事")[-1]
    talk.say("1", "nlu_fallback", 0.3)
    assert talk.state.draft is not None and talk.state.draft.duty == "CIT-06"
    another = Talk(sqlite_store, talk._know, "another")
    replies = report(another, "那个东西", "就是那个", "那个呀")
    assert "不乱派" in replies[-1] or len(rows_of(sqlite_store, HandoffRow)) == 1
    assert another.state.loop is None


@pytest.mark.parametrize(
    ("intent", "duty"), [("complain_staff", "GEN-03"), ("suggest", "GEN-02"), ("book_visit", "COM-03")]
)
def test_complaints_suggestions_and_visits_go_where_the_street_sends_them(talk: Talk, intent: str, duty: str) -> None:
    talk.say("窗口那个人态度太差了" if intent == "complain_staff" else "我想说个事情", intent)
    assert talk.state.draft is not None and talk.state.draft.duty == duty


# -- languages ----------------------------------------------------------------------------------------------------


def test_a_case_can_be_filed_in_english(talk: Talk, sqlite_store: Store) -> None:
    replies = [
        *report(talk, "the bins are full and nobody comes"),
        *talk.say("Guihuayuan Estate, building 3, by the gate"),
    ]
    replies += [*talk.say("13800138000"), *talk.say("yes", "affirm")]
    assert not any(map(has_han, replies)), replies
    case = only_case(sqlite_store)
    assert (case.language, case.community) == ("en", "guihua")


def test_a_case_can_be_filed_in_traditional(talk: Talk, sqlite_store: Store) -> None:
    replies = [
        *report(talk, "垃圾桶滿了冇人收呀"),
        *talk.say("桂花園3號樓門口"),
        *talk.say("電話13800138000"),
        *talk.say("係", "affirm"),
    ]
    assert all(reply == unfold(reply) for reply in replies)
    assert only_case(sqlite_store).community == "guihua"


def test_the_answer_to_who_handles_it_leads_into_a_report(talk: Talk, sqlite_store: Store, know: Knowledge) -> None:
    talk.say(f"{MATTER}归谁管，在{PLACE}")
    talk.press("帮我报上去")
    assert talk.state.requested == "contact"
    talk.say(PHONE)
    talk.say("对", "affirm")
    assert only_case(sqlite_store).list_version == know.duty_list.version
