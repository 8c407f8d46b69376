"""An action runs once for a message, wholly or not at all, and only for the one who decides."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import NoResultFound

from actions.acts import Acts, Understood, heard
from actions.dialogue.dialogue import ACTIONS, FORMS, Done
from actions.dialogue.scene import Knowledge, Scene
from actions.store.store import Store
from actions.store.tables import AlertRow, EffectRow, HandoffRow, MessageRow, TalkRow
from actions.store.talks import Talks
from tests.talk import TUESDAY, rows_of

ASKED = Understood("ask_human", 0.9, "rasa")


@pytest.fixture
def acts(store: Store, know: Knowledge) -> Acts:
    return Acts(store, lambda: know, lambda: TUESDAY)


@pytest.fixture
def message(store: Store) -> int:
    return Talks(store).receive("web", "one", "1", "你好", {}, TUESDAY).id


def effects(store: Store) -> list[EffectRow]:
    with store.transaction() as session:
        return list(session.query(EffectRow).order_by(EffectRow.position))


def test_an_action_runs_once_however_often_it_is_called(acts: Acts, message: int, store: Store) -> None:
    first = acts.do(message, "action_human", ASKED)
    assert first.replies and [acts.do(message, "action_human", ASKED) for _ in range(3)] == [first] * 3
    assert len(rows_of(store, HandoffRow)) == len(effects(store)) == 1


def test_an_action_called_many_times_at_once_runs_once(acts: Acts, message: int, store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: acts.do(message, "action_human", ASKED), range(16)))
    assert all(each == done[0] for each in done)
    assert len(rows_of(store, HandoffRow)) == len(effects(store)) == 1


def test_two_actions_of_one_message_do_not_lose_each_others_state(store: Store, know: Knowledge) -> None:
    acts = Acts(store, lambda: know, lambda: TUESDAY)
    talks = Talks(store)
    ids = [talks.receive("web", "one", str(n), "物业费谁管", {}, TUESDAY).id for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda each: acts.do(each, "action_rate", Understood("rate", 0.9, "rasa")), ids))
    with store.transaction() as session:
        assert session.get_one(TalkRow, 1).state["lookup"]["purpose"] == "rate"
    assert len(effects(store)) == 6


def test_what_was_done_is_remembered_word_for_word(acts: Acts, message: int) -> None:
    first = acts.do(message, "action_greet", ASKED)
    assert first.replies[0].buttons
    assert acts.do(message, "action_greet", ASKED) == first
    assert Done.of_json("action_greet", first.as_json()) == first


def test_an_error_inside_an_action_leaves_nothing_behind(
    acts: Acts, message: int, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(scene: Scene) -> None:
        scene.state.misses = 7
        scene.cases.raise_alert("red", "test", TUESDAY, {})
        scene.cases.ask_for_person(scene.heard.talk_id, TUESDAY, "asked", {})
        raise RuntimeError("in the middle")

    monkeypatch.setitem(ACTIONS, "action_human", breaks)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        acts.do(message, "action_human", ASKED)
    assert rows_of(store, HandoffRow) == rows_of(store, AlertRow) == effects(store) == []
    with store.transaction() as session:
        assert session.get_one(TalkRow, 1).state == {}
        assert session.get_one(MessageRow, message).intent is None


@pytest.mark.parametrize("late", ["claimed", "answered"])
def test_an_action_that_comes_too_late_has_no_effect(acts: Acts, message: int, store: Store, late: str) -> None:
    talks = Talks(store)
    talks.claim(message, "standby") if late == "claimed" else talks.finish(message, [], TUESDAY)
    done = acts.do(message, "action_human", ASKED)
    assert (done.replies, done.follow) == ((), None)
    assert rows_of(store, HandoffRow) == effects(store) == []


def test_whoever_claimed_a_message_may_act_on(acts: Acts, message: int, store: Store) -> None:
    first = acts.do(message, "action_greet", ASKED)
    Talks(store).claim(message, "standby")
    taken_over = Understood("greet", 0.5, "standby")
    assert acts.do(message, "action_greet", taken_over) == first
    assert acts.do(message, "action_human", taken_over).replies
    assert [effect.action for effect in effects(store)] == ["action_greet", "action_human"]


def test_unknown_actions_and_messages_are_errors(acts: Acts, message: int, store: Store) -> None:
    with pytest.raises(KeyError):
        acts.do(message, "action_dance", ASKED)
    with pytest.raises(NoResultFound):
        acts.do(4711, "action_greet", ASKED)
    assert effects(store) == []


def test_a_message_is_heard_with_all_that_was_stored_of_it(store: Store, know: Knowledge) -> None:
    payload = {
        "spoken": True,
        "alternatives": ["呃，幺三八"],
        "caller_phone": "13800138000",
        "pin": {"lat": 30.25, "long": 110.24, "label": "门口"},
        "photos": 2,
        "confidence": 0.4,
    }
    received = Talks(store).receive("phone", "one", "1", "呃，我住三号楼", payload, TUESDAY)
    with store.transaction() as session:
        got = heard(session.get_one(MessageRow, received.id), ASKED, TUESDAY, know.listener)
    assert "我住3号楼" in got.clean and "呃" not in got.clean
    assert got.text == "呃，我住三号楼" and got.sureness == 0.4
    assert (got.pin, got.photos, got.caller_phone, got.spoken) == ((30.25, 110.24, "门口"), 2, "13800138000", True)


def test_the_forms_are_taken_in_by_actions_that_exist() -> None:
    assert set(FORMS.values()) <= set(ACTIONS)


def test_every_action_answers_or_leads_on(know: Knowledge, sqlite_store: Store) -> None:
    """Called out of the blue, with nothing in hand, no action fails."""
    acts = Acts(sqlite_store, lambda: know, lambda: TUESDAY)
    talks = Talks(sqlite_store)
    for number, action in enumerate(ACTIONS):
        if action.startswith("action_ask_case_form"):
            continue  # these are asked inside the form only
        message = talks.receive("web", f"resident-{number}", str(number), "垃圾桶满了", {}, TUESDAY)
        done = acts.do(message.id, action, Understood("ask_duty", 0.9, "standby"))
        silent = action in ("action_case_form_done", "action_lookup_form_done")
        assert bool(done.replies or done.follow) is not silent, action
