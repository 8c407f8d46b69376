"""Where a message may go over to another matter: its pieces, and how plainly each of them begins something new.

Only the words are looked at. Whether two pieces are two matters, whoever knows the duties decides; pieces keep their
place in the text, so that pieces of one matter can be joined again as they were written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from nlu.text.script import fold

MOST_PIECES = 12
"""What comes behind so many pieces stays with the last one."""


class Link(IntEnum):
    """How plainly a piece begins something new, from hardly to in so many words."""

    FIRST = 0
    CLAUSE = 1  # “路灯也坏了”, “and the lamp …”: more of the same as often as not
    SENTENCE = 2
    ALSO = 3  # “还有”, “also”
    BESIDES = 4  # “另外一件事”, “by the way”, a number of a list


@dataclass(frozen=True)
class Piece:
    """A piece of a text: from `start` to before `end`, without the words that link it to what stands before."""

    start: int
    end: int
    link: Link


_TALK = r"(?:问|说|咨询|打听|了解|反映|报|投诉|举报)(?:一下|下|一个|个)?"
_NUMBERED_THING = r"(?:件|个|桩)(?:事情?|问题|情况)?"

_BESIDES = re.compile(
    r"(?:还有|另外)(?:[一两几]?[件个桩](?:事情?|问题|情况)|一[个件](?=就?是|[，,：:\s]))(?:就?是)?"
    rf"|另外(?:再|还|也)?(?:我)?(?:再|还|也)?(?:想|要|请)?{_TALK}"
    r"|(?:另外|还有)(?=我?(?:再|还|也)?(?:建议|提议|提个))"
    r"|(?:还有就是|再就是|再有就是|再有|再者|其次|再一个|还一个|仲有(?:一)?(?:件|个)事)(?!月|小时|人|星期)(?:就是|是)?"
    rf"|顺[便带](?:再|也)?(?:想)?(?:{_TALK})?"
    r"|(?<![不没你他])对了(?![吗么没])"
    rf"|还(?:想|要){_TALK}(?!的|过|了|警)|再(?:问|咨询|打听|反映|报|投诉)(?:一下|下|一个|个)"
    rf"|第[二三四五]{_NUMBERED_THING}(?![月星楼门]|单元)(?:就?是)?"
    r"|第[二三四五](?:就?是|(?=[，,、:：\s]))"
    r"|(?:\b(?:and|oh|but|ok|okay|so)\b[,\s]+)*"
    r"(?:\bby the way\b|\bbtw\b|\b(?:also )?(?:another|one more|one other) (?:thing|question|issue|problem|matter|point)\b(?:[ :,]+(?:is|was)\b(?: that)?)?"
    r"|\b(?:on|in) (?:another|a different|a separate) (?:note|matter|subject)\b|\bseparately\b(?=,)|\bwhile (?:i'?m at it|i have you|we'?re at it)\b"
    r"|\b(?:the )?(?:second|third)(?:ly| (?:thing|question|issue|problem|matter|one)(?: is)?)\b|\b(?:second|third)(?=[,:])"
    r"|\bi(?:'d)? also (?:want(?:ed)?|need|would like|like)(?: to (?:know|ask|report))?\b)",
    re.I,
)
_ALSO = re.compile(
    r"还有(?!没|人|多|几|什么|谁|点|一|两|俩|[三2-9][个只位名条台辆处张]|的|得|啊|呀|完|必要|机会|办法|希望|关系|时间|效)|仲有(?!冇)|以及|同埋"
    r"|另外(?!一?[些栋幢条边头只户家面批半层位名]|的|那)"
    r"|同时(?![间期候])"
    r"|(?:\band\s+)?\balso\b|\bplus\b|\bas well as\b|\b(?:and )?on top of (?:that|this)\b|(?<![\w-])besides\b(?=,)"
    r"|\band\s+(?=(?:how|where|what|who|which|when|can|could|do|does)\b)",
    re.I,
)
_CLAUSE = re.compile(
    r"(?<=[，,、\s])(?=[^，,。！？!?；;、\s]{2,10}也[^，,。！？!?；;\s]{2,})|[,\s]+and\s+(?=(?:the|my|our|there)\b)",
    re.I,
)
_SENTENCE = re.compile(r"[。！？!?；;…\n]+|(?<!\b[A-Za-z])\.(?=\s|$)")
_NUMBER = re.compile(
    r"(?:(?<=[\n。；;，,:：\s])|^)[ \t]*(?:[(（]?(\d)(?:[.、)）:：](?!\d)|\s*[，,](?=\s?[\u3400-\u9fff]))\s*|([一二三四五])(?:[、.：:是]|(?=\s)\s)\s*"
    r"|第?([一二三四五])(?:件|个|点)?(?:事情?|问题)?(?:[，,、:：]|就?是)\s*)|([①②③④⑤])\s*"
)
_COUNT = {**{str(n): n for n in range(1, 10)}, **dict(zip("一二三四五", range(1, 6), strict=True)),
          **dict(zip("①②③④⑤", range(1, 6), strict=True))}  # fmt: skip
_EDGE = " \t\n，,。.！!；;、：:…？?-"
_LEFT_EDGE = _EDGE.replace("？", "").replace("?", "")


def pieces_of(text: str) -> tuple[Piece, ...]:
    """The pieces of `text`, in order; one piece when nothing in it goes over to something else."""
    folded = fold(text)
    plain = folded if len(folded) == len(text) else text
    cuts = sorted(_cuts(plain), key=lambda cut: (cut[0], -cut[2]))
    pieces: list[Piece] = []
    start, link = 0, Link.FIRST
    for at, goes_on, kind in cuts:
        if _said(plain[start : max(at, start)]):
            pieces.append(_trimmed(plain, start, at, link))
            start, link = goes_on, kind
        else:  # nothing between two links: “。另外，对了” is one, and the plainer word counts
            start, link = max(start, goes_on), max(link, kind) if pieces else link
        if len(pieces) == MOST_PIECES - 1:
            break
    if _said(plain[start:]):
        pieces.append(_trimmed(plain, start, len(plain), link))
    return tuple(pieces)


def _cuts(plain: str) -> list[tuple[int, int, Link]]:
    """(where one piece ends, where the next one begins, link) for everything that may link two pieces."""
    cuts = [(m.start(), m.end(), Link.BESIDES) for m in _BESIDES.finditer(plain)]
    cuts += [(m.start(), m.end(), Link.ALSO) for m in _ALSO.finditer(plain)]
    cuts += [(m.start(), m.end(), Link.SENTENCE) for m in _SENTENCE.finditer(plain)]
    cuts += [(m.start(), m.end(), Link.CLAUSE) for m in _CLAUSE.finditer(plain)]
    return cuts + _list_cuts(plain)


def _list_cuts(plain: str) -> list[tuple[int, int, Link]]:
    """The numbers of a list, when they count from one."""
    cuts, wanted = [], 1
    for match in _NUMBER.finditer(plain):
        if _COUNT[next(group for group in match.groups() if group)] == wanted:
            cuts.append((match.start(), match.end(), Link.BESIDES))
            wanted += 1
    return cuts if wanted > 2 else []


def _said(part: str) -> bool:
    return bool(part.strip(_EDGE))


def _trimmed(plain: str, start: int, end: int, link: Link) -> Piece:
    """The piece without blanks and stops at its ends; a question keeps its mark."""
    part = plain[start:end]
    start += len(part) - len(part.lstrip(_EDGE))
    mark = plain[end : end + 1] in ("?", "？")
    return Piece(start, end + 1 if mark else start + len(plain[start:end].rstrip(_LEFT_EDGE)), link)
