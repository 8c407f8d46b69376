"""The duty list and the street's data, read from a folder of YAML and checked as a whole.

Importing does nothing; `read_duty_list(folder)` reads, and raises `DataMistakes` naming every mistake with
file and line. The same reading serves the product and `jietong check`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge.schema import (
    Clause,
    Community,
    Counter,
    Duty,
    Hours,
    Kind,
    Office,
    OursDuty,
    OutsideDuty,
    Place,
    Sayings,
    Street,
)
from nlu.text.script import fold, has_han

M = TypeVar("M")


@dataclass(frozen=True)
class Mistake:
    """One thing wrong in the data: where (file, 1-based line) and what, in a sentence."""

    file: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


class DataMistakes(Exception):
    """The data of a street cannot be used; `mistakes` names all that is wrong with it."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(map(str, mistakes)))


@dataclass(frozen=True)
class DutyList:
    """One street's duties, offices and places, immutable and cross-checked."""

    street: Street
    duties: dict[str, Duty]
    sayings: dict[str, Sayings]
    offices: dict[str, Office]
    counters: dict[str, Counter]
    hours: dict[str, Hours]
    communities: dict[str, Community]
    places: tuple[Place, ...]
    negative: tuple[Clause, ...]

    @property
    def version(self) -> str:
        """The version that answers cite."""
        return self.street.list_version

    def office_of(self, duty_id: str) -> Office:
        """The office that leads on a duty."""
        return self.offices[self.duties[duty_id].office]

    def is_ours(self, duty_id: str) -> bool:
        """Whether the street itself handles a duty."""
        return self.duties[duty_id].kind is not Kind.OUTSIDE


def read_duty_list(folder: Path) -> DutyList:
    """The street's data in `folder`. Raises `DataMistakes` with every mistake found, not the first."""
    reading = _Reading(folder)
    duty_list = reading.read()
    if reading.mistakes or duty_list is None:
        raise DataMistakes(sorted(reading.mistakes, key=lambda m: (str(m.file), m.line)))
    return duty_list


@dataclass
class _Reading:
    """One pass over the folder, gathering mistakes as it goes."""

    folder: Path
    mistakes: list[Mistake] = field(default_factory=list)
    _where: dict[tuple[str, str], tuple[Path, int]] = field(default_factory=dict)

    def read(self) -> DutyList | None:
        street = self._one("street.yml", Street)
        hours = dict(self._mapping("hours.yml", Hours))
        offices, counters = self._offices()
        communities = {c.key: c for c in self._list("communities.yml", Community, "key")}
        places = tuple(self._list("places.yml", Place, None))
        negative = tuple(self._list("negative.yml", Clause, "id"))
        duties = self._duties()
        sayings: dict[str, Sayings] = {}
        for path in sorted((self.folder / "utterances").glob("*.yml")):
            sayings.update(self._mapping(f"utterances/{path.name}", Sayings))
        if street is None:
            return None
        duty_list = DutyList(street, duties, sayings, offices, counters, hours, communities, places, negative)
        self._cross_check(duty_list)
        return duty_list

    # -- reading one file ------------------------------------------------------------------------------------

    def _compose(self, name: str) -> tuple[Path, yaml.Node | None]:
        path = self.folder / name
        try:
            node: yaml.Node | None = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except FileNotFoundError:
            self._say(path, 1, "this file is missing")
            return path, None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self._say(path, line, f"not readable as YAML: {error.problem}")
            return path, None
        return path, node

    def _one(self, name: str, model: type[M]) -> M | None:
        path, node = self._compose(name)
        return None if node is None else self._valid(path, node, model)

    def _list(self, name: str, model: type[M], key: str | None) -> Iterator[M]:
        path, node = self._compose(name)
        yield from self._items(path, node, model, key)

    def _items(self, path: Path, node: yaml.Node | None, model: Any, key: str | None) -> Iterator[Any]:
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode):
            self._say(path, node.start_mark.line + 1, "a list is expected here")
            return
        for item in node.value:
            row = self._valid(path, item, model)
            if row is not None:
                if key is not None:
                    self._claim(model, str(getattr(row, key)), path, item.start_mark.line + 1)
                yield row

    def _mapping(self, name: str, model: type[M]) -> Iterator[tuple[str, M]]:
        path, node = self._compose(name)
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self._say(path, node.start_mark.line + 1, "a mapping is expected here")
            return
        for key_node, value in node.value:
            row = self._valid(path, value, model)
            if row is not None:
                self._claim(model, str(key_node.value), path, key_node.start_mark.line + 1)
                yield str(key_node.value), row

    def _offices(self) -> tuple[dict[str, Office], dict[str, Counter]]:
        path, node = self._compose("offices.yml")
        parts = {k.value: v for k, v in node.value} if isinstance(node, yaml.MappingNode) else {}
        offices = {row.key: row for row in self._items(path, parts.get("offices"), Office, "key")}
        counters = {row.key: row for row in self._items(path, parts.get("counters"), Counter, "key")}
        return offices, counters

    def _duties(self) -> dict[str, Duty]:
        duties: dict[str, Duty] = {}
        for path in sorted((self.folder / "duties").glob("*.yml")):
            path, node = self._compose(f"duties/{path.name}")
            for item in node.value if isinstance(node, yaml.SequenceNode) else []:
                kinds = [v.value for k, v in item.value if k.value == "kind"] if hasattr(item, "value") else []
                model: type[OutsideDuty] | type[OursDuty] = OutsideDuty if kinds == ["outside"] else OursDuty
                duty = self._valid(path, item, model)
                if duty is not None:
                    self._claim(Duty, duty.id, path, item.start_mark.line + 1)
                    duties[duty.id] = duty
        return duties

    def _valid(self, path: Path, node: yaml.Node, model: Any) -> Any:
        loader = yaml.CSafeLoader("")
        try:
            value = loader.construct_document(node)
            return TypeAdapter(model).validate_python(value)
        except ValidationError as error:
            for problem in error.errors():
                where = ".".join(str(part) for part in problem["loc"])
                self._say(path, _line_of(node, problem["loc"]), f"{where}: {_plain(problem)}")
        except yaml.MarkedYAMLError as error:
            self._say(path, node.start_mark.line + 1, str(error.problem))
        return None

    def _say(self, path: Path, line: int, what: str) -> None:
        self.mistakes.append(Mistake(path, line, what))

    def _claim(self, model: Any, key: str, path: Path, line: int) -> None:
        name = getattr(model, "__name__", "Duty")
        if (name, key) in self._where:
            other, at = self._where[name, key]
            self._say(path, line, f"{key} stands twice: also in {other.name}:{at}")
        else:
            self._where[name, key] = (path, line)

    # -- what only the whole can tell ------------------------------------------------------------------------

    def _cross_check(self, data: DutyList) -> None:
        for duty in data.duties.values():
            self._check_duty(duty, data)
        holders: list[Office | Counter | Community] = [*data.offices.values(), *data.counters.values()]
        for holder in holders + list(data.communities.values()):
            self._refers(type(holder).__name__, holder.key, holder.hours, data.hours, "hours")
        place_names = {place.name.zh for place in data.places}
        for community in data.communities.values():
            for grid in community.grids:
                for covered in grid.covers:
                    self._refers("Community", community.key, covered, place_names, "place")
        for place in data.places:
            if place.community is not None and place.community not in data.communities:
                self._say(self.folder / "places.yml", 1, f"{place.name.zh}: unknown community “{place.community}”")
        if data.street.hours not in data.hours:
            self._say(self.folder / "street.yml", 1, f"unknown hours “{data.street.hours}”")
        self._check_sayings(data)

    def _check_duty(self, duty: Duty, data: DutyList) -> None:
        at = ("Duty", duty.id)
        self._refers(*at, duty.office, data.offices, "office")
        for exclusion in duty.excludes:
            self._refers(*at, exclusion.see, data.duties, "duty (dead reference)")
        if duty.office in data.offices and data.offices[duty.office].ours is (duty.kind is Kind.OUTSIDE):
            self._say(*self._where[at], f"{duty.id}: office “{duty.office}” and kind “{duty.kind}” contradict each other")
        if isinstance(duty, OursDuty):
            for counter in duty.where:
                self._refers(*at, counter, data.counters, "place of “where”")
            for joint in duty.joint:
                self._refers(*at, joint.office, data.offices, "office")
            if (duty.limit.value is None) is not (duty.limit.unit == "immediate"):
                self._say(*self._where[at], f"{duty.id}: the promised limit needs a unit and a value")
        for text in _texts(duty):
            if not _is_english(text["en"]) or not has_han(text["zh"]):
                self._say(*self._where[at], f"{duty.id}: a language is missing or swapped: “{text['zh'][:20]}”")
        if duty.id not in data.sayings:
            self._say(*self._where[at], f"{duty.id}: nothing says how residents say it (utterances/)")

    def _check_sayings(self, data: DutyList) -> None:
        claimed: dict[str, str] = {}
        for duty_id, sayings in data.sayings.items():
            at = ("Sayings", duty_id)
            self._refers(*at, duty_id, data.duties, "duty (dead reference)")
            for saying in (*sayings.zh, *sayings.en):
                key = re.sub(r"\W+", "", fold(saying)).lower()
                if claimed.setdefault(key, duty_id) != duty_id:
                    self._say(*self._where[at], f"{duty_id} and {claimed[key]} claim the same words: “{saying}”")
            for near in sayings.near:
                self._refers(*at, near.duty, data.duties, "duty (dead reference)")

    def _refers(self, model: str, key: str, target: str, known: Any, what: str) -> None:
        if target not in known:
            path, line = self._where.get((model, key), (self.folder, 1))
            self._say(path, line, f"{key}: unknown {what} “{target}”")


def _is_english(text: str) -> bool:
    """Whether a text is English: the Chinese name of an app inside it does no harm."""
    return len(re.findall(r"[A-Za-z]", text)) > 2 * sum(map(has_han, text))


def _texts(value: Any) -> Iterator[dict[str, str]]:
    """Every Chinese and English pair inside a duty."""
    if isinstance(value, OursDuty | OutsideDuty):
        value = value.model_dump()
    if isinstance(value, dict):
        if set(value) == {"zh", "en"}:
            yield value
        else:
            for inner in value.values():
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _line_of(node: yaml.Node, loc: tuple[int | str, ...]) -> int:
    """The 1-based line of the innermost node that `loc` reaches."""
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        else:
            found = None
        if found is None:
            break
        node = found
    return int(node.start_mark.line) + 1


def _plain(problem: Any) -> str:
    """One validation problem in words that an editor of data understands."""
    language = {"zh": "the Chinese is missing", "en": "the English is missing"}
    kind, last = problem["type"], problem["loc"][-1] if problem["loc"] else ""
    if kind == "missing":
        return language.get(str(last), "is missing")
    if kind == "extra_forbidden":
        return "is not a known key"
    return str(problem["msg"])
