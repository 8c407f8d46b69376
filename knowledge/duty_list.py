"""The duty list and the street's data, read from a folder of YAML and checked as a whole.

Importing does nothing; `read_duty_list(folder)` reads, and raises `DataMistakes` naming every mistake with
file and line. The same reading serves the product and `jietong check`.
"""

from __future__ import annotations

import hashlib
import pickle
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge import schema
from knowledge.dialect import Dialect
from knowledge.schema import (
    Clause,
    Community,
    Counter,
    DialectWord,
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
    dialect: tuple[DialectWord, ...] = ()

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


def kept_duty_list(folder: Path, cache: Path) -> DutyList:
    """As `read_duty_list`; files that have not changed since are not read and checked again."""
    content = hashlib.sha256()
    for path in (Path(__file__), Path(schema.__file__), *sorted(folder.rglob("*.yml"))):
        content.update(f"{path.name}\n".encode() + path.read_bytes())
    file = cache / f"duties-{content.hexdigest()[:16]}.pickle"
    if file.exists():
        try:
            with file.open("rb") as kept:
                duty_list: DutyList = pickle.load(kept)  # noqa: S301 - our own file, in our own folder
                return duty_list
        except (pickle.UnpicklingError, EOFError, AttributeError, ImportError):
            file.unlink(missing_ok=True)
    duty_list = read_duty_list(folder)
    cache.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_bytes(pickle.dumps(duty_list))
    part.replace(file)
    return duty_list


@dataclass
class _Reading:
    """One pass over the folder, gathering mistakes as it goes."""

    folder: Path
    mistakes: list[Mistake] = field(default_factory=list)
    _where: dict[tuple[str, str], tuple[Path, int]] = field(default_factory=dict)

    def read(self) -> DutyList | None:
        street = self._street()
        hours = dict(self._mapping("hours.yml", Hours))
        offices, counters = self._offices()
        communities = {c.key: c for c in self._list("communities.yml", Community, lambda c: c.key)}
        places = tuple(self._list("places.yml", Place, lambda place: place.name.zh))
        negative = tuple(self._list("negative.yml", Clause, lambda clause: clause.id))
        dialect = tuple(self._list("dialect.yml", DialectWord, lambda row: fold(row.word)))
        duties = {d.id: d for name in self._files("duties") for d in self._list(name, _duty_model, lambda d: d.id)}
        sayings = dict(pair for name in self._files("utterances") for pair in self._mapping(name, Sayings))
        if street is None:
            return None
        duty_list = DutyList(street, duties, sayings, offices, counters, hours, communities, places, negative, dialect)
        self._cross_check(duty_list)
        return duty_list

    # -- reading one file ------------------------------------------------------------------------------------

    def _files(self, folder: str) -> list[str]:
        names = sorted(f"{folder}/{path.name}" for path in (self.folder / folder).glob("*.yml"))
        if not names:
            self._say(self.folder / folder, 1, "no files are here")
        return names

    def _compose(self, name: str, kind: type[yaml.Node]) -> tuple[Path, Any]:
        """The root of a file, or None when the file cannot be read or is not of that kind: then it was said."""
        path = self.folder / name
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except FileNotFoundError:
            self._say(path, 1, "this file is missing")
        except UnicodeDecodeError:
            self._say(path, 1, "this file is not UTF-8 text")
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            self._say(
                path, mark.line + 1 if mark else 1, f"not readable as YAML: {getattr(error, 'problem', None) or error}"
            )
        else:
            if isinstance(node, kind):
                self._check_keys(path, node)
                return path, node
            self._say(path, 1, f"a {'list' if kind is yaml.SequenceNode else 'mapping'} is expected here")
        return path, None

    def _check_keys(self, path: Path, node: yaml.Node) -> None:
        """Name keys that stand twice in one mapping: YAML would keep the last and say nothing."""
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                self._check_keys(path, item)
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if str(key.value) in seen:
                    self._say(path, key.start_mark.line + 1, f"{key.value} stands twice")
                seen.add(str(key.value))
                self._check_keys(path, value)

    def _street(self) -> Street | None:
        path, node = self._compose("street.yml", yaml.MappingNode)
        if node is None:
            return None
        for key, _ in node.value:
            self._where["Street", str(key.value)] = (path, key.start_mark.line + 1)
        street: Street | None = self._valid(path, node, Street)
        return street

    def _list(self, name: str, model: Any, key: Callable[[Any], str]) -> Iterator[Any]:
        path, node = self._compose(name, yaml.SequenceNode)
        yield from self._items(path, node, model, key)

    def _items(self, path: Path, node: yaml.Node | None, model: Any, key: Callable[[Any], str]) -> Iterator[Any]:
        """The rows of a list; `model` is a schema, or chooses one for a row's node."""
        for item in node.value if node is not None else ():
            row = self._valid(path, item, model(item) if model is _duty_model else model)
            if row is not None:
                self._claim(row, key(row), path, item.start_mark.line + 1)
                yield row

    def _mapping(self, name: str, model: type[M]) -> Iterator[tuple[str, M]]:
        path, node = self._compose(name, yaml.MappingNode)
        for key, value in node.value if node is not None else ():
            row = self._valid(path, value, model)
            if row is not None:
                self._claim(row, str(key.value), path, key.start_mark.line + 1)
                yield str(key.value), row

    def _offices(self) -> tuple[dict[str, Office], dict[str, Counter]]:
        path, node = self._compose("offices.yml", yaml.MappingNode)
        parts: dict[str, yaml.Node] = {}
        for key, value in node.value if node is not None else ():
            if key.value not in ("offices", "counters") or not isinstance(value, yaml.SequenceNode):
                self._say(
                    path,
                    key.start_mark.line + 1,
                    f"{key.value}: only lists of offices and of counters are expected here",
                )
            else:
                parts[key.value] = value
        offices = {row.key: row for row in self._items(path, parts.get("offices"), Office, lambda row: row.key)}
        counters = {row.key: row for row in self._items(path, parts.get("counters"), Counter, lambda row: row.key)}
        return offices, counters

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

    def _claim(self, row: Any, key: str, path: Path, line: int) -> None:
        name = "Duty" if isinstance(row, OursDuty | OutsideDuty) else type(row).__name__
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
            if place.community is not None:
                self._refers("Place", place.name.zh, place.community, data.communities, "community")
        self._refers("Street", "hours", data.street.hours, data.hours, "hours")
        for duty_id in data.street.routes.values():
            self._refers("Street", "routes", duty_id, data.duties, "duty (dead reference)")
        self._check_sayings(data)
        self._check_dialect(data)

    def _check_duty(self, duty: Duty, data: DutyList) -> None:
        at = ("Duty", duty.id)
        self._refers(*at, duty.office, data.offices, "office")
        for exclusion in duty.excludes:
            self._refers(*at, exclusion.see, data.duties, "duty (dead reference)")
        if duty.office in data.offices and data.offices[duty.office].ours is (duty.kind is Kind.OUTSIDE):
            self._say(
                *self._where[at], f"{duty.id}: office “{duty.office}” and kind “{duty.kind}” contradict each other"
            )
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

    def _check_dialect(self, data: DutyList) -> None:
        names = {fold(name) for place in data.places for name in (place.name.zh, *place.also)}
        table = Dialect(data.dialect, names)
        for row in data.dialect:
            word, means = fold(row.word), fold(row.means)
            at = self._where["DialectWord", word]
            if not has_han(word) or not has_han(means):
                self._say(*at, f"{word}: a Chinese word and its meaning in Chinese are expected")
            elif word == means:
                self._say(*at, f"{word} stands for itself")
            elif table.plain(means) != means:
                self._say(*at, f"{word}: its meaning “{means}” holds a word of this table (“{table.plain(means)}”)")
            if word in names:
                self._say(*at, f"{word} is the name of a place (places.yml)")
            for other in row.not_in:
                if word not in fold(other) or word == fold(other):
                    self._say(*at, f"{word}: “{other}” of not_in is no longer word with it")

    def _refers(self, model: str, key: str, target: str, known: Any, what: str) -> None:
        if target not in known:
            path, line = self._where.get((model, key), (self.folder, 1))
            self._say(path, line, f"{key}: unknown {what} “{target}”")


def _duty_model(node: yaml.Node) -> type[OutsideDuty] | type[OursDuty]:
    """The schema for a duty's node, by its kind."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    outside = any(key.value == "kind" and value.value == "outside" for key, value in pairs)
    return OutsideDuty if outside else OursDuty


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
