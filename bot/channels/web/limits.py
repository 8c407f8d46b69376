"""How much one client address may ask for. Generous: a whole community centre may share one address."""

from __future__ import annotations

import ipaddress
import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

CLIENTS = 20_000
"""How many client addresses are remembered; the one that was quiet longest is forgotten first."""


@dataclass(frozen=True)
class Rate:
    """`often` at once, and as many again spread over `seconds`."""

    often: int
    seconds: float


@dataclass(frozen=True)
class Limits:
    """What one client address may do."""

    sessions: Rate = Rate(60, 600)
    messages: Rate = Rate(120, 60)
    looks: Rate = Rate(600, 60)
    """Histories and event streams opened."""
    streams: int = 200
    """Event streams open at the same time."""


class Meter:
    """Token buckets, one a client address."""

    def __init__(self, rate: Rate, clock: Callable[[], datetime]) -> None:
        self._rate, self._clock = rate, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> int:
        """Count one use: 0 when it is within the rate, else the whole seconds to wait."""
        now = self._clock().timestamp()
        full, per_second = float(self._rate.often), self._rate.often / self._rate.seconds
        left, at = self._buckets.pop(client, (full, now))
        left = min(full, left + max(0.0, now - at) * per_second)
        self._buckets[client] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        return 0 if left >= 1 else max(1, math.ceil((1 - left) / per_second))


class Open:
    """What each client address holds open at the moment."""

    def __init__(self, most: int) -> None:
        self._most, self._open = most, Counter[str]()

    def has_room(self, client: str) -> bool:
        """Whether one more may be opened."""
        return self._open[client] < self._most

    @contextmanager
    def held(self, client: str) -> Iterator[None]:
        """Count one as open until the block ends."""
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]


def client_of(host: str | None) -> str:
    """What a client is counted as: its address, or the /64 network that one IPv6 subscriber has to itself."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
