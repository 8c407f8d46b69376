"""Kept patterns are the patterns that Python compiles."""

import re
from pathlib import Path

import pytest

from knowledge.emergencies import Emergencies
from knowledge.manners import Manners
from nlu.text.patterns import KeptPatterns, any_of, ignoring_case
from tests.conftest import STREET


@pytest.mark.parametrize(
    "pattern",
    ["着火|fire", r"(?P<where>楼[上下])\s*(\d+)", any_of([]), any_of(["a{2,3}?", r"(?<!不)怕[^，。]*火"]), ""],
)
def test_a_kept_pattern_equals_a_fresh_one(pattern: str, tmp_path: Path) -> None:
    first = KeptPatterns(tmp_path)
    assert first(pattern) == ignoring_case(pattern)
    first.keep()
    again = KeptPatterns(tmp_path)(pattern)
    assert again == ignoring_case(pattern)
    assert again.groupindex == ignoring_case(pattern).groupindex


def test_the_streets_own_patterns_are_the_same_from_the_cache(tmp_path: Path) -> None:
    def read() -> tuple[Emergencies, Manners]:
        patterns = KeptPatterns(tmp_path)
        read = Emergencies.read(STREET / "emergencies.yml", patterns), Manners.read(STREET / "manners.yml", patterns)
        patterns.keep()
        return read

    fresh = Emergencies.read(STREET / "emergencies.yml"), Manners.read(STREET / "manners.yml")
    assert read() == read() == fresh


def test_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    first = KeptPatterns(tmp_path)
    first("着火")
    first.keep()
    [file] = tmp_path.iterdir()
    file.write_bytes(b"half")
    again = KeptPatterns(tmp_path)
    assert again("着火").search("厨房着火了")
    again.keep()
    assert KeptPatterns(tmp_path)._kept


def test_a_mistake_in_a_pattern_is_named(tmp_path: Path) -> None:
    with pytest.raises(re.error):
        KeptPatterns(tmp_path)("(着火")
