"""A case is its history: whatever happens to it, it is in the state that its history says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases.case import MOVES, Happening, IllegalMove, State, state_of
from tests.talk import TUESDAY

kinds = st.sampled_from([*State, "words", "urge", "rating", "note"])


def happened(kind: str) -> Happening:
    return Happening(TUESDAY, kind, "staff")


@given(st.lists(kinds, max_size=30))
def test_a_history_of_legal_moves_ends_in_its_last_move(wanted: list[str]) -> None:
    history = [happened(State.OPENED)]
    state = State.OPENED
    for kind in wanted:
        if kind not in set(State):
            history.append(happened(kind))
        elif State(kind) in MOVES[state]:
            history.append(happened(kind))
            state = State(kind)
        else:
            with pytest.raises(IllegalMove) as refused:
                state_of([*history, happened(kind)])
            assert (refused.value.current, refused.value.wanted) == (state, State(kind))
    assert state_of(history) is state


@given(st.lists(kinds, max_size=30))
def test_what_was_withdrawn_stays_so(later: list[str]) -> None:
    history = [happened(State.OPENED), happened(State.WITHDRAWN)]
    for kind in later:
        try:
            assert state_of([*history, happened(kind)]) is State.WITHDRAWN
        except IllegalMove:
            assert kind in set(State)


def test_every_state_has_its_moves_and_all_can_be_reached() -> None:
    assert set(MOVES) == set(State)
    assert {State.OPENED, *(target for moves in MOVES.values() for target in moves)} == set(State)


def test_a_refusal_names_what_is_allowed() -> None:
    assert "nothing" in str(IllegalMove(State.WITHDRAWN, State.CLOSED))
    assert "closed, in_work" in str(IllegalMove(State.RESOLVED, State.WITHDRAWN))


def test_a_history_with_no_move_is_a_case_just_opened() -> None:
    assert state_of([]) is State.OPENED
