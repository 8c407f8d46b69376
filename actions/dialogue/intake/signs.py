"""What certain words of a resident are a sign of, and how sure an intent must be to count."""

from __future__ import annotations

import re

from knowledge.schema import Kind

DONT_KNOW = re.compile(
    r"^(?:不知道|不清楚|不晓得|说不(?:清|上来)|忘了|唔知|don'?t know|not sure|no idea|i'?m not sure)", re.I
)
AFRAID = re.compile(r"报复|怕他们|害怕|不敢|很凶|砸我|找我麻烦|afraid|scared|revenge|retaliat|they'?ll know", re.I)
URGENT = re.compile(
    r"(?<![没未冇不])(?<!没有)进(?:了)?(?:屋|家|厨房|卧室|客厅)|到(?:了)?(?:屋里|厨房|卧室|客厅)|漏电|冒烟|快掉|要掉|砸(?:到|着)人|摔(?:了|伤|倒)|马上|立刻|"
    r"(?<!not )(?<!n't come )into (?:my|the|our) (?:home|flat|house|kitchen|bedroom)|sparks?|about to fall|someone will get hurt",
    re.I,
)
REPORTER = re.compile(
    r"[^，,。.!！？?；;]*(?:我住|我家|我是|我们家|楼下的?我|本人|我叫|我姓|我(?:的)?名字|my name|I live|my flat|my home|I'?m the|I am)[^，,。.!！？?；;]*[，,。.!！？?；;]?",
    re.I,
)
_CANCEL = re.compile(
    r"^(?:(?:actually|ok|okay|oh|well|no|you know what|哎呀?|那|那就|好吧|嗯|唉)[\s，,]*)*(?:算了|不报了|不用报了|取消|别报了|不弄了|不要了|停|cancel|stop|never ?mind|forget it|drop it)",
    re.I,
)
LONG = 25
"""A message longer than this says more than the fact that was asked for: it is kept in the resident's words too."""
TIME = re.compile(
    r"上午|下午|中午|晚上|早上|傍晚|明天|后天|今天|周[一二三四五六日末]|星期|礼拜|\d{1,2}\s*[点:：]|[一二三四五六七八九十]点|"
    r"morning|afternoon|evening|tonight|tomorrow|today|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d\s*(?:am|pm)|o'clock",
    re.I,
)
SUGGESTS = re.compile(
    r"建议|提议|提个意见|希望|能不能(?:多|加|装|设|开|办|搞|弄|把)|可以(?:多|加|装|设|开|办|搞|把)|最好|应该|不如|要是能|"
    r"suggest|idea|propos|how about|what if|why not|would be (?:nice|good|great)|should|could (?:you|we|the)|have you thought|maybe",
    re.I,
)
AFTER_HOURS = re.compile(
    r"晚上|夜里|今晚|傍晚|[六七八九]点半?(?:以后|之后)?$|evening|tonight|night|\b[6-9](?::\d\d)?\s*pm", re.I
)
REACH_WISH = re.compile(r"微信|wechat|短信|text me|语音|留言|上午|下午|晚上|下昼|朝早|morning|afternoon|evening", re.I)
LEADING_YES = re.compile(
    r"^(?:好的?|对的?|是的?|行|可以|嗯|没错|yes|yeah|ok(?:ay)?|right|sure|correct)[\s，,。.!！]+(.{2,})$", re.I
)
TELLS_ON = re.compile(r"举报|投诉|反映|要告|\breport(?:ing)?\b|\bcomplain", re.I)
AGAIN = re.compile(
    r"再(?:说|讲|念|来)|重(?:复|说|讲)|没听(?:清|见|懂)|听不(?:清|见|懂)|什么\?*$|啥$|慢(?:点|些)|大声|讲多|听唔|again|repeat|pardon|what did you|didn'?t (?:hear|catch|get)|come again|slow|say that",
    re.I,
)
STAFF = re.compile(
    r"窗口|工作人员|态度|办事员|网格员|社区的人|居委会|街道的|科(?:长|室)|主任|服务(?:差|不好|恶劣)|队员|保密|\b(?:clerk|staff|counter|window|rude\w*|officer|attitude|sub-?district|community worker|receptionist|civil servant|official)s?\b",
    re.I,
)
WHOSE = re.compile(
    r"归(?:谁|哪)|谁管|找谁|哪个(?:部门|科|单位|窗口)|该找哪|\bwho (?:handles|deals|do i|should i|is responsible|takes care)|\bwhich (?:office|department)|\bwhose (?:job|duty)",
    re.I,
)
BESIDES = re.compile(
    r"^(?:哎|诶|啊|哦|oh|ah)?[\s，,]*(?:对了|还有(?:一件|个|件)?|另外|顺便|再一个|by the way|also|another thing|one more thing|oh and)",
    re.I,
)
SIDE = re.compile(
    r"我?家?(?:楼上|楼下|隔壁|对门)(?:那?家|邻居|的)?|\b(?:upstairs|downstairs|next door|above me|below me)\b", re.I
)
LIKELY = 0.4
"""Below this probability an intent does not open a complaint, a suggestion or a visit: the words are searched for."""
VERY_SURE = 0.85
SURE = 0.6
"""From this probability on an intent may interrupt the form."""
NO_PLACE_KINDS = frozenset({Kind.FEEDBACK, Kind.COMPLAINT})


def is_cancel(text: str) -> bool:
    """Whether the resident says in so many words that it should stop."""
    return _CANCEL.match(text.strip()) is not None


def is_bare_wish(text: str) -> bool:
    """“I want to report something”: a wish to report that names nothing yet."""
    return re.fullmatch(r"(?:(?:hi|hello|hey|你好|您好)[\s，,!！.。]*)?(?:我?(?:想|要)?(?:报|反映|投诉|举报)(?:一个|个|点|一下)?(?:问题|事|情况|事情)?|报上去|替我报|"
                        r"(?:i(?:'d| would)? (?:want|like) to )?(?:report|file)(?: it| this| a problem| something| an issue)?)[。.!！吧]?", text.strip(), re.I) is not None  # fmt: skip
