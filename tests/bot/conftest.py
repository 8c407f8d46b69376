"""A street whose search knows two matters."""

import pytest

from actions.dialogue.scene import Knowledge
from knowledge.duty_list import DutyList
from tests.talk import knowledge


@pytest.fixture(scope="session")
def know(street_data: DutyList) -> Knowledge:
    return knowledge(street_data, {"垃圾桶满了": ["CIT-01"], "老年证": ["LIV-02"]})
