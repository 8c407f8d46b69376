"""What the house promises for every message, whatever Rasa does."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from actions.acts import Acts, Understood
from actions.dialogue.dialogue import Done
from actions.dialogue.scene import Knowledge
from actions.store.store import Store
from actions.store.tables import AlertRow, EffectRow, MessageRow
from bot.messages import Pin
from bot.nlu.turns import TurnResult
from bot.turn import Limits
from tests.bot.house import ActingRasa, BrokenRasa, DownRasa, FrontDoor, HangingRasa, SilentRasa, front_door
from tests.talk import cases_of, rows_of

FILING = ("垃圾桶满了没人收，在桂花园3号楼门口", "13800138000", "对")


async def file_a_case(door: FrontDoor) -> list[str]:
    replies: list[str] = []
    for number, text in enumerate(FILING, 1):
        replies = await door.say(text, number)
    return replies


@pytest.mark.parametrize(
    "rasa",
    [
        DownRasa(),
        BrokenRasa(ValueError("nonsense")),
        SilentRasa(),
        lambda acts: ActingRasa(acts),
        *(lambda acts, n=n: ActingRasa(acts, stop_after=n) for n in range(3)),
        *(lambda acts, n=n: ActingRasa(acts, stop_after=n, then="gone") for n in range(3)),
    ],
    ids=[
        "down",
        "raises",
        "silent",
        "well",
        *(f"{how}-{n}" for how in ("fails-after", "gone-after") for n in range(3)),
    ],
)
async def test_a_case_is_filed_once_whatever_rasa_does(sqlite_store: Store, know: Knowledge, rasa: Any) -> None:
    door = front_door(sqlite_store, know, rasa)
    replies = await file_a_case(door)
    (case,) = cases_of(sqlite_store)
    assert case.number in replies[0]
    assert (case.duty, case.community, case.phone_tail) == ("CIT-01", "guihua", "8000")


async def test_the_same_message_gets_the_same_answer_and_has_one_effect(store: Store, know: Knowledge) -> None:
    door = front_door(store, know)
    first = await file_a_case(door)
    assert [await door.say("对", 3) for _ in range(3)] == [first] * 3
    assert len(cases_of(store)) == 1


async def test_the_same_message_many_times_at_once_has_one_effect(store: Store, know: Knowledge) -> None:
    door = front_door(store, know)
    await door.say(FILING[0], 1)
    await door.say(FILING[1], 2)
    answers = await asyncio.gather(*(door.say("对", 3) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert len(cases_of(store)) == 1


async def test_two_houses_on_one_database_have_one_effect(postgres_store: Store, know: Knowledge) -> None:
    doors = [front_door(postgres_store, know) for _ in range(2)]
    await doors[0].say(FILING[0], 1)
    await doors[1].say(FILING[1], 2)
    answers = await asyncio.gather(*(door.say("对", 3) for door in doors * 4))
    assert all(answer == answers[0] for answer in answers)
    assert len(cases_of(postgres_store)) == 1


class LateRasa(DownRasa):
    """Gives up at the deadline while its action is still on the way; `arrive` lets the action come."""

    def __init__(self, acts: Acts) -> None:
        self._acts, self.message_id = acts, 0

    async def handle(self, *, message_id: str, **more: Any) -> TurnResult:
        self.message_id = int(message_id)
        return await super().handle(**more)

    def arrive(self, action: str) -> Done:
        return self._acts.do(self.message_id, action, Understood("ask_human", 0.9, "rasa"))


async def test_what_rasa_does_too_late_has_no_effect(store: Store, know: Knowledge) -> None:
    made: list[LateRasa] = []
    door = front_door(store, know, lambda acts: made.append(LateRasa(acts)) or made[0])
    said = await door.say("你好", 1)
    assert made[0].arrive("action_human").replies == ()
    assert await door.say("你好", 1) == said
    assert [row.action for row in _effects(store)] == ["action_greet"]


async def test_an_action_of_rasas_that_slips_in_at_the_deadline_is_carried_on_and_not_doubled(
    sqlite_store: Store, know: Knowledge
) -> None:
    """Rasa's first action commits just after the house asked what had been done so far."""

    class SlipsIn(LateRasa):
        async def handle(self, *, message_id: str, **more: Any) -> TurnResult:
            self.message_id = int(message_id)
            door.talks.claim = self._claim_after_me  # type: ignore[method-assign]
            return await super(LateRasa, self).handle(**more)

        def _claim_after_me(self, message_id: int, by: str) -> None:
            self.arrive("action_greet")
            type(door.talks).claim(door.talks, message_id, by)

    door = front_door(sqlite_store, know, SlipsIn)
    await door.say("谢谢", 1)
    assert [row.action for row in _effects(sqlite_store)] == ["action_greet"]


def _effects(store: Store) -> list[EffectRow]:
    with store.transaction() as session:
        return list(session.query(EffectRow).order_by(EffectRow.message_id, EffectRow.position))


async def test_a_failing_action_is_apologised_for_and_leaves_nothing(sqlite_store: Store, know: Knowledge) -> None:
    class Broken(Acts):
        def do(self, message_id: int, action: str, understood: Understood) -> Done:
            raise RuntimeError("the disk is full")

    door = front_door(sqlite_store, know, acts_of=Broken)
    (apology,) = await door.say("你好", 1)
    assert know.duty_list.street.phone in apology
    assert _effects(sqlite_store) == []


async def test_messages_of_one_talk_are_answered_in_their_order(store: Store, know: Knowledge) -> None:
    door = front_door(store, know)
    await asyncio.gather(*(door.say(text, n) for n, text in enumerate((*FILING, "谢谢"), 1)))
    rows = rows_of(store, MessageRow)
    lines = await door.house.history("test", "resident")
    assert [row.text for row in rows] == [line.text for line in lines if line.who == "resident"]
    replied = [line.id for line in lines if line.who == "us"]
    assert replied == sorted(replied)
    assert len(cases_of(store)) == 1


async def test_what_a_crash_left_is_answered_before_what_comes_after_it(sqlite_store: Store, know: Knowledge) -> None:
    door = front_door(sqlite_store, know)
    door.talks.receive("test", "resident", "resident-1", FILING[0], {}, door.clock[0])
    await door.say(FILING[1], 2)
    (answer,) = await door.say("对", 3)
    assert cases_of(sqlite_store)[0].number in answer
    assert await door.house.resume() == 0


async def test_talks_do_not_wait_for_one_another(sqlite_store: Store, know: Knowledge) -> None:
    rasa = HangingRasa()
    door = front_door(sqlite_store, know, rasa)
    first = asyncio.create_task(door.say("你好", 1, "one"))
    await rasa.asked.wait()
    rasa.asked.clear()
    second = asyncio.create_task(door.say("你好", 1, "two"))
    await asyncio.wait_for(rasa.asked.wait(), 2)
    rasa.release.set()
    assert await first and await second


@pytest.mark.parametrize("fire", ["厨房着火了", "there is a fire", "隔壁起火啦"])
async def test_an_emergency_waits_for_nothing_not_even_the_message_before_it(
    sqlite_store: Store, know: Knowledge, fire: str
) -> None:
    rasa = HangingRasa()
    door = front_door(sqlite_store, know, rasa)
    before = asyncio.create_task(door.say("你好", 1))
    await rasa.asked.wait()
    (answer,) = await asyncio.wait_for(door.say(fire, 2), 2)
    assert "119" in answer
    assert not before.done()
    rasa.release.set()
    assert await before
    assert [row.kind for row in rows_of(sqlite_store, AlertRow)] == ["emergency"]


async def test_an_emergency_is_answered_in_a_flood_and_when_it_is_too_long(
    sqlite_store: Store, know: Knowledge
) -> None:
    door = front_door(sqlite_store, know, limits=Limits(max_length=100, flood=2))
    for number in range(5):
        await door.say("你好", number)
    (answer,) = await door.say("着火了！" * 100, 9)
    assert "119" in answer


async def test_a_drill_is_not_an_emergency(sqlite_store: Store, know: Knowledge) -> None:
    door = front_door(sqlite_store, know)
    assert "119" not in " ".join(await door.say("着火演习是哪天", 1))


async def test_a_flood_is_slowed_and_what_came_before_it_is_handled(store: Store, know: Knowledge) -> None:
    door = front_door(store, know, limits=Limits(flood=3))
    answers = await asyncio.gather(*(door.say("你好", number) for number in range(6)))
    slowed = ["一条一条看" in answer[0] for answer in answers]
    assert sorted(slowed) == [False] * 3 + [True] * 3
    door.clock[0] += timedelta(seconds=11)
    assert "一条一条看" not in (await door.say("你好", 7))[0]


@pytest.mark.parametrize(("text", "word"), [("长" * 101, "100"), ("", "文字"), ("   ", "文字"), ("\x00", "文字")])
async def test_what_cannot_be_read_is_answered_so(store: Store, know: Knowledge, text: str, word: str) -> None:
    door = front_door(store, know, limits=Limits(max_length=100))
    (answer,) = await door.say(text, 1)
    assert word in answer


@pytest.mark.parametrize("text", ["你好\x00", "你好\ud83d", "\ud800\udc00你好", "👩‍👩‍👧 你好", "\u202e你好"])
async def test_strange_characters_are_no_reason_for_silence(store: Store, know: Knowledge, text: str) -> None:
    door = front_door(store, know)
    assert await door.say(text, 1, pin=Pin(30.0, 110.0, text), alternatives=[text], press=text)


async def test_a_picture_alone_begins_a_report(sqlite_store: Store, know: Knowledge) -> None:
    door = front_door(sqlite_store, know)
    received, question = await door.say("", 1, photos=1)
    assert "照片" in received and "什么事" in question


async def test_our_own_words_are_traditional_for_who_writes_traditional(sqlite_store: Store, know: Knowledge) -> None:
    door = front_door(sqlite_store, know, limits=Limits(max_length=100))
    (answer,) = await door.say("請問這個垃圾歸哪裏管" * 11, 1)
    assert "這條太長了" in answer


async def test_residents_see_their_own_talk_only(store: Store, know: Knowledge) -> None:
    door = front_door(store, know)
    await door.say("你好", 1, "one")
    await door.say("谢谢", 1, "two")
    assert [line.text for line in await door.house.history("test", "one") if line.who == "resident"] == ["你好"]
    assert len(await door.house.said_after("test", "two", 0)) == 1
    assert await door.house.history("test", "nobody") == []


async def test_a_reload_shows_the_talk_in_order_with_buttons(sqlite_store: Store, know: Knowledge) -> None:
    door = front_door(sqlite_store, know)
    await door.say("你好", 1)
    first, second = await door.house.history("test", "resident")
    assert (first.who, first.text, first.message_id) == ("resident", "你好", "resident-1")
    assert second.who == "us" and second.buttons[0].press == "/report_problem"
    assert await door.house.said_after("test", "resident", second.id) == []


async def test_listeners_learn_of_news_at_once(sqlite_store: Store, know: Knowledge) -> None:
    door = front_door(sqlite_store, know)
    await door.say("你好", 1)
    waiting = asyncio.create_task(door.house.wait_for_news("test", "resident", 5))
    await asyncio.sleep(0)
    await door.say("谢谢", 2)
    await asyncio.wait_for(waiting, 0.5)


async def test_delivery_is_remembered_up_to_the_reply_that_was_confirmed(store: Store, know: Knowledge) -> None:
    from actions.store.tables import ReplyRow

    door = front_door(store, know)
    await door.say("你好", 1)
    await door.say("谢谢", 2)
    replies: Sequence[ReplyRow] = rows_of(store, ReplyRow)
    await door.house.mark_delivered("test", "resident", replies[0].id)
    assert [row.delivered_at is not None for row in rows_of(store, ReplyRow)] == [True, False]
