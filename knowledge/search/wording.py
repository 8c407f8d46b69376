"""What of a resident's words is looked at: folded and plain, and cut into the features that the classifiers read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from nlu.text.script import fold
from nlu.text.segment import words_of
from nlu.text.sound import syllables

_DATES = re.compile(
    r"\d{2,4}年(?:\d{1,2}月(?:\d{1,2}[日号]?)?)?|\d{1,2}月\d{1,2}[日号]?|\d{1,2}[::]\d{2}(?:[::]\d{2})?"
)
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+|\[[^\]]{0,12}\]|[((]某[^))]{0,8}[))]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z]+(?:'[a-z]+)?")
_OPENING = re.compile(
    r"^(?:(?:该|有|一位)?(?:市民|居民|群众|热心市民|来电人|业主|网友|诉求人)(?:来电|来访|来信)?"
    r"(?:反映|反应|称|表示|咨询|投诉|举报|建议|求助|诉)*[::,,]?"
    r"|其(?:是|表示|称)?(?=[\u4e00-\u9fff]))"
)
_CLOSING = re.compile(
    r"[,,。;;]?(?:故)?(?:来电)?(?:希望|望|要求|请|恳请|建议)?(?:相关|有关|主管|职能)?(?:部门|单位)?"
    r"(?:能够|能|予以|给予|尽快|及时|介入)*(?:核实|核查|处理|解决|答复|回复|协调|查处|处置)(?:一下|此事|该问题|的问题)?[。!!]?$"
)


def plain(text: str) -> str:
    """`text` Simplified, lower-case, without dates, figures, links and the frame of a hotline record.

    What is left is never empty unless `text` held nothing to look at.
    """
    text = unicodedata.normalize("NFKC", fold(text)).lower().replace("’", "'")
    text = _NUMBER.sub(" ", _DATES.sub(" ", _ADDRESS.sub(" ", text)))
    bare = _CLOSING.sub("", _OPENING.sub("", text.strip())).strip()
    return bare if len(_RUN.findall(bare)) and len(bare) >= 4 else text.strip()


def features(text: str, cut: list[str] | None = None) -> Iterator[str]:
    """The sparse features of a plain text: character runs and words, each marked with its kind.

    `cut` are its words, where they are known already.
    """
    for run in _RUN.findall(text):
        if run[0].isascii():
            edged = f"<{run}>"
            for n in (3, 4, 5):
                yield from (edged[i : i + n] for i in range(len(edged) - n + 1))
        else:
            for n in (1, 2, 3):
                yield from (run[i : i + n] for i in range(len(run) - n + 1))
    cut = words_of(text) if cut is None else cut
    yield from ("w " + word for word in cut)
    yield from (f"p {a} {b}" for a, b in pairwise(cut))


_RECORD = re.compile(
    r"\W*(?:市民|居民|群众|来电|反映|投诉|咨询|建议|诉求|举报|热线|resident|caller|complaint|request|log\b|report\b)",
    re.IGNORECASE,
)


def is_record(text: str) -> bool:
    """Whether a raw text reads like a hotline's record of a request, in the third person."""
    return _RECORD.match(text) is not None


def words(text: str) -> list[str]:
    """The words of a plain text."""
    return words_of(text)


def sound_pairs(text: str) -> list[str]:
    """The syllables of the Chinese in a text, in pairs: the same for 残疾 and 残级."""
    heard = syllables(text)
    return [f"{a} {b}" for a, b in pairwise(heard)] or heard
