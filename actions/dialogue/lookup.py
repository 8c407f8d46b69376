"""Cases that exist: progress, adding words, urging, withdrawing, rating; and finding out which case is meant.

A talk may see the cases it opened. Any other case needs its number and the last four digits of the phone given with it
(or the code given in their stead); a wrong pair tells nothing, not even whether the number exists, and guessing is slowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from actions.cases.case import MOVES, Case, Happening, IllegalMove, State
from actions.cases.deadline import SHANGHAI
from actions.cases.number import find_case_number, is_case_number
from actions.dialogue.answer import use_manner
from actions.dialogue.facts import is_no, is_yes, wants_person, without_phones
from actions.dialogue.heard import Hearing
from actions.dialogue.scene import Button, Scene
from actions.dialogue.social import ask_human, due_in_words, moment_in_words
from actions.dialogue.state import Lookup, Purpose
from nlu.text.numbers import digit_by_digit, digits_from_speech

MAX_FAILURES, MAX_FAILURES_OF_A_NUMBER, WINDOW = 5, 10, timedelta(minutes=30)
"""So many wrong pairs in this time, from one talk or for one number, and none is looked at until it has passed."""

_TAIL = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_STARS = re.compile(
    r"([1-5一二三四五])\s*(?:分|星|stars?\b|points?\b)|^\s*([1-5])\s*$|\b(one|two|three|four|five)\b", re.I
)
_STAR = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_MINE = re.compile(r"我的(?:单|工单|案|诉求|件)|我报的|所有的|my cases?|all (?:of )?my", re.I)

_YES_AND = re.compile(r"(?:对|是|好|嗯|没错|yes|yeah|right|correct)[的了啊呀]*[\s，,。.!！]+\S", re.I)
"""A yes with more behind it: “对，后四位一二三四”."""

_NO_NUMBER = re.compile(
    r"没有?(?:了|记|带|收到|留)?(?:单号|号码|编号|这个号)|(?:单号|号码|编号)?(?:找不到|不记得|忘了|丢了|弄丢)|不知道(?:单号|号码|编号)?|"
    r"no (?:case )?number|(?:don'?t|do not) (?:have|know|remember)|lost (?:it|the number|my number)|forgot|can'?t find",
    re.I,
)


_CASE_WORDS = re.compile(
    r"单号|工单|单子|案子|进度|进展|报的|报过|报了|反映的|反映过|投诉的|投诉过|那件|那个事|催|撤|不用(?:修|来|管)|评|[1-5一二三四五]\s*(?:分|星)|满意|办到|到哪|哪一步|"
    r"怎么样|咋样|怎样|好了(?:没|吗)|办好|修好|弄好|处理|结果|消息|回复|回音|解决|还没|还是|补充|加(?:一句|上|到)|查(?:一下|下|询)|重新|又(?:坏|堵|来|有)|"
    r"\b(?:case|ticket|report(?:ed)?|complaint|progress|status|updates?|news|hurry|urge|reopen|withdraw|cancel|stars?|rat(?:e|ing)|score|points?|"
    r"solved|fixed|done|still|again|add|result|happen(?:ed|ing)|going|doing|reply|answer|coming)s?\b",
    re.I,
)
_OWN_REPORT = re.compile(
    r"(?:上次|上回|之前|刚才|昨天|前天|上周|上个月|我|那次)(?:报|反映|投诉|举报)(?:过)?的|我(?:的|那个)(?:工?单|案子)|\bi (?:reported|complained about) (?:last|yesterday|before|earlier|on )|\bmy (?:case|report|ticket)\b",
    re.I,
)
_PROGRESS = re.compile(
    r"^(?:我?(?:要|想)?查(?:一?下|询)?)?(?:我的)?(?:办理|处理)?(?:进度|进展)(?:查询|呢|吧)?[。.!！？?]?$|^(?:check )?(?:my )?(?:progress|status)[.?!]?$",
    re.I,
)


def speaks_of_a_case(scene: Scene) -> bool:
    """Whether the message says a word about a case that exists, or holds a number."""
    clean = scene.heard.clean
    return (
        _CASE_WORDS.search(clean) is not None
        or find_case_number(without_phones(digits_from_speech(clean))) is not None
        or clean.strip().isdigit()
    )


def speaks_of_own_report(text: str) -> bool:
    """Whether the message is about something reported before, by its number or as “what I reported”."""
    number = find_case_number(without_phones(digits_from_speech(text)))
    return number is not None or _OWN_REPORT.search(text) is not None


def asks_for_progress(text: str) -> bool:
    """Whether the message is the bare wish to know how it stands."""
    return _PROGRESS.match(text.strip()) is not None


def progress(scene: Scene) -> None:
    """Tell how a case stands, or the resident's cases when they have several."""
    _with_case(scene, "progress")


def add_to_case(scene: Scene) -> None:
    """Add the resident's words to a case."""
    _with_case(scene, "add")


def withdraw(scene: Scene) -> None:
    """Withdraw a case, after a yes."""
    _with_case(scene, "withdraw")


def urge(scene: Scene) -> None:
    """Urge a case, or reopen it when it was called resolved and is not."""
    _with_case(scene, "urge")


def rate(scene: Scene) -> None:
    """Take a rating of 1 to 5 and why."""
    _with_case(scene, "rate")


def _with_case(scene: Scene, purpose: Purpose) -> None:
    """Find the case that is meant and do what was asked; ask for number and digits when this talk has none."""
    heard, state = scene.heard, scene.state
    said = without_phones(digits_from_speech(heard.clean))
    own = list(scene.cases.of_talk(heard.talk_id))
    number = find_case_number(said)
    mine = next((case for case in own if case.number == number), None)
    if mine is None and state.case and (number == state.case or (number is None and not own)):
        mine = scene.cases.by_number(state.case)  # this talk has shown number and digits already
    if mine is None and number is None and own:
        open_ones = [case for case in own if case.state not in (State.CLOSED, State.WITHDRAWN)] or own
        if purpose == "progress" and len(own) > 1 and (_MINE.search(said) or len(open_ones) > 1):
            _list(scene, own)
            return
        mine = next((case for case in own if case.number == state.case), open_ones[0])
    if mine is not None:
        _do(scene, purpose, mine, heard.text)
        return
    state.lookup = Lookup(purpose=purpose, words=heard.text)
    scene.follow = "lookup_form"


def validate(scene: Scene) -> None:
    """Take in a message while a case is being identified."""
    state, heard = scene.state, scene.heard
    if state.lookup is None:
        state.lookup = Lookup(purpose="progress", words=heard.text)
    lookup, fresh = state.lookup, state.loop != "lookup_form"
    state.loop = "lookup_form"
    if lookup.doubted and _settled(scene, lookup):
        if state.misses >= 2:
            _without_number(scene)
        else:
            _go_on(scene, lookup)
        return
    if heard.intent == "cancel" or (not fresh and is_no(heard.clean)):
        scene.say("lookup_dropped", buttons=("human",))
        _end(scene)
        return
    if heard.intent == "ask_human" or wants_person(heard.clean):
        ask_human(scene)
        _end(scene)
        return
    said = without_phones(digits_from_speech(heard.clean))
    found = _read(scene, lookup, said, fresh)
    if not fresh and not found:
        if use_manner(scene):
            state.hush = True
            state.requested = state.requested or "case_number"
            scene.follow = f"action_ask_lookup_form_{state.requested}"
            return
        state.misses += 1
        if state.misses >= 2 or _NO_NUMBER.search(heard.clean):
            _without_number(scene)
            return
    _go_on(scene, lookup)


def _without_number(scene: Scene) -> None:
    """Say that without the number nothing can be looked up, and offer a person."""
    scene.say("lookup_no_number", phone=scene.duties.street.phone, buttons=("human",))
    _end(scene)
    scene.state.offer = "person"


def _go_on(scene: Scene, lookup: Lookup) -> None:
    """Ask for what is missing or read back what is doubted; else do what was asked."""
    state = scene.state
    state.requested = "case_number" if not lookup.number else "phone_tail" if not lookup.tail else None
    scene.follow = f"action_ask_lookup_form_{state.requested}" if state.requested else "action_lookup_form_done"


def _settled(scene: Scene, lookup: Lookup) -> bool:
    """Take a yes or a no to the number that was read back; False when there is (also) something else to be read."""
    heard, doubted = scene.heard, lookup.doubted
    lookup.doubted = ""
    goes_on = _YES_AND.match(heard.clean) is not None
    again = re.sub(r"\D", "", digits_from_speech(heard.clean)) == re.sub(r"\D", "", doubted)  # said once more: a yes
    if again or goes_on or is_yes(heard.clean) or (heard.intent == "affirm" and len(heard.clean) <= 8):
        if lookup.number:
            lookup.tail = doubted
        else:
            lookup.number = doubted
        return not goes_on
    if not is_no(heard.clean):
        return False
    scene.state.misses += 1
    if scene.state.misses < 2:
        scene.say("heard_wrong")
    return True


def _doubtful(scene: Scene, read: Callable[[str], str], *, checked: bool) -> str:
    """What of a number must be read back first: the hearings differ, or the recogniser heard badly; else nothing.

    `checked`: the number carries a check digit, so a hearing that breaks it is no evidence against one that does not.
    """
    hearing = Hearing.of(scene.heard)
    first = read(hearing.clean)
    if not scene.heard.spoken:
        return ""
    heard = [number for text in hearing.others if (number := read(text))]
    if checked:
        heard = [number for number in heard if is_case_number(number)]
        first = first if first and (is_case_number(first) or not heard) else ""
    if set(heard) - {first} or (first and hearing.is_faint and not (checked and is_case_number(first))):
        return first or heard[0]
    return ""


def _number_in(text: str) -> str:
    return find_case_number(without_phones(digits_from_speech(text))) or ""


def _tail_in(text: str) -> str:
    found = _TAIL.search(without_phones(digits_from_speech(text)))
    return found.group(1) if found else ""


def _read(scene: Scene, lookup: Lookup, said: str, fresh: bool) -> bool:
    """Take number and digits from what was said; True when it held one of them."""
    number = find_case_number(said)
    if not lookup.number and (doubted := _doubtful(scene, _number_in, checked=True)):
        lookup.doubted = doubted
        return True
    if number and not is_case_number(number):
        scene.say(
            "number_misheard", number=number if not scene.heard.spoken else digit_by_digit(number, scene.heard.language)
        )
        return True
    if number:
        lookup.number = number
        said = said.replace(number, " ").replace(number.replace("-", ""), " ")
    if lookup.number or fresh:
        tail = _TAIL.search(said)
        if lookup.number and not number and (doubted := _doubtful(scene, _tail_in, checked=False)):
            lookup.doubted = doubted
            return True
        if tail:
            lookup.tail = tail.group(1)
            return True
    return bool(number)


def _end(scene: Scene) -> None:
    state = scene.state
    state.loop = state.requested = state.lookup = None


def ask_number(scene: Scene) -> None:
    """Ask for the case number; one that was not surely heard is read back."""
    if _read_back(scene):
        return
    scene.say("ask_case_number", buttons=("no_number",))


def ask_tail(scene: Scene) -> None:
    """Ask for the last four digits of the phone; those not surely heard are read back."""
    if _read_back(scene):
        return
    scene.say("ask_phone_tail")


def _read_back(scene: Scene) -> bool:
    lookup = scene.state.lookup
    if lookup is None or not lookup.doubted:
        return False
    scene.say("sure_number", number=digit_by_digit(lookup.doubted, scene.heard.language))
    return True


def done(scene: Scene) -> None:
    """Number and digits are there: do what was asked, if they belong together."""
    lookup = scene.state.lookup
    _end(scene)
    if lookup is None:
        return
    heard = scene.heard
    since = heard.now - WINDOW
    by_talk, by_number = scene.cases.failed_lookups(heard.talk_id, lookup.number, since)
    if by_talk >= MAX_FAILURES or by_number >= MAX_FAILURES_OF_A_NUMBER:
        scene.say("lookup_slowed", phone=scene.duties.street.phone)
        return
    case = scene.cases.by_number(lookup.number)
    if case is None or case.phone_tail != lookup.tail:
        scene.cases.note_failed_lookup(heard.talk_id, lookup.number, heard.now)
        scene.say("lookup_failed", phone=scene.duties.street.phone, buttons=("progress", "human"))
        return
    scene.state.misses = 0
    _do(scene, lookup.purpose, case, lookup.words)


def _do(scene: Scene, purpose: Purpose, case: Case, words: str) -> None:
    scene.state.case = "" if case.anonymous else case.number
    {"progress": _tell, "add": _add, "withdraw": _withdraw, "urge": _urge, "rate": _rate}[purpose](scene, case, words)


def _number(scene: Scene, case: Case) -> str:
    return digit_by_digit(case.number, scene.heard.language) if scene.heard.spoken else case.number


def _name(scene: Scene, case: Case) -> str:
    """The name of a case's duty; its number, when the list in force has it no more."""
    duty = scene.duties.duties.get(case.duty)
    return scene.put(duty.name) if duty else case.duty


def _office(scene: Scene, case: Case) -> str:
    office = scene.duties.offices.get(case.office)
    return scene.put(office.name) if office else case.office


def _tell(scene: Scene, case: Case, words: str) -> None:
    last = case.history[-1]
    late = (
        case.due_at is not None
        and scene.heard.now > case.due_at
        and case.state not in (State.RESOLVED, State.CLOSED, State.WITHDRAWN)
    )
    scene.say(
        "progress", number=_number(scene, case), name=_name(scene, case), state=scene.words(f"state_{case.state}"), office=_office(scene, case),
        due=due_in_words(scene, case.due_at), since=moment_in_words(scene, last.at),
    )  # fmt: skip
    if case.due_at and not late and case.state not in (State.RESOLVED, State.CLOSED, State.WITHDRAWN):
        days = (case.due_at.astimezone(SHANGHAI).date() - scene.heard.now.astimezone(SHANGHAI).date()).days
        scene.say("days_left", days=days)
    if late:
        scene.say("late", buttons=("urge",))
    notes = [h.note for h in case.history if h.note and h.by != "resident"]
    if notes:
        scene.say("staff_note", note=notes[-1])


def _list(scene: Scene, cases: list[Case]) -> None:
    lines = [
        scene.words(
            "case_line", number=_number(scene, case), state=scene.words(f"state_{case.state}"), name=_name(scene, case)
        )
        for case in cases[: 2 if scene.heard.spoken else 8]
    ]
    separator = ("，" if scene.heard.language == "zh" else ", ") if scene.heard.spoken else "\n"
    scene.say(
        "my_cases",
        count=len(cases),
        lines=separator.join(lines),
        buttons=tuple(Button(case.number, case.number) for case in cases[:3]),
    )


def _add(scene: Scene, case: Case, words: str) -> None:
    heard = scene.heard
    data = {"photos": heard.photos} if heard.photos else {}
    scene.cases.append(case.number, Happening(heard.now, "words", "resident", words, data))
    scene.say("added", number=_number(scene, case))


def _withdraw(scene: Scene, case: Case, words: str) -> None:
    if State.WITHDRAWN not in MOVES[case.state]:
        scene.say("cannot_withdraw", number=_number(scene, case), state=scene.words(f"state_{case.state}"))
    elif case.anonymous:
        _withdraw_case(scene, case, words)  # number and code were just given, and are not kept to ask again
    else:
        scene.state.offer = "withdraw"
        scene.say("withdraw_sure", number=_number(scene, case), name=_name(scene, case), buttons=("withdraw", "keep"))


def withdraw_now(scene: Scene) -> None:
    """Withdraw the case spoken of last: the resident has said yes."""
    case = scene.cases.by_number(scene.state.case)
    if case is not None:
        _withdraw_case(scene, case, scene.heard.text)


def _withdraw_case(scene: Scene, case: Case, words: str) -> None:
    try:
        scene.cases.append(case.number, Happening(scene.heard.now, State.WITHDRAWN, "resident", words))
    except IllegalMove:
        scene.say("cannot_withdraw", number=_number(scene, case), state=scene.words(f"state_{case.state}"))
        return
    scene.say("withdrawn", number=_number(scene, case))


def _urge(scene: Scene, case: Case, words: str) -> None:
    heard = scene.heard
    if case.state in (State.RESOLVED, State.CLOSED):
        scene.cases.append(case.number, Happening(heard.now, State.IN_WORK, "resident", words, {"reopened": True}))
        scene.say("reopened", number=_number(scene, case), office=_office(scene, case))
        return
    if case.state is State.WITHDRAWN:
        scene.say("cannot_urge", number=_number(scene, case))
        return
    scene.cases.append(case.number, Happening(heard.now, "urge", "resident", words))
    due = due_in_words(scene, case.due_at)
    scene.say("urged", number=_number(scene, case), office=_office(scene, case), due=due)


def _rate(scene: Scene, case: Case, words: str) -> None:
    heard = scene.heard
    match = _STARS.search(heard.clean)
    stars = next((group for group in match.groups() if group), "") if match else ""
    score = int(stars) if stars.isdigit() else _STAR.get(stars.lower(), 0)
    scene.cases.append(case.number, Happening(heard.now, "rating", "resident", words, {"score": score}))
    scene.say("rated_low" if score and score <= 2 else "rated", number=_number(scene, case))
