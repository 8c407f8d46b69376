"""A street whose search knows a few matters, and residents who talk to it."""

from collections.abc import Callable

import pytest

from actions.dialogue.scene import Knowledge
from actions.store.store import Store
from knowledge.duty_list import DutyList
from tests.talk import Talk, knowledge

MATTERS = {
    "垃圾桶满了": ["CIT-01"],
    "垃圾桶滿了": ["CIT-01"],
    "bins are full": ["CIT-01"],
    "路灯不亮": ["CIT-05"],
    "污水冒出来": ["CIT-08"],
    "物业费": ["OUT-12"],
    "老年证": ["LIV-02"],
    "老年證": ["LIV-02"],
    "井盖": ["CIT-06", "OUT-01"],
    "噪音": ["GOV-17", "ENF-04", "ENF-09"],
    "燃气泄漏": ["EME-03"],
}


@pytest.fixture(scope="session")
def know(street_data: DutyList) -> Knowledge:
    return knowledge(street_data, MATTERS)


@pytest.fixture
def talk(sqlite_store: Store, know: Knowledge) -> Talk:
    """A resident who writes."""
    return Talk(sqlite_store, know)


@pytest.fixture
def another(sqlite_store: Store, know: Knowledge) -> Callable[..., Talk]:
    """More residents of the same street."""
    return lambda address, **always: Talk(sqlite_store, know, address, **always)
