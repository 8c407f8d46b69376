"""Cases in the store, and staff's hand on them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from actions.cases.book import Contact, NewCase
from actions.cases.case import Case, Happening, IllegalMove, State, state_of
from actions.cases.number import is_case_number
from actions.store.case_book import SqlCaseBook
from actions.store.desk import Desk
from actions.store.store import Store
from actions.store.tables import AlertRow, CaseRow, HandoffRow, HappeningRow, ReplyRow
from actions.store.talks import Talks
from actions.words import Words
from knowledge.duty_list import DutyList
from tests.talk import TUESDAY, rows_of

RUBBISH = NewCase(
    talk_id=None,
    duty="CIT-01",
    list_version="2026.1",
    office="city",
    community="guihua",
    what="垃圾桶满了没人收",
    place="桂花园小区3号楼",
    language="zh",
    urgent=False,
    anonymous=False,
    contact=Contact("13800138000"),
    phone_tail="8000",
    opened_at=TUESDAY,
    due_at=TUESDAY + timedelta(days=1),
    details={"photos": 2},
)


@contextmanager
def book_of(store: Store) -> Iterator[SqlCaseBook]:
    with store.transaction() as session:
        yield SqlCaseBook(session)


@pytest.fixture
def open_case(store: Store) -> Callable[..., Case]:
    """Opens a case in a resident's talk, or without one."""

    def make(address: str = "one", text: str = "你好", **changes: object) -> Case:
        talks = Talks(store)
        message = talks.receive("web", address, f"{address}-{text}", text, {}, TUESDAY)
        with book_of(store) as book:
            return book.open(replace(RUBBISH, talk_id=message.talk_id, **changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def desk(store: Store, street_data: DutyList) -> Desk:
    return Desk(store, street_data, Words.read())


def test_an_opened_case_is_sent_to_its_office_and_comes_back_as_it_was(
    open_case: Callable[..., Case], store: Store
) -> None:
    case = open_case()
    assert is_case_number(case.number) and case.state is State.DISPATCHED
    assert [line.kind for line in case.history] == ["opened", "dispatched"]
    assert case.history[1].data == {"office": "city"}
    assert (case.what, case.place, case.details, case.due_at) == (
        RUBBISH.what,
        RUBBISH.place,
        {"photos": 2},
        RUBBISH.due_at,
    )
    with book_of(store) as book:
        assert book.by_number(case.number) == case
        assert book.by_number("000-0000") is None


def test_a_talk_sees_its_own_cases_newest_first(open_case: Callable[..., Case], store: Store) -> None:
    first, second = open_case(), open_case(text="再报一个")
    open_case("two")
    with book_of(store) as book:
        assert [case.number for case in book.of_talk(1)] == [second.number, first.number]


def test_a_case_without_a_name_leads_to_nobody(open_case: Callable[..., Case], store: Store) -> None:
    case = open_case(anonymous=True, contact=Contact())
    with book_of(store) as book:
        assert book.of_talk(1) == []
    (row,) = rows_of(store, CaseRow)
    assert row.talk_id is None and set(row.contact.values()) == {""}
    assert case.anonymous


def test_a_history_only_grows_and_its_state_is_the_cases(open_case: Callable[..., Case], store: Store) -> None:
    case = open_case()
    for kind in (State.ACCEPTED, "urge", State.IN_WORK, State.RESOLVED, "rating", State.IN_WORK):
        with book_of(store) as book:
            after = book.append(case.number, Happening(TUESDAY, kind, "staff"))
        assert after.history[: len(case.history)] == case.history
        case = after
    assert state_of(case.history) is case.state is State.IN_WORK
    assert [row.state for row in rows_of(store, CaseRow)] == [State.IN_WORK]


def test_an_impossible_move_leaves_nothing(open_case: Callable[..., Case], store: Store) -> None:
    case = open_case()
    with pytest.raises(IllegalMove), book_of(store) as book:
        book.append(case.number, Happening(TUESDAY, State.CLOSED, "staff"))
    assert len(rows_of(store, HappeningRow)) == 2
    with pytest.raises(LookupError), book_of(store) as book:
        book.append("000-0000", Happening(TUESDAY, "urge", "resident"))


def test_lines_added_at_once_all_stand_in_the_history(open_case: Callable[..., Case], store: Store) -> None:
    number = open_case().number

    def urge(_: int) -> None:
        with book_of(store) as book:
            book.append(number, Happening(TUESDAY, "urge", "resident"))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(urge, range(12)))
    assert sorted(row.position for row in rows_of(store, HappeningRow)) == list(range(14))


def test_asking_for_a_person_again_is_the_same_place_in_the_queue(open_case: Callable[..., Case], store: Store) -> None:
    for address in ("one", "two"):
        open_case(address)
    places = []
    for talk in (1, 2, 1, 2):
        with book_of(store) as book:
            places.append(book.ask_for_person(talk, TUESDAY, "asked", {"words": "人工"}))
    assert places == [1, 2, 1, 2]
    assert len(rows_of(store, HandoffRow)) == 2


def test_an_alert_is_raised_once_until_it_ends(store: Store) -> None:
    for end in (False, False, True, False):
        with book_of(store) as book:
            book.raise_alert("blue", "rasa_down", TUESDAY, {})
            book.raise_alert("blue", "rasa_down", TUESDAY, {"where": "elsewhere"})
            if end:
                book.end_alerts("rasa_down", TUESDAY)
    alerts = rows_of(store, AlertRow)
    assert [alert.ended_at is None for alert in alerts] == [False, False, True, True]


def test_wrong_pairs_are_counted_by_talk_by_number_and_time(open_case: Callable[..., Case], store: Store) -> None:
    for address in ("one", "two"):
        open_case(address)
    with book_of(store) as book:
        for minutes in (0, 20, 40):
            book.note_failed_lookup(1, "889-8611", TUESDAY + timedelta(minutes=minutes))
        assert book.failed_lookups(1, "889-8611", TUESDAY + timedelta(minutes=10)) == (2, 2)
        assert book.failed_lookups(2, "889-8611", TUESDAY) == (0, 3)
        assert book.failed_lookups(2, "507-8944", TUESDAY) == (0, 0)


# -- staff --------------------------------------------------------------------------------------------------------


def news(store: Store) -> list[str]:
    return [row.body["text"] for row in rows_of(store, ReplyRow) if row.in_reply_to is None]


def test_moving_a_case_tells_the_resident(desk: Desk, open_case: Callable[..., Case], store: Store) -> None:
    case = open_case()
    desk.move(case.number, State.ACCEPTED, "li", "下午去看", TUESDAY)
    (text,) = news(store)
    assert case.number in text and "科室已接手" in text and "下午去看" in text


def test_a_move_and_its_news_are_one(
    desk: Desk, open_case: Callable[..., Case], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = open_case()

    def fail(*_: object) -> str:
        raise RuntimeError("no words")

    monkeypatch.setattr("actions.store.desk.news_of", fail)
    with pytest.raises(RuntimeError):
        desk.move(case.number, State.ACCEPTED, "li", "", TUESDAY)
    assert news(store) == [] and desk.cases()[0].state is State.DISPATCHED


def test_an_impossible_move_tells_nobody(desk: Desk, open_case: Callable[..., Case], store: Store) -> None:
    case = open_case()
    with pytest.raises(IllegalMove):
        desk.move(case.number, State.CLOSED, "li", "", TUESDAY)
    with pytest.raises(LookupError):
        desk.move("000-0000", State.ACCEPTED, "li", "", TUESDAY)
    assert news(store) == []


def test_nobody_is_told_of_a_case_without_a_name(desk: Desk, open_case: Callable[..., Case], store: Store) -> None:
    case = open_case(anonymous=True)
    desk.move(case.number, State.ACCEPTED, "li", "看过了", TUESDAY)
    desk.note(case.number, "li", "再看看", TUESDAY)
    assert news(store) == []


def test_news_are_in_the_residents_language_and_script(
    desk: Desk, open_case: Callable[..., Case], store: Store
) -> None:
    traditional = open_case("one", "請問這裏歸誰管")
    english = open_case("two", "the bins are full", language="en")
    for case in (traditional, english):
        desk.move(case.number, State.ACCEPTED, "li", "马上去", TUESDAY)
    first, second = news(store)
    assert "您報的" in first and "垃圾清運" in first
    assert "accepted by the office" in second
    assert "马上去" in first and "马上去" in second, "staff's own words are passed on as they are"


def test_news_of_what_is_done_say_how_to_reopen_it(desk: Desk, open_case: Callable[..., Case], store: Store) -> None:
    case = open_case()
    for state in (State.ACCEPTED, State.RESOLVED):
        desk.move(case.number, state, "li", "", TUESDAY)
    assert "没解决" in news(store)[-1]


def test_the_desk_lists_cases_by_office_and_state(desk: Desk, open_case: Callable[..., Case]) -> None:
    first, second = open_case(), open_case(text="还有", office="livelihood")
    desk.move(first.number, State.ACCEPTED, "li", "", TUESDAY)
    assert [case.number for case in desk.cases()] == [second.number, first.number]
    assert [case.number for case in desk.cases(office="city")] == [first.number]
    assert [case.number for case in desk.cases(state="dispatched")] == [second.number]
    assert desk.contact(first.number)["phone"] == "13800138000"
    assert desk.contact("000-0000") == {}


def test_the_desk_sees_who_waits_and_what_is_alarming(desk: Desk, open_case: Callable[..., Case], store: Store) -> None:
    open_case()
    with book_of(store) as book:
        book.ask_for_person(1, TUESDAY, "asked", {"words": "人工"})
        book.raise_alert("red", "emergency", TUESDAY, {"place": "桂花园"})
        book.raise_alert("blue", "rasa_down", TUESDAY, {})
        book.end_alerts("rasa_down", TUESDAY)
    assert [(each.talk_id, each.summary["words"]) for each in desk.waiting()] == [(1, "人工")]
    assert [alert.kind for alert in desk.alerts()] == ["emergency"]
    assert [alert.kind for alert in desk.alerts(ended=True)] == ["rasa_down", "emergency"]
