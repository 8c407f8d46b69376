"""What was not surely heard is read back and used only after a yes; an address or a number is never guessed."""

from collections.abc import Callable

import pytest

from actions.cases.number import case_number, is_case_number
from actions.store.store import Store
from tests.talk import Talk, cases_of

MATTER = "垃圾桶满了没人收"


@pytest.fixture
def caller(another: Callable[..., Talk]) -> Talk:
    """A resident on the telephone."""
    return another("caller", spoken=True, caller_phone="13900001234")


def place_of(talk: Talk) -> str:
    assert talk.state.draft is not None
    return talk.state.draft.place.in_words("zh")


def begin(talk: Talk, text: str, **hearing: object) -> list[str]:
    return talk.say(text, "report_problem", **hearing)


@pytest.mark.parametrize("heard", ["贵花园三号楼", "桂华园三号楼", "贵花源三号楼"])
def test_a_place_heard_by_its_sound_is_read_back_and_used_after_a_yes(caller: Talk, heard: str) -> None:
    replies = begin(caller, f"{heard}{MATTER}")
    assert replies[-1] == "您说的是桂花园小区三号楼吗？"
    assert "桂花园" not in place_of(caller)
    caller.say("对", "affirm")
    assert place_of(caller) == "桂花园小区3号楼"


def test_a_place_that_was_denied_is_asked_for_and_never_proposed_again(caller: Talk) -> None:
    begin(caller, f"贵花园三号楼{MATTER}")
    replies = caller.say("不是", "deny")
    assert "听错了" in replies[0] and "桂花园" not in "".join(replies)
    caller.say("贵花园", "nlu_fallback", 0.3)
    assert place_of(caller) == "贵花园3号楼"


def test_another_name_in_answer_to_the_read_back_counts(caller: Talk) -> None:
    begin(caller, f"贵花园三号楼{MATTER}")
    caller.say("不是 是望江花园", "nlu_fallback", 0.3)
    assert place_of(caller) == "望江花园3号楼"


def test_the_same_name_heard_again_is_a_yes(caller: Talk) -> None:
    begin(caller, f"贵花园三号楼{MATTER}")
    caller.say("桂花园", "nlu_fallback", 0.3)
    assert place_of(caller) == "桂花园小区3号楼"


def test_who_writes_is_taken_at_their_word(talk: Talk) -> None:
    replies = talk.say(f"贵花园3号楼{MATTER}", "report_problem")
    assert not any("您说的是" in reply for reply in replies)
    assert place_of(talk) == "贵花园3号楼"


def test_hearings_that_differ_in_a_building_are_read_back(caller: Talk) -> None:
    replies = begin(caller, f"桂花园四号楼{MATTER}", alternatives=[f"桂花园十号楼{MATTER}"])
    assert replies[-1] == "您说的是桂花园小区四号楼吗？"
    assert place_of(caller) == "桂花园小区"
    caller.say("不是 十号楼", "nlu_fallback", 0.3)
    assert place_of(caller) == "桂花园小区10号楼"


def test_a_place_that_only_another_hearing_holds_is_evidence_and_is_read_back(caller: Talk) -> None:
    replies = begin(caller, f"鬼话圆三号楼{MATTER}", alternatives=[f"桂花园三号楼{MATTER}"])
    assert replies[-1] == "您说的是桂花园小区三号楼吗？"


def test_hearings_that_agree_are_not_asked_about(caller: Talk) -> None:
    replies = begin(caller, f"桂花园三号楼{MATTER}", alternatives=["桂花园三号楼垃圾桶满"], sure=0.95)
    assert not any("您说的是" in reply for reply in replies)
    assert place_of(caller) == "桂花园小区3号楼"


def test_what_a_recogniser_heard_badly_is_read_back(caller: Talk) -> None:
    replies = begin(caller, f"桂花园三号楼幺零二{MATTER}", sure=0.3)
    assert replies[-1] == "您说的是桂花园小区三号楼幺 零 二室吗？"
    assert place_of(caller) == ""
    caller.say("对的", "affirm")
    assert place_of(caller) == "桂花园小区3号楼102室"


def test_what_was_heard_badly_before_an_offer_was_accepted_is_read_back(caller: Talk) -> None:
    caller.say(f"贵花园三号楼{MATTER}归谁管", "ask_duty")
    replies = caller.say("好", "affirm")
    assert replies[-1] == "您说的是桂花园小区三号楼吗？"


def test_a_phone_that_the_hearings_do_not_agree_on_is_read_back(another: Callable[..., Talk]) -> None:
    talk = another("no number shown", spoken=True)
    begin(talk, f"桂花园三号楼{MATTER}")
    replies = talk.say("幺三八零零幺三八零零零", "nlu_fallback", 0.3, alternatives=["幺三八零零幺三八零零八"])
    assert replies[-1] == "电话是幺 三 八，零 零 幺 三，八 零 零 零，对吗？"
    assert talk.state.draft is not None and talk.state.draft.phone == ""
    talk.say("不对 最后是八", "nlu_fallback", 0.3)
    assert talk.state.draft.phone == ""
    talk.say("幺三八零零幺三八零零八", "nlu_fallback", 0.3)
    assert talk.state.draft is not None and talk.state.draft.phone == "13800138008"


def test_a_phone_heard_badly_is_read_back_with_the_case(another: Callable[..., Talk]) -> None:
    talk = another("no number shown", spoken=True)
    begin(talk, f"桂花园三号楼{MATTER}")
    replies = talk.say("幺三八零零幺三八零零零", "nlu_fallback", 0.3, sure=0.2)
    assert "幺 三 八，零 零 幺 三，八 零 零 零" in replies[-1] and talk.state.requested == "confirmed"


def test_two_read_backs_denied_lead_to_a_person(caller: Talk) -> None:
    begin(caller, f"贵花园三号楼{MATTER}")
    caller.say("不是", "deny")
    caller.say("忘江花园", "nlu_fallback", 0.3)
    replies = caller.say("不是", "deny")
    assert "叫人" in replies[-1]


def test_nothing_is_filed_at_a_place_that_was_not_confirmed(caller: Talk, sqlite_store: Store) -> None:
    begin(caller, "贵花园三号楼燃气泄漏")
    assert cases_of(sqlite_store) == []
    caller.say("是的", "affirm")
    (case,) = cases_of(sqlite_store)
    assert case.place == "桂花园小区3号楼" and case.community == "guihua"


def filed(talk: Talk) -> str:
    begin(talk, f"桂花园三号楼{MATTER}")
    talk.say("好", "affirm")
    talk.say("对", "affirm")
    return talk.state.case


def test_a_case_number_is_checked_against_the_other_hearings(another: Callable[..., Talk]) -> None:
    number = filed(another("neighbour", spoken=True, caller_phone="13900001234"))
    wrong = next(n for n in (f"{number[:-1]}{d}" for d in "0123456789") if not is_case_number(n))
    caller = another("from another phone", spoken=True)
    replies = caller.say(f"查进度 {wrong}", "check_progress", alternatives=[f"查进度 {number}"])
    assert "我听到的是" in replies[-1] and caller.state.lookup is not None and caller.state.lookup.number == ""
    assert "后四位" in caller.say("对", "affirm")[-1]
    replies = caller.say("一二三四", "nlu_fallback", 0.3, alternatives=["一二三七"])
    assert replies[-1] == "我听到的是幺 二 三 四，对吗？"
    assert "城市管理科" in caller.say("对", "affirm")[0]


def test_a_number_denied_twice_leads_to_a_person(caller: Talk) -> None:
    one, other = case_number(1), case_number(2)
    caller.say("查进度", "check_progress")
    caller.say(one, "nlu_fallback", 0.3, alternatives=[other])
    assert "听错了" in caller.say("不是", "deny")[0] and caller.state.requested == "case_number"
    caller.say(one, "nlu_fallback", 0.3, alternatives=[other])
    caller.say("不是", "deny")
    assert caller.state.loop is None and caller.state.offer == "person"


def test_what_was_taken_back_is_not_taken_down(caller: Talk) -> None:
    begin(caller, f"桂花园三号楼 不对不对 是五号楼 {MATTER}")
    assert place_of(caller) == "桂花园小区5号楼"


def test_a_yes_to_a_number_may_bring_the_digits_along(another: Callable[..., Talk]) -> None:
    number = filed(another("neighbour", spoken=True, caller_phone="13900001234"))
    wrong = next(n for n in (f"{number[:-1]}{d}" for d in "0123456789") if not is_case_number(n))
    caller = another("from another phone", spoken=True)
    caller.say(f"查进度 {wrong}", "check_progress", alternatives=[f"查进度 {number}"])
    assert "城市管理科" in caller.say("对 后四位是 一二三四", "nlu_fallback", 0.3)[0]
