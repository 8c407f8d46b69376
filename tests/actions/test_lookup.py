"""Cases that exist: who may see them, and what a resident can still do."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from actions.cases.case import Case, State
from actions.cases.number import case_number
from actions.store.desk import Desk
from actions.store.store import Store
from actions.words import Words
from knowledge.duty_list import DutyList
from tests.talk import TUESDAY, Talk, cases_of

PHONE = "13800138000"
MATTERS = ("垃圾桶满了没人收，在桂花园3号楼门口", "路灯不亮，楼道里的，在望江花园2号楼门口")


@pytest.fixture
def file_case(sqlite_store: Store) -> Callable[..., Case]:
    """Files a case in a talk, the way residents do."""

    def make(talk: Talk, matter: str = MATTERS[0]) -> Case:
        talk.say(f"{matter}，电话{PHONE}", "report_problem")
        while talk.state.requested != "confirmed":
            talk.say({"detail": "楼道里的", "place": "门口"}[talk.state.requested or ""], "nlu_fallback", 0.3)
        talk.say("对", "affirm")
        return cases_of(sqlite_store)[-1]

    return make


@pytest.fixture
def move(sqlite_store: Store, street_data: DutyList) -> Callable[..., Case]:
    """Moves a case on, the way staff do."""
    desk = Desk(sqlite_store, street_data, Words.read())

    def make(case: Case, *states: State, note: str = "") -> Case:
        for state in states:
            case = desk.move(case.number, state, "li", note, TUESDAY)
        return case

    return make


def now(store: Store) -> State:
    (case,) = cases_of(store)
    return case.state


def test_a_talk_sees_its_own_case_without_a_number(talk: Talk, file_case: Callable[..., Case]) -> None:
    case = file_case(talk)
    replies = talk.say("我报的事怎么样了", "check_progress")
    assert case.number in replies[0] and "已派单" in replies[0] and "还有 1 天" in replies[1]


def test_progress_tells_state_staffs_words_and_lateness(
    talk: Talk, file_case: Callable[..., Case], move: Callable[..., Case]
) -> None:
    case = file_case(talk)
    move(case, State.ACCEPTED, State.IN_WORK, note="车在路上")
    talk.now += timedelta(days=3)
    replies = "\n".join(talk.say("到哪一步了", "check_progress"))
    assert "正在办" in replies and "车在路上" in replies and "已经超过" in replies
    talk.press("催一下")
    assert "已经超过" in "\n".join(talk.say("到哪一步了", "check_progress"))


def test_what_is_done_is_never_called_late(
    talk: Talk, file_case: Callable[..., Case], move: Callable[..., Case]
) -> None:
    move(file_case(talk), State.ACCEPTED, State.RESOLVED)
    talk.now += timedelta(days=30)
    assert "超过" not in "\n".join(talk.say("到哪一步了", "check_progress"))


def test_several_cases_are_listed_and_one_is_picked(talk: Talk, file_case: Callable[..., Case]) -> None:
    first, second = file_case(talk), file_case(talk, MATTERS[1])
    (listed,) = talk.say("我的工单都怎么样了", "check_progress")
    assert first.number in listed and second.number in listed
    assert list(talk.buttons) == [second.number, first.number]
    assert first.number in talk.say(first.number, "check_progress")[0]


def test_another_residents_case_is_invisible(
    talk: Talk, another: Callable[..., Talk], file_case: Callable[..., Case]
) -> None:
    case = file_case(talk)
    stranger = another("stranger")
    for text in ("我报的事怎么样了", f"{case.number} 到哪一步了", "垃圾的事怎么样了"):
        replies = "\n".join(stranger.say(text, "check_progress"))
        assert "城市管理科" not in replies and "已派单" not in replies and "桂花园" not in replies
        stranger.say("不查了", "cancel")


def test_number_and_digits_open_a_case_from_anywhere(
    talk: Talk, another: Callable[..., Talk], file_case: Callable[..., Case]
) -> None:
    case = file_case(talk)
    stranger = another("stranger")
    assert "单号是多少" in stranger.say("查一下进度", "check_progress")[0]
    assert "后四位" in stranger.say(case.number, "nlu_fallback")[0]
    assert case.number in stranger.say("8000", "nlu_fallback")[0]
    follow_up = stranger.say("催一下", "reopen_or_urge")
    assert "催过了" in follow_up[0], "number and digits were shown already"


@pytest.mark.parametrize("together", ["{} 8000", "单号{}，手机尾号8000", "{}，后四位是八零零零"])
def test_number_and_digits_in_one_message_are_enough(
    talk: Talk, another: Callable[..., Talk], file_case: Callable[..., Case], together: str
) -> None:
    case = file_case(talk)
    assert case.number in another("stranger").say(together.format(case.number), "check_progress")[0]


def test_a_wrong_pair_tells_nothing(talk: Talk, another: Callable[..., Talk], file_case: Callable[..., Case]) -> None:
    case = file_case(talk)
    stranger = another("stranger")
    wrong_tail = stranger.say(f"{case.number} 1234", "check_progress")
    no_such = stranger.say(f"{case_number(case.id + 7)} 1234", "check_progress")
    assert wrong_tail == no_such and "对不上" in wrong_tail[0]


def test_guessing_is_slowed_and_the_right_pair_waits_too(
    talk: Talk, another: Callable[..., Talk], file_case: Callable[..., Case]
) -> None:
    case = file_case(talk)
    stranger = another("stranger")
    for guess in range(5):
        assert "对不上" in stranger.say(f"{case.number} {guess:04d}", "check_progress")[0]
    slowed = stranger.say(f"{case.number} 8000", "check_progress")
    assert "半小时" in slowed[0] and case.number not in slowed[0]
    stranger.now += timedelta(minutes=31)
    assert "已派单" in stranger.say(f"{case.number} 8000", "check_progress")[0]


def test_a_number_with_a_slip_is_noticed_at_once(
    talk: Talk, another: Callable[..., Talk], file_case: Callable[..., Case]
) -> None:
    number = file_case(talk).number
    slip = number[:-1] + str((int(number[-1]) + 1) % 10)
    replies = another("stranger").say(f"查一下 {slip}", "check_progress")
    assert "校验" in replies[0] and "单号是多少" in replies[-1]


def test_who_has_no_number_is_led_to_a_person(another: Callable[..., Talk]) -> None:
    stranger = another("stranger")
    stranger.say("查一下进度", "check_progress")
    assert "没有单号" in stranger.say("我不记得单号了呀", "nlu_fallback")[0]
    assert "前面还有" in stranger.say("好", "affirm")[0]


@pytest.mark.parametrize(("text", "intent"), [("不查了", "cancel"), ("没有", "deny")])
def test_a_look_up_can_be_dropped(another: Callable[..., Talk], text: str, intent: str) -> None:
    stranger = another("stranger")
    stranger.say("查一下进度", "check_progress")
    assert "不查了" in stranger.say(text, intent)[0]
    assert stranger.state.loop is None and stranger.state.lookup is None


def test_words_are_added_to_a_case(talk: Talk, file_case: Callable[..., Case], sqlite_store: Store) -> None:
    file_case(talk)
    talk.say("补充一下，臭得很", "add_to_case", photos=1)
    (case,) = cases_of(sqlite_store)
    assert (case.history[-1].kind, case.history[-1].note, case.history[-1].data) == (
        "words",
        "补充一下，臭得很",
        {"photos": 1},
    )


def test_a_case_is_withdrawn_after_a_yes_only(talk: Talk, file_case: Callable[..., Case], sqlite_store: Store) -> None:
    case = file_case(talk)
    assert case.number in talk.say("我要撤回", "withdraw_case")[0] and now(sqlite_store) is State.DISPATCHED
    talk.press("不撤")
    assert now(sqlite_store) is State.DISPATCHED
    talk.say("还是撤了吧", "withdraw_case")
    talk.press("对，撤回")
    assert now(sqlite_store) is State.WITHDRAWN


def test_a_yes_to_something_else_withdraws_nothing(
    talk: Talk, file_case: Callable[..., Case], sqlite_store: Store
) -> None:
    file_case(talk)
    talk.say("我要撤回", "withdraw_case")
    talk.say("谢谢", "thanks")
    talk.say("好的", "affirm")
    assert now(sqlite_store) is State.DISPATCHED


def test_what_is_done_cannot_be_withdrawn(
    talk: Talk, file_case: Callable[..., Case], move: Callable[..., Case], sqlite_store: Store
) -> None:
    move(file_case(talk), State.ACCEPTED, State.RESOLVED)
    assert "撤不回来" in talk.say("撤回", "withdraw_case")[0]
    assert now(sqlite_store) is State.RESOLVED


def test_a_case_in_work_is_urged(talk: Talk, file_case: Callable[..., Case], sqlite_store: Store) -> None:
    file_case(talk)
    assert "催过了" in talk.say("催一下", "reopen_or_urge")[0]
    assert cases_of(sqlite_store)[0].history[-1].kind == "urge" and now(sqlite_store) is State.DISPATCHED


@pytest.mark.parametrize("states", [(State.ACCEPTED, State.RESOLVED), (State.ACCEPTED, State.RESOLVED, State.CLOSED)])
def test_what_is_not_solved_is_reopened(
    talk: Talk,
    file_case: Callable[..., Case],
    move: Callable[..., Case],
    sqlite_store: Store,
    states: tuple[State, ...],
) -> None:
    move(file_case(talk), *states)
    assert "重新打开" in talk.say("没解决", "reopen_or_urge")[0]
    assert now(sqlite_store) is State.IN_WORK
    assert cases_of(sqlite_store)[0].history[-1].data == {"reopened": True}


def test_what_was_withdrawn_is_not_urged(talk: Talk, file_case: Callable[..., Case]) -> None:
    file_case(talk)
    talk.say("撤回", "withdraw_case")
    talk.say("对", "affirm")
    assert "已经撤回" in talk.say("催一下", "reopen_or_urge")[0]


@pytest.mark.parametrize(
    ("words", "score", "said"),
    [
        ("5分", 5, "谢谢"),
        ("五星", 5, "谢谢"),
        ("给1分，没人来", 1, "对不起"),
        ("2 stars", 2, "sorry"),
        ("3", 3, "谢谢"),
        ("还行吧", 0, "谢谢"),
    ],
)
def test_a_rating_is_kept_with_its_words(
    talk: Talk,
    file_case: Callable[..., Case],
    move: Callable[..., Case],
    sqlite_store: Store,
    words: str,
    score: int,
    said: str,
) -> None:
    move(file_case(talk), State.ACCEPTED, State.RESOLVED)
    assert said in talk.say(words, "rate")[0]
    last = cases_of(sqlite_store)[0].history[-1]
    assert (last.kind, last.note, last.data) == ("rating", words, {"score": score})


def test_the_case_meant_is_the_one_spoken_of_last(
    talk: Talk, file_case: Callable[..., Case], sqlite_store: Store
) -> None:
    first, _ = file_case(talk), file_case(talk, MATTERS[1])
    talk.say(first.number, "check_progress")
    talk.say("催一下", "reopen_or_urge")
    kinds = {case.number: case.history[-1].kind for case in cases_of(sqlite_store)}
    assert kinds[first.number] == "urge" and list(kinds.values()).count("urge") == 1


def test_a_case_of_a_duty_that_the_list_has_no_more_is_still_told(
    talk: Talk, file_case: Callable[..., Case], sqlite_store: Store
) -> None:
    from actions.store.tables import CaseRow

    case, _ = file_case(talk), file_case(talk, MATTERS[1])
    with sqlite_store.transaction() as session:
        row = session.get_one(CaseRow, case.id)
        row.duty, row.office = "OLD-01", "closed-office"
    assert "OLD-01" in talk.say("我的工单", "check_progress")[0]
    assert "closed-office" in talk.say(case.number, "check_progress")[0]
    assert talk.say("催一下", "reopen_or_urge")


def test_a_case_number_is_said_digit_by_digit_on_the_telephone(
    another: Callable[..., Talk], file_case: Callable[..., Case]
) -> None:
    caller = another("caller", spoken=True)
    case = file_case(caller)
    (said,) = caller.say("催一下", "reopen_or_urge")
    assert case.number not in said and not any(figure in said.split("。")[0] for figure in "0123456789")
