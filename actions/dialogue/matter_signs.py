"""What the words of a piece are a sign of, when it is to be known whether it is a matter of its own."""

from __future__ import annotations

import re

CONTEXT = re.compile(
    r"^(?:一股|股|很大的?|有|有点)?(?:.{0,3}味|灰尘?|噪音|噪声|声音|苍蝇|蚊子)|希望|尽快|快点|谢谢|麻烦|辛苦|拜托|请(?:你们|您)?(?:尽快|快|处理|解决|派人)|打(?:过|了).{0,6}电话|找(?:过|了)|反映(?:过|了)|投诉(?:过|了)|说(?:过|了)(?:好)?几|"
    r"不管|没人(?:管|理|来)|没有?(?:人)?(?:处理|解决|答复|回复|结果|动静)|推来推去|踢皮球|怎么办啊?$|受不了|着急|害怕|气死|"
    r"\bthank|\bplease (?:help|hurry|fix|send|do)|\bhope\b|\b(?:called|told|asked|complained|reported|rang)\b|\bno ?(?:body|one) (?:came|cares|does|comes|helps?)|"
    r"\bfed up|\bsick of|\bdon'?t know what to do",
    re.I,
)
"""Feelings, wishes, and what was tried already: part of the matter that they stand beside."""
HOPES = re.compile(
    r"^(?:也|请|就)?(?:希望|麻烦|谢谢|感谢|拜托|辛苦|请).{0,14}$|^(?:thanks?|please|hope)\b[^?]{0,40}$", re.I
)
"""A wish or thanks and nothing else."""
MORE_OF_IT = re.compile(r"也|同样|\btoo\b|\bas well\b|\balso\b", re.I)
"""Says of something else what was said before: “垃圾也没人收”."""
WANTS = re.compile(
    r"(?:想|要|需要|打算|准备|来)(?:再|给.{1,6})?(?:办|申请|领|补|开|报名|咨询|查|问|了解|登记|续)|哪|咋|啥|怎|\b(?:apply|register|renew|sign up|enrol|need|want)\b",
    re.I,
)
"""Wants to be told how, whether it asks or not."""
REACH = re.compile(
    r"我|你|的|电话|手机|号码?|联系|方式|是|打|留|[\s，,。：:]|\b(?:my|phone|number|mobile|is|call|me|ring|on|at|reach)\b",
    re.I,
)
"""What is said around a telephone number."""
WHOSE = re.compile(
    r"^(?:请问|那|这|这个|这种|这事|这件事|该|我|应该|要|到底|一般|都|得|的|情况|问题|\s)*(?:归|找|是|打给)?(?:谁|哪里|哪儿|哪个(?:部门|单位|科室?))(?:来|管|处理|负责|反映|投诉|解决|说|啊|呀|呢|[?？])*$|"
    r"^(?:so |and )?(?:who|which office|where)\b[^?]{0,20}\b(?:handles?|responsible|report|complain|do i (?:call|ask|tell)|deals?|turn)\b[^?]{0,25}\??$",
    re.I,
)
"""Asks whose the matter before it is."""
IDEA = re.compile(r"建议|提议|提个意见|\bsuggest|\bidea\b", re.I)
"""Proposes something."""
