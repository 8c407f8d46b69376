"""The gate, one test for each way through it. A model is a word here, and its figures are known by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.activation.gate import ORDINARY_START, Asked, CannotGoOn, Gate, Newest
from bot.activation.record import FILE, Entry, Record, Standing

TOP1 = {"old": 0.85, "better": 0.90, "alike": 0.84, "bad": 0.60, "unmeasured": -1.0}
OPERATOR = Asked(again=True, anyway=True, by="wang", why="the list was wrong before")


@dataclass
class House:
    """A gate over a record in a folder, and what was told and opened."""

    root: Path
    frozen: str = "first"
    gone: str = ""
    unfit: str = ""
    told: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)

    def start(self, newest: str, asked: Asked = ORDINARY_START) -> str:
        """Which model is used when `newest` is that of the present data."""
        gate: Gate[str] = Gate(
            "search",
            "Search index",
            reopen=self._reopen,
            unfit=lambda _: self.unfit,
            measure=self._measure,
            measured_on=lambda: self.frozen,
            record=Record(self.root),
            tell=self.told.append,
            asked=asked,
        )
        self.told.clear()
        self.measured.clear()
        return gate.choose(Newest(newest, lambda: newest, {"encoder": "shipped"}))

    @property
    def standing(self) -> Standing:
        return Record(self.root).standing("search")

    @property
    def in_use(self) -> Entry:
        entry = self.standing.in_use
        assert entry is not None
        return entry

    def _reopen(self, used: Entry) -> str:
        if self.gone:
            raise CannotGoOn(self.gone)
        return used.name

    def _measure(self, model: str) -> dict[str, float]:
        self.measured.append(model)
        return {"rows": 0} if TOP1[model] < 0 else {"top1": TOP1[model], "rows": 460}


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    assert house.start("old") == "old"
    return house


def test_the_first_model_is_simply_taken_and_its_figures_are_kept(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert house.start("bad") == "bad"
    assert house.told == []
    assert (house.in_use.name, house.in_use.figures["top1"], house.in_use.by) == ("bad", 0.60, "start")
    assert house.in_use.since


def test_a_start_with_nothing_new_measures_nothing(house: House) -> None:
    assert house.start("old") == "old"
    assert house.measured == house.told == []


@pytest.mark.parametrize("newest", ["better", "alike"])
def test_a_model_that_is_not_worse_is_taken(house: House, newest: str) -> None:
    assert house.start(newest) == newest
    assert "not worse on 460 frozen rows" in house.told[0]
    assert house.in_use.name == newest
    assert [entry.name for entry in house.standing.taken] == ["old", newest]


def test_a_worse_model_is_refused_with_the_table_and_the_old_one_goes_on(house: House) -> None:
    assert house.start("bad") == "old"
    assert "refused" in house.told[0]
    assert any("0.850" in line and "0.600" in line and line.endswith("worse") for line in house.told)
    assert "jietong activate --anyway" in house.told[-1]
    assert house.in_use.name == "old"


def test_the_next_start_says_it_again_without_measuring(house: House) -> None:
    house.start("bad")
    said = list(house.told)
    assert house.start("bad") == "old"
    assert house.told == said
    assert house.measured == []


def test_other_frozen_rows_are_measured_on_anew(house: House) -> None:
    house.start("bad")
    house.frozen = "second"
    house.start("bad")
    assert sorted(house.measured) == ["bad", "old"]


def test_data_put_back_ends_the_refusal(house: House) -> None:
    house.start("bad")
    assert house.start("old") == "old"
    assert house.told == []
    assert house.standing.refused is None


def test_activate_measures_again_and_takes_it_once_it_is_not_worse(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.start("bad")
    assert house.start("bad", Asked(again=True, by="wang")) == "old"
    assert sorted(house.measured) == ["bad", "old"]
    monkeypatch.setitem(TOP1, "bad", 0.86)
    assert house.start("bad", Asked(again=True, by="wang")) == "bad"
    assert house.in_use.by == "wang"


def test_activate_anyway_takes_a_worse_one_and_records_who_and_why(house: House) -> None:
    house.start("bad")
    assert house.start("bad", OPERATOR) == "bad"
    assert any(line.endswith("worse") for line in house.told)
    assert (house.in_use.name, house.in_use.by, house.in_use.why) == ("bad", "wang", "the list was wrong before")
    assert house.standing.refused is None
    assert house.start("bad") == "bad"
    assert house.told == []


def test_one_that_cannot_go_on_makes_room_with_a_plain_warning_and_the_table(house: House) -> None:
    house.unfit = "the duty list has other duties than before"
    assert house.start("bad") == "bad"
    assert house.told[0].endswith("because the duty list has other duties than before.")
    assert "worse" in house.told[1]
    assert any("0.850" in line for line in house.told)


def test_one_that_is_gone_is_shown_by_the_figures_that_were_kept(house: House) -> None:
    house.gone = "the one before is not there any more"
    assert house.start("better") == "better"
    assert house.measured == ["better"]
    assert any("0.850" in line and "0.900" in line for line in house.told)


def test_a_refused_one_is_taken_when_the_old_one_is_gone(house: House) -> None:
    house.start("bad")
    house.gone = "the one before is not there any more"
    assert house.start("bad") == "bad"


def test_without_rows_to_measure_on_the_new_one_is_taken_and_that_is_said(house: House) -> None:
    assert house.start("unmeasured") == "unmeasured"
    assert "not measured" in house.told[0]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"search": {"taken": [{"unknown": 1}]}}', '{"search": 3}'])
def test_a_record_that_cannot_be_read_is_as_none(house: House, text: str) -> None:
    (house.root / FILE).write_text(text, encoding="utf-8")
    assert house.start("bad") == "bad"
    assert house.in_use.name == "bad"
