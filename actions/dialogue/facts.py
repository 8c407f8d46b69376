"""Facts in a message that are not places: phones, e-mail addresses, yes and no. Nothing is guessed or completed."""

from __future__ import annotations

import re

from nlu.text.numbers import digits_from_speech
from nlu.text.script import fold

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?(1[3-9]\d(?:[\s-]?\d){8})(?!\d)")
_LANDLINE = re.compile(r"(?<![\d-])((?:0\d{2,3}[\s-]?)?[2-8]\d{3}[\s-]?\d{3,4})(?![\d-])")
_DIGITS = re.compile(r"(?<!\d)\d(?:[\s-]?\d){4,}(?!\d)")
_EMAIL = re.compile(r"([A-Za-z0-9._%+-]+)\s*(?:@|\s+at\s+|艾特)\s*([A-Za-z0-9-]+(?:\s*(?:\.|\s+dot\s+|点)\s*[A-Za-z0-9-]+)+)", re.I)

_YES = re.compile(
    r"^(?:是的?|对的?|对喽|对呀|对对|没错|正确|好的?|好呀|好吧|行|行的?|可以|嗯+|恩|中|要的?|要啊|报吧|确认|没问题|就这样|就是|成|得|系|系呀|啱|係|"
    r"yes|yeah|yep|yup|sure|ok|okay|right|correct|that'?s right|that'?s it|go ahead|please do|fine|y)"
    r"(?:[\s，,。.!！~～]|[啊呀的吧喽嘞了呢哦]|是的?|对的?|好的?|please|thanks?|thank you|谢谢|报|就|这样|可以|没错|it is|唔该晒?|that'?s|right|correct|the one)*$",
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
    r"不留(?!名)|不(?:想|愿|方便)?(?:留|给|告诉).{0,3}(?:电话|号码|手机)|没有?(?:电话|手机)|不用(?:电话|联系|打)|别打电话|不要打电话|唔好打电话|"
    r"不必|不用了|no phone|don'?t (?:call|phone|ring)|rather not|prefer not|no number|skip|just here|in this chat",
    re.I,
)
_THIS_PHONE = re.compile(r"(?:就|用)?(?:我)?(?:打的)?(?:这个|这只|现在这个|本机)(?:号|电话|手机)?|打过来的|来电|this (?:number|phone|one)|same number|calling from", re.I)


def find_phone(text: str) -> str:
    """The phone number in `text` as digits, or an empty string. Spoken digits count (幺三八…)."""
    said = re.sub(r"(?<!\d)\d{3}-\d{4}(?!\d)", " ", digits_from_speech(fold(text)))
    match = _MOBILE.search(said)
    if match:
        return re.sub(r"\D", "", match.group(1))
    match = _LANDLINE.search(said)
    digits = re.sub(r"\D", "", match.group(1)) if match else ""
    return digits if len(digits) in (8, 11, 12) else ""


def broken_phone(text: str) -> int:
    """How many digits an incomplete phone number in `text` has; 0 when there is none."""
    match = _DIGITS.search(digits_from_speech(fold(text)))
    return len(re.sub(r"\D", "", match.group())) if match and not find_phone(text) else 0


def find_email(text: str) -> str:
    """The e-mail address in `text`, “name at example.com” included, or an empty string."""
    match = _EMAIL.search(text)
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
