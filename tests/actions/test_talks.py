"""Messages are received once and answered once, also when everything happens at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import NoResultFound

from actions.store.store import Store
from actions.store.tables import EffectRow, MessageRow, ReplyRow, TalkRow
from actions.store.talks import Received, Talks
from tests.talk import TUESDAY, rows_of


@pytest.fixture
def talks(store: Store) -> Talks:
    return Talks(store)


def receive(talks: Talks, number: int = 1, text: str = "你好", address: str = "one", channel: str = "web") -> Received:
    return talks.receive(channel, address, f"{address}-{number}", text, {"spoken": False}, TUESDAY)


def effect(store: Store, message: Received, action: str, *texts: str, position: int = 0) -> None:
    """Store what an action said, as `Acts` does."""
    with store.transaction() as session:
        result = {"replies": [{"text": text, "buttons": []} for text in texts]}
        session.add(EffectRow(message_id=message.id, action=action, position=position, result=result))


def test_a_message_is_stored_once(talks: Talks, store: Store) -> None:
    first = receive(talks)
    assert receive(talks, text="something else") == first
    assert len(rows_of(store, MessageRow)) == 1


def test_a_message_received_many_times_at_once_is_stored_once(talks: Talks, store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: receive(talks), range(24)))
    assert len({message.id for message in got}) == 1
    assert len(rows_of(store, MessageRow)) == len(rows_of(store, TalkRow)) == 1


def test_first_messages_of_one_resident_at_once_are_one_talk(talks: Talks, store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda number: receive(talks, number), range(16)))
    assert len({message.talk_id for message in got}) == 1
    assert len({message.id for message in got}) == 16


def test_channels_do_not_share_talks_nor_message_ids(talks: Talks) -> None:
    web, phone = receive(talks), receive(talks, channel="phone")
    assert web.id != phone.id and web.talk_id != phone.talk_id


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        ("你好", "zh", "hans"),
        ("請問這裏辦嗎", "zh", "hant"),
        ("where do I go", "en", "hans"),
        ("13800138000", "zh", "hans"),
    ],
)
def test_language_and_script_are_those_of_the_message(talks: Talks, text: str, language: str, script: str) -> None:
    message = receive(talks, text=text)
    assert (message.language, message.script) == (language, script)


def test_a_message_without_a_language_has_the_talks(talks: Talks) -> None:
    receive(talks, 1, "where do I get this card")
    assert receive(talks, 2, "13800138000").language == "en"
    assert receive(talks, 3, "请问怎么办").language == "zh"


def test_a_new_talk_without_words_has_the_menu_language(talks: Talks) -> None:
    message = talks.receive("web", "one", "1", "13800138000", {"language": "en"}, TUESDAY)
    assert message.language == "en"


def test_replies_are_what_the_actions_said_in_their_order(talks: Talks, store: Store) -> None:
    message = receive(talks)
    effect(store, message, "second", "c", position=1)
    effect(store, message, "first", "a", "b", position=0)
    said = talks.finish(message.id, [{"text": "not needed", "buttons": []}], TUESDAY)
    assert [each.body["text"] for each in said] == ["a", "b", "c"]
    assert {each.in_reply_to for each in said} == {"one-1"}
    assert talks.replies_to(message.id) == said


def test_a_message_for_which_nothing_was_done_gets_the_extra_words(talks: Talks) -> None:
    message = receive(talks)
    said = talks.finish(message.id, [{"text": "sorry", "buttons": []}], TUESDAY)
    assert [each.body["text"] for each in said] == ["sorry"]


def test_finishing_again_changes_nothing(talks: Talks, store: Store) -> None:
    message = receive(talks)
    effect(store, message, "greet", "hello")
    first = talks.finish(message.id, [], TUESDAY)
    effect(store, message, "late", "too late", position=1)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: talks.finish(message.id, [], TUESDAY + timedelta(hours=1)), range(8)))
    assert all(said == first for said in again)
    assert len(rows_of(store, ReplyRow)) == 1
    assert receive(talks).status == "answered"


def test_what_was_not_answered_is_listed_oldest_first(talks: Talks) -> None:
    messages = [receive(talks, number, address=address) for number, address in enumerate(("one", "two", "one"), 1)]
    talks.finish(messages[1].id, [], TUESDAY)
    assert [left.id for left in talks.unanswered()] == [messages[0].id, messages[2].id]
    assert [left.id for left in talks.unanswered(messages[2].talk_id, before=messages[2].id)] == [messages[0].id]


def test_a_talks_state_comes_back_as_it_was_kept(talks: Talks, store: Store) -> None:
    message = receive(talks)
    kept = {"loop": "case_form", "draft": {"words": ["桂花园", "it's “here”"], "spot": {"lat": 30.25}}, "misses": 1}
    with store.transaction() as session:
        session.get_one(TalkRow, message.talk_id).state = kept
    assert talks.state(message.talk_id) == kept
    talks.finish(message.id, [{"text": "hm", "buttons": []}], TUESDAY)
    assert talks.state(message.talk_id) == {**kept, "said": [{"text": "hm", "buttons": []}]}


def test_what_is_said_again_is_not_what_is_remembered_to_be_said_again(talks: Talks, store: Store) -> None:
    first, second = receive(talks, 1), receive(talks, 2)
    effect(store, first, "action_greet", "hello")
    talks.finish(first.id, [], TUESDAY)
    effect(store, second, "action_repeat", "hello")
    talks.finish(second.id, [], TUESDAY)
    assert talks.state(first.talk_id)["said"] == [{"text": "hello", "buttons": []}]


def test_recent_messages_are_those_of_this_talk_up_to_this_one(talks: Talks) -> None:
    window = timedelta(seconds=10)
    old = talks.receive("web", "one", "old", "a", {}, TUESDAY - window)
    mine = [receive(talks, number) for number in range(3)]
    receive(talks, address="two")
    assert [talks.recent(message.id, window) for message in (old, *mine)] == [1, 1, 2, 3]


def test_the_action_that_came_first_is_remembered(talks: Talks, store: Store) -> None:
    message = receive(talks)
    assert talks.first_action(message.id) is None
    effect(store, message, "b", position=1)
    effect(store, message, "a", position=0)
    assert talks.first_action(message.id) == "a"


def test_times_come_back_in_utc(talks: Talks) -> None:
    assert talks.again(receive(talks).id).received_at == TUESDAY


def test_what_we_say_of_our_own_accord_stands_in_the_talk(talks: Talks) -> None:
    message = receive(talks)
    talks.say(message.talk_id, {"text": "news", "buttons": []}, TUESDAY + timedelta(minutes=1))
    assert [(line.who, line.text) for line in talks.lines("web", "one")] == [("resident", "你好"), ("us", "news")]
    (said,) = talks.said_after("web", "one", 0)
    assert said.in_reply_to is None and talks.said_after("web", "one", said.id) == []


def test_a_message_that_was_never_stored_cannot_be_asked_for(talks: Talks) -> None:
    with pytest.raises(NoResultFound):
        talks.again(4711)
