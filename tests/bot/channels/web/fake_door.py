"""A front door in memory that keeps the contract of `bot.messages.FrontDoor`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.messages import Button, Inbound, Line, Outbound


@dataclass
class Talk:
    """One talk."""

    lines: list[Line] = field(default_factory=list)
    said: list[Outbound] = field(default_factory=list)
    delivered: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class FakeDoor:
    """Repeats what it hears, offers choices on “路灯” and “light”, and can be told to be slow or broken."""

    talks: dict[tuple[str, str], Talk] = field(default_factory=lambda: defaultdict(Talk))
    received: list[Inbound] = field(default_factory=list)
    """Every message whose effect happened: each once."""
    calls: int = 0
    broken: bool = False
    delay: float = 0.0
    answers: dict[str, list[Outbound]] = field(default_factory=dict)

    async def receive(self, inbound: Inbound) -> Sequence[Outbound]:
        self.calls += 1
        if self.broken:
            raise RuntimeError("the house is broken")
        await asyncio.sleep(self.delay)
        if inbound.message_id not in self.answers:
            self.received.append(inbound)
            talk = self.talks[inbound.channel, inbound.address]
            talk.lines.append(Line("resident", inbound.text, datetime.now(UTC), message_id=inbound.message_id))
            self.answers[inbound.message_id] = [
                self._say(talk, text, buttons, inbound.message_id) for text, buttons in _answer(inbound)
            ]
        return self.answers[inbound.message_id]

    async def history(self, channel: str, address: str) -> Sequence[Line]:
        return list(self.talks[channel, address].lines) if (channel, address) in self.talks else []

    async def said_after(self, channel: str, address: str, after: int) -> Sequence[Outbound]:
        return [said for said in self.talks[channel, address].said if said.id > after]

    async def wait_for_news(self, channel: str, address: str, timeout: float) -> None:  # noqa: ASYNC109 - the contract's
        with suppress(TimeoutError):
            await asyncio.wait_for(self.talks[channel, address].news.wait(), timeout)

    async def mark_delivered(self, channel: str, address: str, up_to: int) -> None:
        talk = self.talks[channel, address]
        talk.delivered = max(talk.delivered, up_to)

    def say(self, text: str, buttons: tuple[Button, ...] = (), address: str | None = None) -> Outbound:
        """Say something of our own accord, in the talk of `address` or in the only one there is."""
        [key] = [key for key in self.talks if address in (None, key[1])]
        return self._say(self.talks[key], text, buttons, None)

    def _say(self, talk: Talk, text: str, buttons: tuple[Button, ...], in_reply_to: str | None) -> Outbound:
        said = Outbound(len(self.answers) * 10 + len(talk.said) + 1, text, buttons, datetime.now(UTC), in_reply_to)
        talk.said.append(said)
        talk.lines.append(Line("us", text, datetime.now(UTC), id=said.id, buttons=buttons))
        talk.news.set()
        talk.news = asyncio.Event()
        return said


def _answer(inbound: Inbound) -> list[tuple[str, tuple[Button, ...]]]:
    if inbound.pin:
        return [(f"{inbound.pin.lat:.4f}, {inbound.pin.long:.4f}", ())]
    if "路灯" in inbound.text:
        return [
            (
                _LAMP_ZH,
                (
                    Button("帮我报上去", "/file_case"),
                    Button("要带什么？", "/ask_materials"),
                    Button("找人工", "/human"),
                ),
            )
        ]
    if "light" in inbound.text:
        return [(_LAMP_EN, (Button("Report it for me", "/file_case"), Button("Talk to a person", "/human")))]
    return [(f"收到：{inbound.text}", ())]


_LAMP_ZH = """路灯不亮：找【城市管理办公室】，电话 5550 1004。
怎么办：
1. 告诉我在哪里，最好说到楼号。
2. 我们 24 小时内派人去看。
3. 修好以后告诉您。
费用：不收钱。
电线掉在地上请别靠近，马上打 119。
（权责清单 2026.1 版 CIT-07）"""
_LAMP_EN = """Street light out: the Urban Management Office, phone 5550 1004.
What happens:
1. Tell me where, best with the building number.
2. Somebody comes to look within 24 hours.
3. We tell you when it is repaired.
Fee: none.
If a wire is down, keep away and call 119 at once.
(duty list 2026.1, CIT-07)"""
