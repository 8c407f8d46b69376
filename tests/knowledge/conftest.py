"""A small list of duties, and the search over it, built once for all tests of this room."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.duty_list import DutyList, read_duty_list
from knowledge.encoder.encoders import StaticEncoder, load_encoder
from knowledge.search.hybrid import HybridSearch, Thresholds, load_search

SMALL = ("CIT-01", "CIT-05", "CIT-06", "EME-04", "ENF-04", "GOV-17", "LIV-09", "OUT-02")


def _small(duty_list: DutyList) -> DutyList:
    duties = {duty: duty_list.duties[duty] for duty in SMALL}
    return replace(duty_list, duties=duties, sayings={duty: duty_list.sayings[duty] for duty in SMALL})


@pytest.fixture(scope="session")
def small_list() -> DutyList:
    """Eight duties of the default list, with their offices and sayings."""
    return _small(read_duty_list(Path("knowledge/default")))


@pytest.fixture(scope="session")
def encoder() -> StaticEncoder:
    """The shipped encoder."""
    shipped = load_encoder()
    assert isinstance(shipped, StaticEncoder)
    return shipped


@pytest.fixture(scope="session")
def small_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index cache that the tests share."""
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="session")
def small_search(small_list: DutyList, encoder: StaticEncoder, small_cache: Path) -> HybridSearch:
    """The full search over the small list."""
    return load_search(small_list, encoder, small_cache, Thresholds(answer=0.5, ask=0.4), lambda line: None)
