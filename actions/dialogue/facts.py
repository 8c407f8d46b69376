"""Facts in a message that are not places: phones, e-mail addresses, yes and no. Nothing is guessed or completed."""

from __future__ import annotations

import re

from actions.cases.number import is_case_number
from nlu.text.numbers import digits_from_speech
from nlu.text.script import fold

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?(1[3-9]\d(?:[\s-]?\d){8})(?!\d)")
_LANDLINE = re.compile(r"(?<![\d-])((?:0\d{2,3}[\s-]?)?[2-8]\d{3}[\s-]?\d{3,4})(?![\d-])")
_PHONE_IN_GROUPS = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d([\s-]?)\d{4}\1\d{4}(?!\d)")
_CASE_NUMBER = re.compile(r"(?<!\d)\d{3}-\d{4}(?!\d)")
_NO_PHONE_NUMBER = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:\s*[-—~至到]\s*(?:19|20)\d\d|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
"""Years and days: “2025-2026”, “20251001”."""
_DIGITS = re.compile(r"(?<!\d)\d(?:[\s-]?\d){4,}(?!\d)")
_LONG_NUMBER = re.compile(r"\+?\d(?:[\s-]?\d){6,}[Xx]?")
_EMAIL = re.compile(r"([A-Za-z0-9._%+-]+)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)", re.I)
_SPOKEN_EMAIL = re.compile(
    r"([A-Za-z0-9._%+-]+)(?:\s+at\s+|\s*艾特\s*)([A-Za-z0-9-]+(?:(?:\s+dot\s+|\s*点\s*|\.)[A-Za-z0-9-]+)+)", re.I
)

_YES = re.compile(
    r"^(?:是的?|对的?|对喽|对呀|对对|没错|正确|好的?|好呀|好吧|行|行的?|可以|嗯+|恩|中|要的?|要得|要啊|报吧|确认|没问题|就这样|就是|成|得|系|系呀|啱|係|"
    r"yes|yeah|yep|yup|sure|ok|okay|right|correct|that'?s right|that'?s it|go ahead|please do|fine|y)"
    r"(?:[\s，,。.!！~～]|[啊呀的吧喽嘞了呢哦]|是的?|对的?|好的?|please|thanks?|thank you|谢谢|报|就|这样|可以|没错|it is|唔该晒?|that'?s(?: it)?|right|correct|the one)*$",
    re.I,
)
_NO = re.compile(
    r"^(?:不是?|不对|不要|不用了?|不行|不好|没有|别|错了?|否|唔系|唔使|唔好|no|nope|nah|not|don'?t|wrong|n)(?:[\s，,。.!！]|[啊呀的吧了呢哦]|不是?|不对|谢谢|thanks?|thank you|right|really|it'?s not)*$",
    re.I,
)
_NO_NAME = re.compile(
    r"匿名|不留名|不想留名|不要写我|别写我|别说是我|不要说是我|别告诉.{0,4}是我|不实名|"
    r"\banonym|without (?:my|a) name|don'?t (?:use|give|tell).{0,12}(?:my name|it was me)|keep my name out",
    re.I,
)
_NO_PHONE = re.compile(
    r"(?:不|唔|别|甭)(?:想|愿意?|方便|用|要|必|需要?|使)*留(?!名|姓)|不(?:想|愿|方便)?(?:留|给|告诉).{0,3}(?:电话|号码|手机)|没有?(?:电话|手机)|不用(?:电话|联系|打)|别打电话|不要打电话|唔好打电话|"
    r"不必|不用了|no phone|don'?t (?:call|phone|ring)|rather not|prefer not|no number|skip|just here|in this chat",
    re.I,
)
_THIS_PHONE = re.compile(
    r"(?:就|用)?(?:我)?(?:打的)?(?:这个|这只|呢个|呢只|现在这个|本机)(?:号|电话|手机)?|打过来的|来电|(?:this|that) (?:number|phone|one)|same number|calling from",
    re.I,
)


_PERSON = re.compile(
    r"(?:转|找|要|叫|接|换|来)(?:一?个|一下|到|我|成)?(?:真?人工|真人|活人)|^[^。，,]{0,4}(?:人工|真人)(?:客服|服务|坐席)?[^。，,]{0,3}$|^(?:给我|帮我)?(?:转接?|找)客服|找(?:一)?个人(?:来)?(?:说|谈|讲|接|跟|帮|$)|"
    r"\b(?:speak|talk|chat|connect|transfer|get|put|give|want|need)\b[^.?!]{0,24}\b(?:human|(?:real |live )?person|somebody|someone|operator|(?:live |real )?agent|representative)\b(?! (?:else )?(?:who|to (?!talk|speak|help me|chat)|has|is|at|in|from))|"
    r"^\W*(?:human|operator|agent|real person|live agent|representative)(?: please| pls)?\W*$",
    re.I,
)
_KEY_ZERO = re.compile(r"^\s*(?:0|零)\s*$")
_QUESTION = re.compile(
    r"[?？]|吗|^那.{0,12}呢$|多少|多久|多长时间|怎么|几点|几时|何时|哪[里儿个]|什么|啥|能不能|可不可以|行不行|归谁|谁管|找谁|谁负责|"
    r"\b(?:can i|do i|is it|does (?:it|this|that|the|my|your))\b|\bwhich (?:office|window|counter|department|number|one)\b|"
    r"\b(?:how|what|when|where|who|whom|whose|why)(?:'s|s)?\s+(?:do|does|did|is|are|can|could|should|will|would|to|much|many|long|soon|often|about|else|papers?|documents?|handles?|deals?|(?:she|he|i|we|you) (?:need|have))\b|"
    r"^\W*(?:(?:and|but|so|ok|okay|hi|hello|um|well|then|also|please|sorry|by the way)\W+)*(?:how|what|whats|when|where|who|why|which)\b",
    re.I,
)


def wants_person(text: str) -> bool:
    """Whether the resident asks for a person, whatever else they were asked."""
    folded = fold(text).strip()
    return _PERSON.search(folded) is not None


def is_key_zero(text: str) -> bool:
    """Whether the message is the key 0 and nothing else."""
    return _KEY_ZERO.match(fold(text)) is not None


def asks(text: str) -> bool:
    """Whether `text` asks something."""
    return _QUESTION.search(fold(text).strip()) is not None


def without_phones(text: str) -> str:
    """`text` with telephone numbers left out, so that no part of one is taken for a number of ours."""
    return _PHONE_IN_GROUPS.sub(" ", text)


def find_phone(text: str) -> str:
    """The phone number in `text` as digits, or an empty string. Spoken digits count (幺三八…)."""
    said = _NO_PHONE_NUMBER.sub(" ", _CASE_NUMBER.sub(_unless_area_code, digits_from_speech(fold(text))))
    match = _MOBILE.search(said)
    if match:
        return re.sub(r"\D", "", match.group(1))
    match = _LANDLINE.search(said)
    digits = re.sub(r"\D", "", match.group(1)) if match else ""
    return digits if len(digits) in (8, 11, 12) else ""


def _unless_area_code(match: re.Match[str]) -> str:
    """Nothing in place of a case number; “010-5550” before four more digits is a phone's beginning."""
    said = match.group()
    return said if said.startswith("0") and not is_case_number(said) else " "


def without_contact(text: str) -> str:
    """`text` without e-mail addresses and without numbers long enough to be a phone's or an identity card's."""
    text = _EMAIL.sub("", text)
    said = digits_from_speech(text)
    return _LONG_NUMBER.sub("", said) if _LONG_NUMBER.search(said) else text


def broken_phone(text: str) -> int:
    """How many digits an incomplete phone number in `text` has; 0 when there is none."""
    match = _DIGITS.search(digits_from_speech(fold(text)))
    return len(re.sub(r"\D", "", match.group())) if match and not find_phone(text) else 0


def find_email(text: str) -> str:
    """The e-mail address in `text`, “name at example.com” included, or an empty string."""
    match = _EMAIL.search(text) or _SPOKEN_EMAIL.search(text)
    if not match:
        return ""
    domain = re.sub(r"\s*(?:\.|\s+dot\s+|点)\s*", ".", match.group(2), flags=re.I)
    return f"{match.group(1)}@{domain}".lower()


def is_yes(text: str) -> bool:
    """Whether `text` says yes and nothing else."""
    return _YES.match(fold(text).strip()) is not None


def is_no(text: str) -> bool:
    """Whether `text` says no and nothing else."""
    return _NO.match(fold(text).strip()) is not None


def wants_no_name(text: str) -> bool:
    """Whether the resident asks to stay unnamed."""
    return _NO_NAME.search(fold(text)) is not None


def wants_no_phone(text: str) -> bool:
    """Whether the resident gives no phone, or wants no call."""
    return _NO_PHONE.search(fold(text)) is not None


def means_this_phone(text: str) -> bool:
    """Whether the resident means the number they are calling from."""
    return _THIS_PHONE.search(fold(text)) is not None
