"""Several matters in one message: taken apart only when they are, each dealt with in turn, none lost."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from actions.dialogue.heard import Heard
from actions.dialogue.matters import matters_in
from actions.dialogue.scene import Knowledge, Scene
from actions.dialogue.state import TalkState
from actions.store.case_book import SqlCaseBook
from actions.store.store import Store
from actions.store.tables import AlertRow, CaseRow
from knowledge.duty_list import DutyList
from nlu.text.script import language_of
from tests.talk import Talk, knowledge, rows_of

MATTERS = {
    "垃圾": ["CIT-01"],
    "bins": ["CIT-01"],
    "路灯": ["CIT-05"],
    "路燈": ["CIT-05"],
    "lamp": ["CIT-05"],
    "装修垃圾": ["CIT-02"],
    "污水": ["CIT-08"],
    "物业": ["OUT-12"],
    "老年证": ["LIV-02"],
    "senior card": ["LIV-02"],
    "失业": ["LIV-20"],
    "居住证": ["GOV-19"],
    "居住證": ["GOV-19"],
    "residence permit": ["GOV-19"],
    "噪音": ["GOV-17", "ENF-04", "ENF-09"],
    "态度": ["GEN-03"],
    "燃气": ["EME-03"],
}
PHONE = "13800138000"


@pytest.fixture(scope="session")
def knows(street_data: DutyList) -> Knowledge:
    return knowledge(street_data, MATTERS)


@pytest.fixture
def parts(sqlite_store: Store, knows: Knowledge) -> Callable[[str], list[str]]:
    """The duties of a message's matters; of an unclear one the first that it may be."""

    def of(text: str, spoken: bool = False) -> list[str]:
        clean = knows.listener.plain(text, spoken)
        heard = Heard(1, 1, text, clean, language_of(text), "hans", "ask_duty", 0.9, datetime.now(UTC), spoken)
        with sqlite_store.transaction() as session:
            matters = matters_in(Scene(heard, TalkState(), knows, SqlCaseBook(session)))
        return [matter.duty or matter.choices[0] for matter in matters]

    return of


@pytest.fixture
def talk(sqlite_store: Store, knows: Knowledge) -> Talk:
    """A resident who writes."""
    return Talk(sqlite_store, knows)


@pytest.fixture
def caller(sqlite_store: Store, knows: Knowledge) -> Talk:
    """A resident on the telephone."""
    return Talk(sqlite_store, knows, "caller", spoken=True, caller_phone=PHONE)


@pytest.mark.parametrize(
    ("text", "duties"),
    [
        ("路灯坏了三天，另外老年证要带什么", ["CIT-05", "LIV-02"]),
        ("路灯坏了三天，还有垃圾没人收", ["CIT-05", "CIT-01"]),
        ("路灯坏了三天。垃圾也没人收", ["CIT-05", "CIT-01"]),
        ("老年证要带什么？居住证在哪办？", ["LIV-02", "GOV-19"]),
        ("老年证要带什么？路灯坏了三天了", ["LIV-02", "CIT-05"]),
        ("老年证要带什么，还有居住证", ["LIV-02", "GOV-19"]),
        ("1. 路灯坏了 2. 垃圾没人收 3. 居住证在哪办", ["CIT-05", "CIT-01", "GOV-19"]),
        ("居住证在哪办？还有一件事，噪音很大", ["GOV-19", "GOV-17"]),
        ("樓下路燈壞咗，還有一件事，居住證點樣辦", ["CIT-05", "GOV-19"]),
        ("the lamp is out and the bins are full", ["CIT-05", "CIT-01"]),
        ("The lamp is out. By the way, where do I get the senior card?", ["CIT-05", "LIV-02"]),
        ("路灯坏了 also 居住证 renew 要带什么", ["CIT-05", "GOV-19"]),
    ],
)
def test_what_is_found_by_itself_for_another_duty_is_another_matter(
    parts: Callable[[str], list[str]], text: str, duties: list[str]
) -> None:
    assert parts(text) == duties


@pytest.mark.parametrize(
    "text",
    [
        "路灯坏了三天。黑得很。老人摔了一跤。你们管不管？",
        "路灯坏了三天。找过物业，物业不管。",
        "路灯坏了，还有那边的路灯也坏了",
        "垃圾没人收，还有装修垃圾也堆着",  # the duty list itself sends residents from one to the other
        "垃圾没人收，还有一股污水的臭味",
        "我老公失业了，想办居住证，怎么办",
        "我老公失业了。居住证怎么办？",
        "老年证怎么办？要带什么？多少钱？",
        "路灯坏了，另外我电话是13800138000",
        "路灯坏了，还有在桂花园3号楼",
        "路灯坏了。你们态度太差了。",
        "路灯坏了。希望尽快处理，谢谢！",
        "路灯坏了。这个归谁管？",
        "你好。我是桂花园的。路灯坏了。",
        "路灯坏了，另外我上次报的垃圾怎么样了",
        "路灯坏了，另外帮我转人工",
        "The lamp is out. I called the 物业 and nobody came.",
        "I need the senior card. What do I bring? How long does it take?",
    ],
)
def test_one_matter_told_in_many_words_stays_one(parts: Callable[[str], list[str]], text: str) -> None:
    assert parts(text) == []


def test_questions_are_answered_and_the_report_is_taken_up(talk: Talk, sqlite_store: Store) -> None:
    said = "\n".join(talk.say(f"桂花园3号楼门口垃圾桶满了，另外老年证要带什么？还有一件事，居住证在哪办？电话{PHONE}"))
    assert "三件事" in said and said.index("LIV-02") < said.index("GOV-19") < said.index("CIT-01")
    assert talk.state.requested == "confirmed" and talk.state.later == []
    talk.say("对", "affirm")
    (case,) = rows_of(sqlite_store, CaseRow)
    assert case.what == "桂花园3号楼门口垃圾桶满了" and case.contact["phone"] == PHONE


def test_reports_follow_one_another_with_what_holds_for_all(talk: Talk, sqlite_store: Store) -> None:
    talk.say("垃圾桶满了，还有一件事，污水冒出来了，都在桂花园3号楼", "report_problem")
    talk.say("13800138000")
    filed = talk.say("对", "affirm")
    assert any("另一件" in line and "污水" in line for line in filed)
    talk.say("没进屋")
    talk.say("对", "affirm")
    cases = rows_of(sqlite_store, CaseRow)
    assert [case.duty for case in cases] == ["CIT-01", "CIT-08"]
    assert all("桂花园小区3号楼" in case.place and case.contact["phone"] == PHONE for case in cases)


def test_each_matter_keeps_its_own_place(talk: Talk, sqlite_store: Store) -> None:
    talk.say(f"桂花园3号楼垃圾桶满了，还有一件事，望江花园2号楼门口路灯不亮，电话{PHONE}", "report_problem")
    talk.say("对", "affirm")
    talk.say("马路上的")
    talk.say("对", "affirm")
    assert [case.community for case in rows_of(sqlite_store, CaseRow)] == ["guihua", "wangjiang"]


def test_no_name_holds_for_all(talk: Talk, sqlite_store: Store) -> None:
    talk.say("桂花园3号楼垃圾桶满了，还有一件事，路灯不亮，都不要写我名字，匿名", "report_problem")
    talk.say("对", "affirm")
    talk.say("对", "affirm")
    cases = rows_of(sqlite_store, CaseRow)
    assert [case.anonymous for case in cases] == [True, True] and all(case.talk_id is None for case in cases)


def test_what_was_declined_once_is_not_asked_again(talk: Talk) -> None:
    talk.say("桂花园3号楼门口垃圾桶满了，还有一件事，污水冒出来了", "report_problem")
    talk.say("不留电话", "deny")
    talk.say("对", "affirm")
    talk.say("没进屋")
    assert talk.state.requested == "confirmed"


@pytest.mark.parametrize(("answer", "intent"), [("好", "affirm"), ("接着说", "nlu_fallback"), ("说吧", "ask_duty")])
def test_a_dropped_report_leaves_the_other_one_on_offer(talk: Talk, answer: str, intent: str) -> None:
    talk.say("桂花园3号楼门口垃圾桶满了，还有一件事，路灯不亮", "report_problem")
    said = talk.say("算了不报了", "cancel")
    assert "路灯不亮" in said[-1] and talk.state.loop is None
    talk.say(answer, intent)
    assert talk.state.loop == "case_form" and talk.state.draft and talk.state.draft.duty == "CIT-05"


def test_what_is_not_wanted_is_left_and_the_next_is_offered(talk: Talk) -> None:
    talk.say("桂花园3号楼门口垃圾桶满了，还有一件事，路灯不亮，还有一件事，污水冒出来了", "report_problem")
    talk.say("算了不报了", "cancel")
    assert "污水" in talk.say("不用了", "deny")[-1]
    talk.say("不用了", "deny")
    assert talk.state.later == [] and talk.state.offer == ""


def test_another_question_does_not_lose_what_waits(talk: Talk) -> None:
    talk.say("桂花园3号楼门口垃圾桶满了，还有一件事，路灯不亮", "report_problem")
    talk.say("算了不报了", "cancel")
    assert "LIV-02" in talk.say("老年证要带什么")[0]
    assert [matter.duty for matter in talk.state.later] == ["CIT-05"]


def test_an_emergency_goes_first_and_the_rest_waits(talk: Talk, sqlite_store: Store) -> None:
    said = talk.say("着火了！另外老年证要带什么？还有居住证在哪办？", "emergency", 1.0)
    assert "119" in said[0] and "LIV-02" not in "".join(said)
    assert len(rows_of(sqlite_store, AlertRow)) == 1
    assert "老年证" in talk.say("出来了，谢谢", "thanks")[-1]


def test_on_the_telephone_one_matter_at_a_time(caller: Talk) -> None:
    said = caller.say("我问一下老年证在哪办 还有一件事 居住证要带什么")
    assert "两件事，先说" in said[0] and "接着说吗" in said[-1]
    assert sum(line.count("？") for line in said) == 1
    assert "要带" in "".join(caller.say("嗯", "affirm"))
    assert caller.state.later == []


def test_a_case_that_cannot_wait_is_filed_and_the_next_taken_up(talk: Talk, sqlite_store: Store) -> None:
    talk.say("桂花园3号楼门口燃气味很大，还有一件事，垃圾桶满了", "report_problem")
    assert [case.duty for case in rows_of(sqlite_store, CaseRow)] == ["EME-03"]
    assert talk.state.draft and talk.state.draft.duty == "CIT-01" and talk.state.requested == "contact"


def test_an_answer_may_bring_other_matters_along(talk: Talk, sqlite_store: Store) -> None:
    talk.say("垃圾桶满了，在桂花园3号楼门口", "report_problem")
    said = "\n".join(talk.say(f"{PHONE}，还有一件事，路灯不亮，另外想问一下居住证在哪办", "ask_duty"))
    assert "GOV-19" in said and PHONE in said and talk.state.requested == "confirmed"
    assert [matter.words for matter in talk.state.later] == ["路灯不亮"]
    assert talk.state.duty == "CIT-01"


def test_an_unclear_part_is_asked_about(talk: Talk) -> None:
    said = talk.say("居住证在哪办？还有一件事，想问一下噪音找谁")
    assert "GOV-19" in "".join(said) and talk.state.choices == MATTERS["噪音"]
    assert "ENF-04" in "".join(talk.say("2"))


def test_what_waits_is_stored_with_the_talk(talk: Talk) -> None:
    talk.say("桂花园3号楼门口垃圾桶满了，还有一件事，路灯不亮", "report_problem")
    stored = TalkState.model_validate(talk.state.model_dump(mode="json"))
    assert [(matter.duty, matter.words) for matter in stored.later] == [("CIT-05", "路灯不亮")]
    assert stored.later[0].spot["building"]
