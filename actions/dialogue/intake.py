"""Taking down a case: what, where, how to reach the resident; asks only what is missing, reads back, files.

Every message that comes while a case is being taken down passes through `absorb`: it may answer the question asked,
correct what was said before, volunteer something else, or be about something else entirely.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from actions.cases.book import Contact, NewCase
from actions.cases.deadline import due_at
from actions.dialogue import emergency
from actions.dialogue.answer import (
    adds_to_urgent_case,
    answer,
    choice_among,
    is_follow_up,
    limit_in_words,
    offer_choices,
    search,
    tell_aspects,
    tell_duty,
    use_manner,
)
from actions.dialogue.facts import (
    asks,
    broken_phone,
    find_email,
    find_phone,
    is_key_zero,
    is_no,
    is_yes,
    means_this_phone,
    wants_no_name,
    wants_no_phone,
    wants_person,
    without_contact,
)
from actions.dialogue.lookup import progress
from actions.dialogue.scene import Scene
from actions.dialogue.social import ask_human, change_language, due_in_words, repeat
from actions.dialogue.state import Draft, Slot
from knowledge.places import Spot, as_said, beside_place, read_spot
from knowledge.schema import Duty, Function, Kind, OursDuty, OutsideDuty, Unit
from knowledge.search.finding import Outcome
from nlu.text.numbers import digit_by_digit
from nlu.text.script import fold
from nlu.text.speech import clean_transcript

_DONT_KNOW = re.compile(
    r"^(?:不知道|不清楚|不晓得|说不(?:清|上来)|忘了|唔知|don'?t know|not sure|no idea|i'?m not sure)", re.I
)
_AFRAID = re.compile(r"报复|怕他们|害怕|不敢|很凶|砸我|找我麻烦|afraid|scared|revenge|retaliat|they'?ll know", re.I)
_URGENT = re.compile(
    r"(?<![没未冇不])(?<!没有)进(?:了)?(?:屋|家|厨房|卧室|客厅)|到(?:了)?(?:屋里|厨房|卧室|客厅)|漏电|冒烟|快掉|要掉|砸(?:到|着)人|摔(?:了|伤|倒)|马上|立刻|"
    r"(?<!not )(?<!n't come )into (?:my|the|our) (?:home|flat|house|kitchen|bedroom)|sparks?|about to fall|someone will get hurt",
    re.I,
)
_REPORTER = re.compile(
    r"[^，,。.!！？?；;]*(?:我住|我家|我是|我们家|楼下的?我|本人|我叫|我姓|我(?:的)?名字|my name|I live|my flat|my home|I'?m the|I am)[^，,。.!！？?；;]*[，,。.!！？?；;]?",
    re.I,
)
_CANCEL = re.compile(
    r"^(?:(?:actually|ok|okay|oh|well|no|you know what|哎呀?|那|那就|好吧|嗯|唉)[\s，,]*)*(?:算了|不报了|不用报了|取消|别报了|不弄了|不要了|停|cancel|stop|never ?mind|forget it|drop it)",
    re.I,
)
_LONG = 25
"""A message longer than this says more than the fact that was asked for: it is kept in the resident's words too."""
_TIME = re.compile(
    r"上午|下午|中午|晚上|早上|傍晚|明天|后天|今天|周[一二三四五六日末]|星期|礼拜|\d{1,2}\s*[点:：]|[一二三四五六七八九十]点|"
    r"morning|afternoon|evening|tonight|tomorrow|today|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d\s*(?:am|pm)|o'clock",
    re.I,
)
_SUGGESTS = re.compile(
    r"建议|提议|提个意见|希望|能不能(?:多|加|装|设|开|办|搞|弄|把)|可以(?:多|加|装|设|开|办|搞|把)|最好|应该|不如|要是能|"
    r"suggest|idea|propos|how about|what if|why not|would be (?:nice|good|great)|should|could (?:you|we|the)|have you thought|maybe",
    re.I,
)
_AFTER_HOURS = re.compile(
    r"晚上|夜里|今晚|傍晚|[六七八九]点半?(?:以后|之后)?$|evening|tonight|night|\b[6-9](?::\d\d)?\s*pm", re.I
)
_REACH_WISH = re.compile(r"微信|wechat|短信|text me|语音|留言|上午|下午|晚上|下昼|朝早|morning|afternoon|evening", re.I)
_LEADING_YES = re.compile(
    r"^(?:好的?|对的?|是的?|行|可以|嗯|没错|yes|yeah|ok(?:ay)?|right|sure|correct)[\s，,。.!！]+(.{2,})$", re.I
)
_TELLS_ON = re.compile(r"举报|投诉|反映|要告|\breport(?:ing)?\b|\bcomplain", re.I)
_AGAIN = re.compile(
    r"再(?:说|讲|念|来)|重(?:复|说|讲)|没听(?:清|见|懂)|听不(?:清|见|懂)|什么\?*$|啥$|慢(?:点|些)|大声|讲多|听唔|again|repeat|pardon|what did you|didn'?t (?:hear|catch|get)|come again|slow|say that",
    re.I,
)
_STAFF = re.compile(
    r"窗口|工作人员|态度|办事员|网格员|社区的人|居委会|街道的|科(?:长|室)|主任|服务(?:差|不好|恶劣)|队员|保密|\b(?:clerk|staff|counter|window|rude\w*|officer|attitude|sub-?district|community worker|receptionist|civil servant|official)s?\b",
    re.I,
)
_WHOSE = re.compile(
    r"归(?:谁|哪)|谁管|找谁|哪个(?:部门|科|单位|窗口)|该找哪|\bwho (?:handles|deals|do i|should i|is responsible|takes care)|\bwhich (?:office|department)|\bwhose (?:job|duty)",
    re.I,
)
_BESIDES = re.compile(
    r"^(?:哎|诶|啊|哦|oh|ah)?[\s，,]*(?:对了|还有(?:一件|个|件)?|另外|顺便|再一个|by the way|also|another thing|one more thing|oh and)",
    re.I,
)
_SIDE = re.compile(
    r"我?家?(?:楼上|楼下|隔壁|对门)(?:那?家|邻居|的)?|\b(?:upstairs|downstairs|next door|above me|below me)\b", re.I
)
_LIKELY = 0.4
"""Below this probability an intent does not open a complaint, a suggestion or a visit: the words are searched for."""
_VERY_SURE = 0.85
_SURE = 0.6
"""From this probability on an intent may interrupt the form."""
_NO_PLACE_KINDS = frozenset({Kind.FEEDBACK, Kind.COMPLAINT})


def validate(scene: Scene) -> None:
    """Take in a message for the case at hand, then say which slot to ask for next (`state.requested`)."""
    state = scene.state
    if state.draft is None and wants_person(scene.heard.clean):
        ask_human(scene)
    elif state.draft is None and _only_asks(scene):
        answer(scene)
    elif state.draft is None or state.loop != "case_form":
        _begin(scene)
    else:
        state.draft.photos += scene.heard.photos
        absorb(scene, state.draft)
    if state.draft is None:
        offer, opening = state.offer, state.opening
        _end(scene)
        state.offer, state.opening = offer, opening  # what was offered in the form's stead
        return
    state.requested = _next_slot(scene, state.draft)
    scene.follow = f"action_ask_case_form_{state.requested}" if state.requested else "action_case_form_done"


def _end(scene: Scene) -> None:
    state = scene.state
    state.loop, state.requested, state.draft, state.offer, state.opening = None, None, None, "", ""


# -- the opening message -----------------------------------------------------------------------------------------


def _begin(scene: Scene) -> None:
    heard, state = scene.heard, scene.state
    routes = _routes(scene)
    began_anew = (
        heard.intent in ("report_problem", *routes) and not is_bare_wish(heard.clean) and not takes_up_offer(scene)
    )
    accepted_offer = state.offer == "file" and not began_anew
    opens = not accepted_offer and heard.intent in routes
    offered = next((intent for intent, duty in routes.items() if duty == state.duty), "report_problem")
    draft = Draft(
        intent=offered if accepted_offer else heard.intent if opens else "report_problem", photos=heard.photos
    )
    state.loop, state.draft, state.choices, state.misses = "case_form", draft, [], 0
    if accepted_offer:
        draft.duty = state.duty
        draft.words = [state.opening] if state.opening else []
        opening = clean_transcript(fold(state.opening)) if heard.spoken else fold(state.opening)
        _facts(scene, draft, opening, state.opening)
        _volunteered(scene, draft)
        if heard.text != state.opening and len(beside_place(heard.clean, scene.know.gazetteer)) > _LONG:
            draft.words.append(heard.text)
    else:
        _open_with(scene, draft)
    state.offer, state.opening = "", ""
    if draft.duty:
        _announce(scene, draft)


def _open_with(scene: Scene, draft: Draft) -> None:
    """Start from what was just said: the matter by search, everything else as far as it was volunteered."""
    heard = scene.heard
    if not heard.clean:
        _wordless(scene, draft)
        return
    route = _routes(scene).get(heard.intent) if heard.confidence >= _LIKELY else None
    if heard.intent == "complain_staff" and not _STAFF.search(heard.clean) and _surely_another_duty(scene, route or ""):
        route, draft.intent = None, "report_problem"  # a complaint, and not about us
    if heard.intent == "suggest" and not _SUGGESTS.search(heard.clean) and _surely_another_duty(scene, route or ""):
        route, draft.intent = None, "report_problem"  # something to mend, not an idea
    if not is_bare_wish(heard.clean):
        draft.words.append(heard.text)
    _volunteered(scene, draft)
    if route:
        draft.duty = route
    elif draft.words:
        _find_matter(scene, draft)
        if not draft.duty and adds_to_urgent_case(scene):
            scene.state.draft = None
            return
        draft.misses += not (draft.duty or draft.choices)


def _routes(scene: Scene) -> dict[str, str]:
    """The duties that take what residents ask for without naming one, by intent."""
    return {str(intent): duty for intent, duty in scene.duties.street.routes.items()}


def _only_asks(scene: Scene) -> bool:
    """Whether the resident wants to know something first: about the duty in hand, or whose the matter is."""
    heard = scene.heard
    if scene.state.duty and asks(heard.clean) and is_follow_up(scene, scene.know.aspects.of(heard.clean)):
        return True
    return heard.intent == "report_problem" and _WHOSE.search(heard.clean) is not None and not _says_something(scene)


def is_cancel(text: str) -> bool:
    """Whether the resident says in so many words that it should stop."""
    return _CANCEL.match(text.strip()) is not None


def takes_up_offer(scene: Scene) -> bool:
    """Whether the resident answers our offer to report with a fact for the report (“next to building 2”)."""
    heard, state = scene.heard, scene.state
    if state.offer != "file" or asks(heard.clean):
        return False
    if heard.pin or heard.photos:
        return True
    has_fact = (
        read_spot(heard.clean, scene.know.gazetteer, heard.language)
        or find_phone(heard.clean)
        or find_email(heard.text)
    )
    return bool(has_fact) and not (
        beside_place(heard.clean, scene.know.gazetteer) and _surely_another_duty(scene, state.duty)
    )


def tells_a_case(scene: Scene) -> bool:
    """Whether the message is a report as it stands: it says what and where or whom to ring, and asks nothing."""
    heard = scene.heard
    spot = read_spot(heard.clean, scene.know.gazetteer, heard.language)
    if (
        asks(heard.clean)
        or not (spot.area or find_phone(heard.clean))
        or not beside_place(heard.clean, scene.know.gazetteer)
    ):
        return False
    finding = search(scene, heard.clean)
    if finding.outcome is not Outcome.ANSWER:
        return False
    return scene.duties.duties[finding.candidates[0].duty].kind in (Kind.EVENT, Kind.MEDIATION)


def is_bare_wish(text: str) -> bool:
    """“I want to report something”: a wish to report that names nothing yet."""
    return re.fullmatch(r"(?:(?:hi|hello|hey|你好|您好)[\s，,!！.。]*)?(?:我?(?:想|要)?(?:报|反映|投诉|举报)(?:一个|个|点|一下)?(?:问题|事|情况|事情)?|报上去|替我报|"
                        r"(?:i(?:'d| would)? (?:want|like) to )?(?:report|file)(?: it| this| a problem| something| an issue)?)[。.!！吧]?", text.strip(), re.I) is not None  # fmt: skip


def _find_matter(scene: Scene, draft: Draft) -> None:
    """Which duty the words are about: take it, offer choices, or leave it open."""
    finding = search(scene, " ".join(_cleaned(draft)))
    if finding.outcome is Outcome.ANSWER:
        draft.duty = finding.candidates[0].duty
    elif finding.outcome is Outcome.ASK:
        draft.choices = [candidate.duty for candidate in finding.candidates[:3]]


def _cleaned(draft: Draft) -> list[str]:
    return draft.words[-3:]


def _announce(scene: Scene, draft: Draft) -> None:
    """Say who handles it before asking anything; what is another body's ends here, with how to reach them."""
    scene.state.duty = draft.duty
    duty = scene.duties.duties[draft.duty]
    if isinstance(duty, OutsideDuty):
        tell_duty(scene, duty.id)
        scene.state.draft = None
        return
    if duty.kind is Kind.SERVICE and draft.intent == "report_problem" and not _TELLS_ON.search(" ".join(draft.words)):
        tell_duty(scene, duty.id)
        scene.state.draft = None
        return
    office = scene.put(scene.duties.offices[duty.office].name)
    key = {"complain_staff": "case_complaint", "suggest": "case_suggestion", "book_visit": "case_visit"}.get(
        draft.intent, "case_begun"
    )
    limit = limit_in_words(scene, duty.limit)
    scene.say(key, office=office, name=scene.put(duty.name), duty=duty.id, version=scene.duties.version, limit=limit)
    if duty.advice and (draft.urgent or _cannot_wait(scene, draft)):
        scene.say_text(scene.put(duty.advice))


# -- every later message -----------------------------------------------------------------------------------------


def absorb(scene: Scene, draft: Draft) -> None:
    """Take in a message while the case is open: an interruption, an answer, a question, or more about the matter."""
    if not scene.heard.clean:
        _wordless(scene, draft)
        return
    if _interrupts(scene, draft):
        return
    if scene.know.manners.find(scene.heard.clean) is not None and use_manner(scene):
        return
    if _ANSWERS[scene.state.requested or "matter"](scene, draft):
        _question_beside_the_answer(scene, draft)
    elif not _is_digression(scene, draft):
        _OTHERWISE[scene.state.requested or "matter"](scene, draft)


def _wordless(scene: Scene, draft: Draft) -> None:
    """A picture or a place without a word: what it holds is kept, and the question is asked again."""
    _volunteered(scene, draft)
    if scene.heard.photos:
        scene.say("photo_received")


def _interrupts(scene: Scene, draft: Draft) -> bool:
    """What comes before the form's own question: fear, a stop, a person, another language, no name."""
    heard, state = scene.heard, scene.state
    if heard.intent == "emergency" and heard.confidence >= _VERY_SURE and len(heard.clean) > _LONG // 3:
        emergency.answer(scene)
        state.hush = True
    elif _AFRAID.search(heard.clean) and not draft.anonymous:
        scene.say("afraid", buttons=("anonymous", "person_instead"))
        state.hush = True
    elif (
        wants_person(heard.clean)
        or is_key_zero(heard.clean)
        or (heard.intent == "ask_human" and heard.confidence >= _SURE and not _surely_another_duty(scene, ""))
    ):
        ask_human(scene)
        state.hush = True
    elif is_cancel(heard.clean) or (
        heard.intent == "cancel" and heard.confidence >= _SURE and not _says_something(scene)
    ):
        scene.say("case_dropped", buttons=("human",))
        state.draft = None
    elif _AGAIN.search(heard.clean) and heard.intent == "repeat_please" and not _says_something(scene):
        repeat(scene)
        state.hush = True
    elif heard.intent == "change_language" and heard.confidence >= _SURE and not _says_something(scene):
        change_language(scene)
    elif wants_no_name(heard.clean) and not draft.anonymous:
        _volunteered(scene, draft)
        scene.say("anonymous_explained")
    else:
        return False
    return True


def _says_something(scene: Scene) -> bool:
    heard = scene.heard
    return bool(
        read_spot(heard.clean, scene.know.gazetteer, heard.language)
        or find_phone(heard.clean)
        or find_email(heard.text)
    )


def _question_beside_the_answer(scene: Scene, draft: Draft) -> None:
    """“Use this number. When will you come?”: the second half is answered too."""
    if asks(scene.heard.clean) and draft.duty and scene.state.requested != "matter":
        aspects = [a for a in scene.know.aspects.of(scene.heard.clean) if a in ("limit", "fee", "materials")]
        if aspects:
            tell_aspects(scene, draft.duty, aspects[:1])


def _is_digression(scene: Scene, draft: Draft) -> bool:
    """Answer what is not about the form's question; the form asks its question again after it."""
    heard = scene.heard
    if heard.intent in ("thanks", "greet") and heard.confidence >= _SURE:
        scene.say("still_here")
        return True
    if heard.intent == "check_progress" and heard.confidence >= _SURE:
        progress(scene)
        scene.follow, scene.state.lookup = None, None
        return True
    if asks(heard.clean) and _is_question(scene, draft):
        return True
    return _is_another_matter(scene, draft)


def _is_question(scene: Scene, draft: Draft) -> bool:
    """Answer a question about the duty in hand, or about another one."""
    heard = scene.heard
    aspects = scene.know.aspects.of(heard.clean)
    follow_up = bool(draft.duty) and is_follow_up(scene, aspects)
    other = _surely_another_duty(scene, draft.duty) if scene.state.requested != "matter" and not follow_up else ""
    if other:
        tell_duty(scene, other, offer=False)
        scene.state.duty = draft.duty
        return True
    if aspects and draft.duty:
        tell_aspects(scene, draft.duty, aspects)
        return True
    return False


def _is_another_matter(scene: Scene, draft: Draft) -> bool:
    """A second matter in the middle of the first: kept, and taken up when the first one is filed."""
    heard = scene.heard
    routed = heard.intent in _routes(scene) and heard.intent != draft.intent
    besides = _BESIDES.match(heard.clean) is not None
    told = heard.confidence >= _SURE and (routed or heard.intent == "report_problem")
    if scene.state.requested == "matter" or not (told or besides):
        return False
    if not routed and not _surely_another_duty(scene, draft.duty):
        return False
    draft.later.append(heard.text)
    scene.say("one_after_another")
    return True


def _surely_another_duty(scene: Scene, duty: str) -> str:
    heard = scene.heard
    if len(heard.clean) < (6 if heard.language == "zh" else 16):
        return ""
    finding = search(scene, heard.clean)
    if finding.outcome is not Outcome.ANSWER or finding.candidates[0].duty == duty:
        return ""
    return finding.candidates[0].duty


def _volunteered(scene: Scene, draft: Draft) -> Spot:
    """Take every fact that the message carries beside what was asked."""
    heard = scene.heard
    spot = read_spot(heard.clean, scene.know.gazetteer, heard.language)
    if heard.pin:
        lat, long, label = heard.pin
        community = scene.know.gazetteer.community_at(lat, long)
        spot = Spot(area=spot.area, near=spot.near or label, lat=lat, long=long, community=spot.community or community)
    before = draft.spot.copy()
    draft.put_place(spot)
    _facts(scene, draft, heard.clean, heard.text)
    if heard.spoken and before and before != draft.spot and scene.state.requested != "confirmed":
        scene.say("place_noted", place=_place(scene, draft).in_words(heard.language))
    return spot


def _facts(scene: Scene, draft: Draft, clean: str, text: str) -> None:
    """Take over what some words of the resident's carry: the place, how to reach them, no name, danger."""
    draft.put_place(read_spot(clean, scene.know.gazetteer, scene.heard.language))
    if wants_no_name(clean):
        draft.anonymous = draft.no_phone = True
        draft.phone = draft.email = draft.wish = ""
    if not draft.anonymous:
        draft.phone = find_phone(clean) or draft.phone
        draft.email = find_email(text) or draft.email
    draft.urgent = draft.urgent or _URGENT.search(clean) is not None
    if draft.duty and _open_detail(scene, draft) == "time" and _TIME.search(clean):
        draft.details["time"] = text
        if _AFTER_HOURS.search(clean):
            scene.say("after_hours")


def _answer_matter(scene: Scene, draft: Draft) -> bool:
    chosen = choice_among(scene, draft.choices)
    if chosen:
        draft.duty, draft.choices = chosen, []
        _announce(scene, draft)
    return bool(chosen)


def _more_about_the_matter(scene: Scene, draft: Draft) -> None:
    heard, known = scene.heard, (draft.spot, draft.phone, draft.email)
    draft.choices = []
    if not is_no(heard.clean):
        draft.words.append(heard.text)
        _volunteered(scene, draft)
        _find_matter(scene, draft)
    if draft.duty:
        _announce(scene, draft)
        return
    draft.misses += known == (draft.spot, draft.phone, draft.email)  # a place or a phone is no failure to say what
    if draft.misses >= 2:
        summary = {"words": " / ".join(draft.words), "language": heard.language}
        scene.cases.ask_for_person(heard.talk_id, heard.now, "not_understood", summary)
        scene.say("matter_to_person", phone=scene.duties.street.phone)
        scene.state.draft = None


def _answer_place(scene: Scene, draft: Draft) -> bool:
    heard = scene.heard
    spot = _volunteered(scene, draft)
    if spot and len(heard.text) > _LONG:
        draft.words.append(heard.text)
    if not spot and _DONT_KNOW.match(heard.clean):
        if "place_unknown" in draft.asked:
            draft.put_place(as_said(scene.words("place_unknown")))
        draft.asked.append("place_unknown")
        return True
    return bool(spot or heard.pin)


def _place_in_own_words(scene: Scene, draft: Draft) -> None:
    heard = scene.heard
    if asks(heard.clean) and "question_at_place" not in draft.asked:
        draft.asked.append("question_at_place")
        draft.words.append(heard.text)
        scene.say("question_noted")
    elif not (find_phone(heard.clean) or is_yes(heard.clean) or is_no(heard.clean) or means_this_phone(heard.clean)):
        draft.put_place(as_said(heard.text))


def _answer_detail(scene: Scene, draft: Draft) -> bool:
    heard = scene.heard
    key = _open_detail(scene, draft)
    spot = _volunteered(scene, draft)
    is_place = any((spot.building, spot.unit, spot.room, spot.area)) and not beside_place(
        heard.clean, scene.know.gazetteer
    )
    if wants_no_phone(heard.clean) and not is_no(heard.clean):
        draft.no_phone, draft.wish = True, f"{draft.wish} {heard.text}".strip()
        return True
    if is_place or not key:
        return is_place
    if not (is_yes(heard.clean) or is_no(heard.clean) or _TIME.search(heard.clean)) and asks(heard.clean):
        return False
    _keep_detail(scene, draft, key)
    return True


def _keep_detail(scene: Scene, draft: Draft, key: str = "") -> None:
    """Keep the answer to the duty's own question; a question instead of one is kept as words, and asked past once."""
    key = key or _open_detail(scene, draft)
    if key and asks(scene.heard.clean) and f"question_at_{key}" not in draft.asked:
        draft.asked.append(f"question_at_{key}")
        draft.words.append(scene.heard.text)
        scene.say("question_noted")
    elif key:
        draft.details[key] = scene.heard.text
        draft.urgent = draft.urgent or (key.startswith("inside") and is_yes(scene.heard.clean))


def _answer_contact(scene: Scene, draft: Draft) -> bool:
    heard = scene.heard
    before = draft.phone, draft.email
    _volunteered(scene, draft)
    if (draft.phone, draft.email) != before:
        beside = re.sub(r"[\d\s@.-]", "", heard.text)
        if len(beside) > _LONG // 2:
            draft.words.append(heard.text)
    elif heard.caller_phone and (is_yes(heard.clean) or means_this_phone(heard.clean)):
        draft.phone = heard.caller_phone
    elif digits := broken_phone(heard.clean):
        scene.say("phone_incomplete", digits=digits)
    elif is_no(heard.clean):
        draft.no_phone = True
    elif wants_no_phone(heard.clean) or _REACH_WISH.search(heard.clean):
        draft.no_phone = True
        draft.wish = f"{draft.wish} {heard.text}".strip()
    else:
        return False
    return True


def _more_instead_of_contact(scene: Scene, draft: Draft) -> None:
    draft.words.append(scene.heard.text)
    draft.misses += 1
    draft.no_phone = draft.misses >= 2


def _answer_confirmed(scene: Scene, draft: Draft) -> bool:
    heard = scene.heard
    leading = _LEADING_YES.match(heard.clean)
    this_phone = bool(heard.caller_phone) and draft.phone == heard.caller_phone and means_this_phone(heard.clean)
    if is_yes(heard.clean) or (heard.intent == "affirm" and len(heard.clean) <= 8) or leading or this_phone:
        draft.asked.append("confirmed")
        if this_phone and len(heard.text) > _LONG // 2:
            draft.words.append(heard.text)
            _facts(scene, draft, heard.clean, heard.text)
        if leading and leading.group(1):
            draft.after = leading.group(1)
        return True
    before = (draft.spot.copy(), draft.phone, draft.email)
    _volunteered(scene, draft)
    changed = before != (draft.spot, draft.phone, draft.email)
    if is_no(heard.clean) or (heard.intent == "deny" and not changed):
        scene.say("what_is_wrong")
        scene.state.hush = True
        return True
    if changed and len(heard.text) > _LONG:
        draft.words.append(heard.text)
    if changed and before[0] == draft.spot and not (before[1] or before[2]):
        draft.asked.append(
            "confirmed"
        )  # nothing was corrected: what was missing has come, and is read out with the number
        scene.say_text(_contact_line(scene, draft))
    return changed


def _more_at_the_end(scene: Scene, draft: Draft) -> None:
    """Who goes on telling after the read-back wants it filed; a mere “let me think” is waited for."""
    heard = scene.heard
    if heard.intent in ("report_problem", "add_to_case", "suggest") or _URGENT.search(heard.clean):
        draft.words.append(heard.text)
        draft.asked.append("confirmed")


_ANSWERS: Mapping[str, Callable[[Scene, Draft], bool]] = {
    "matter": _answer_matter,
    "place": _answer_place,
    "detail": _answer_detail,
    "contact": _answer_contact,
    "confirmed": _answer_confirmed,
}
"""Takes the answer to the question asked; False when the message does not hold one."""

_OTHERWISE: Mapping[str, Callable[[Scene, Draft], None]] = {
    "matter": _more_about_the_matter,
    "place": _place_in_own_words,
    "detail": _keep_detail,
    "contact": _more_instead_of_contact,
    "confirmed": _more_at_the_end,
}
"""What becomes of a message that is neither an answer nor about something else."""


# -- what is still missing ---------------------------------------------------------------------------------------


def _next_slot(scene: Scene, draft: Draft) -> Slot | None:
    if not draft.duty:
        return "matter"
    if _needs_place(scene, draft):
        return "place"
    if _cannot_wait(scene, draft):
        draft.urgent = True
        draft.phone = draft.phone or scene.heard.caller_phone
        draft.asked.append("confirmed")
        return None
    if _open_detail(scene, draft):
        return "detail"
    if not (draft.phone or draft.email or draft.no_phone):
        return "contact"
    return None if "confirmed" in draft.asked else "confirmed"


def _cannot_wait(scene: Scene, draft: Draft) -> bool:
    """Whether somebody is sent at once: such a case is filed as soon as it is known what and where."""
    duty = scene.duties.duties[draft.duty]
    return isinstance(duty, OursDuty) and duty.function is Function.EMERGENCY and duty.limit.unit is Unit.IMMEDIATE


def _needs_place(scene: Scene, draft: Draft) -> bool:
    duty = scene.duties.duties[draft.duty]
    if duty.kind in _NO_PLACE_KINDS:
        return False
    if draft.place.can_be_found:
        # An estate alone is a kilometre of doors: ask once where in it.
        vague = (
            not _cannot_wait(scene, draft)
            and scene.know.gazetteer.is_wide(draft.place.area)
            and bool(draft.place.area)
            and not any((draft.place.near, draft.place.building, draft.place.house, draft.place.lat))
        )
        return vague and "where_in_area" not in draft.asked
    return True


def _open_detail(scene: Scene, draft: Draft) -> str:
    duty = scene.duties.duties[draft.duty]
    if isinstance(duty, OursDuty) and not draft.anonymous:  # who is afraid is not asked more than must be known
        for detail in duty.details[:1]:  # one question beyond what is always needed is all that people put up with
            if detail.key not in draft.details and not (detail.key.startswith("inside") and draft.urgent):
                return detail.key
    return ""


def ask_matter(scene: Scene) -> None:
    """Ask what it is about."""
    draft = _draft(scene)
    if draft.choices:
        offer_choices(scene, draft.choices)
    elif draft.words:
        scene.say("ask_matter_more")
    else:
        scene.say("ask_matter")


def ask_place(scene: Scene) -> None:
    """Ask where; when part of it is known, read that part back and ask for the rest."""
    draft = _draft(scene)
    place = draft.place
    if place.can_be_found and "where_in_area" not in draft.asked:
        draft.asked.append("where_in_area")
        scene.say("ask_where_in_area", place=place.in_words(scene.heard.language))
    elif place:
        scene.say("ask_which_area", place=place.in_words(scene.heard.language))
    elif "place_unknown" in draft.asked:
        scene.say("ask_place_landmark")
    else:
        scene.say("ask_place")


def ask_detail(scene: Scene) -> None:
    """Ask the duty's own extra question."""
    draft = _draft(scene)
    key = _open_detail(scene, draft)
    duty = scene.duties.duties[draft.duty]
    if isinstance(duty, OursDuty):
        scene.say_text(next(scene.put(detail.ask) for detail in duty.details if detail.key == key))


def ask_contact(scene: Scene) -> None:
    """Ask how to reach the resident; on the telephone, whether the number they call from will do."""
    if scene.heard.caller_phone:
        tail = digit_by_digit(scene.heard.caller_phone[-4:], scene.heard.language)
        scene.say("ask_caller_phone", tail=tail)
    elif _draft(scene).intent == "suggest":
        scene.say("ask_contact_reply", buttons=("no_contact",))
    else:
        scene.say("ask_contact", buttons=("no_contact", "anonymous"))


def ask_confirmed(scene: Scene) -> None:
    """Read back everything that will be written down, word for word."""
    draft = _draft(scene)
    name = scene.put(scene.duties.duties[draft.duty].name)
    place, contact = _place_line(scene, draft), _contact_line(scene, draft)
    lines = [scene.words("read_back", name=name, what=_what(draft)), place, contact, scene.words("read_back_ask")]
    separator = ("，" if scene.heard.language == "zh" else ", ") if scene.heard.spoken else "\n"
    scene.say_text(separator.join(line for line in lines if line), buttons=("yes", "no", "cancel"))


def _draft(scene: Scene) -> Draft:
    assert scene.state.draft is not None, "a question of the case form without a draft"  # noqa: S101
    return scene.state.draft


def _what(draft: Draft) -> str:
    """What the resident said of the matter; without a name, also without what would tell who they are."""
    words = [_without_reporter(line) if draft.anonymous else line.strip() for line in draft.words]
    return " / ".join(line for line in words if line)


def _without_reporter(line: str) -> str:
    return _SIDE.sub("", without_contact(_REPORTER.sub("", line))).strip(" ，,")


def _place(scene: Scene, draft: Draft) -> Spot:
    """The place as it is read back and written down: its name in the language spoken now; unnamed, without the writer."""
    if draft.duty and scene.duties.duties[draft.duty].kind in _NO_PLACE_KINDS and not draft.place.area:
        return Spot()  # “a sign at the entrance” is part of the idea, not an address
    place = replace(draft.place, area=scene.know.gazetteer.named(draft.place.area, scene.heard.language))
    return Spot(area=place.area, house=place.house, building=place.building, community=place.community,
                near=_without_reporter(place.near)) if draft.anonymous else place  # fmt: skip


def _place_line(scene: Scene, draft: Draft) -> str:
    said = _place(scene, draft).in_words(scene.heard.language)
    return scene.words("line_place", place=said) if said else ""


def _contact_line(scene: Scene, draft: Draft) -> str:
    if draft.anonymous:
        return scene.words("line_anonymous")
    reach = [part for part in (draft.phone, draft.email, draft.wish) if part]
    if scene.heard.spoken and draft.phone:
        reach = [digit_by_digit(draft.phone, scene.heard.language)]
    return (
        scene.words("line_contact", contact="；".join(reach) if scene.heard.language == "zh" else "; ".join(reach))
        if reach
        else scene.words("line_no_contact")
    )


# -- filing ------------------------------------------------------------------------------------------------------


def file_case(scene: Scene) -> None:
    """Open the case, say its number and what happens next; a form that ended without a yes files nothing."""
    if scene.state.draft is None or "confirmed" not in scene.state.draft.asked:
        return
    draft = scene.state.draft
    case = scene.cases.open(_new_case(scene, draft))
    duty = scene.duties.duties[draft.duty]
    number = digit_by_digit(case.number, scene.heard.language) if scene.heard.spoken else case.number
    office = scene.put(scene.duties.offices[duty.office].name)
    due = due_in_words(scene, case.due_at)
    scene.say("filed", number=number, office=office, due=due)
    if draft.urgent:
        scene.say("filed_urgent")
        detail = {"case": case.number, "duty": case.duty, "place": case.place}
        scene.cases.raise_alert(
            "red" if _cannot_wait(scene, draft) else "yellow", "urgent_case", scene.heard.now, detail
        )
    if draft.anonymous:
        scene.say("filed_anonymous", code=case.phone_tail)
    elif not draft.phone:
        scene.say("filed_code", code=case.phone_tail)
    _end(scene)
    scene.state.case = "" if draft.anonymous else case.number
    scene.state.duty = case.duty
    if draft.after:
        _answer_rest(scene, draft.after)
    _take_up_later(scene, draft)


def _answer_rest(scene: Scene, rest: str) -> None:
    """“Yes. And how do I …?”: the question that came with the yes."""
    scene.heard = replace(scene.heard, clean=rest)
    aspects = scene.know.aspects.of(rest)
    if scene.know.manners.find(rest) is not None:
        use_manner(scene)
    elif aspects and asks(rest):
        tell_aspects(scene, scene.state.duty, aspects)


def _take_up_later(scene: Scene, draft: Draft) -> None:
    """Offer to file the matter that was put aside."""
    if not draft.later:
        return
    finding = search(scene, draft.later[0])
    if finding.outcome is not Outcome.PASS_ON:
        scene.state.duty, scene.state.offer, scene.state.opening = finding.candidates[0].duty, "file", draft.later[0]
        scene.say("next_matter", words=draft.later[0], buttons=("file",))


def _new_case(scene: Scene, draft: Draft) -> NewCase:
    heard, duty = scene.heard, scene.duties.duties[draft.duty]
    place = _place(scene, draft)
    details = {key: _without_reporter(said) if draft.anonymous else said for key, said in draft.details.items()}
    code = draft.phone[-4:] if draft.phone else f"{secrets.randbelow(10_000):04d}"
    return NewCase(
        talk_id=heard.talk_id,
        duty=duty.id,
        list_version=scene.duties.version,
        office=duty.office,
        community=place.community or None,
        what=_what(draft) or scene.put(duty.name),
        place=place.in_words("zh" if heard.language == "zh" else "en"),
        language=heard.language,
        urgent=draft.urgent,
        anonymous=draft.anonymous,
        contact=Contact() if draft.anonymous else Contact(draft.phone, draft.email, draft.wish),
        phone_tail=code,
        opened_at=heard.now,
        due_at=_due(duty, heard.now),
        details={**details, **({"photos": draft.photos} if draft.photos else {})},
    )


def _due(duty: Duty, now: datetime) -> datetime | None:
    if not isinstance(duty, OursDuty) or duty.limit.unit is Unit.IMMEDIATE:
        return None
    return due_at(duty.limit, now)
