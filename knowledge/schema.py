"""What the duty list and the street's own data look like.

Everything a street edits is YAML under one folder (`knowledge/default/` by default); these models are its
schema. Every text that a resident may see is a `Text`: Chinese and English side by side, neither optional.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
DutyId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-\d{2}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Record(BaseModel):
    """A frozen row of data; a key that is not in the schema is a mistake, not an extra."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Record):
    """One thing said in both languages: Simplified Chinese and plain English."""

    zh: Line
    en: Line

    def in_(self, language: str) -> str:
        """The wording in `language` ("zh" or "en")."""
        return self.en if language == "en" else self.zh


class Function(StrEnum):
    """The five functions of a sub-district office, the office that coordinates them, and what is not ours."""

    PARTY = "party"
    PUBLIC_SERVICE = "public_service"
    GOVERNANCE = "governance"
    CITY = "city"
    EMERGENCY = "emergency"
    COORDINATION = "coordination"
    OUTSIDE = "outside"


class Kind(StrEnum):
    """What a resident does with a duty: ask and apply, report, have mediated, complain, suggest, go elsewhere."""

    SERVICE = "service"
    EVENT = "event"
    MEDIATION = "mediation"
    COMPLAINT = "complaint"
    FEEDBACK = "feedback"
    OUTSIDE = "outside"


class Unit(StrEnum):
    """How a promised limit is counted. `immediate` is on the spot and has no value."""

    IMMEDIATE = "immediate"
    HOURS = "hours"
    WORK_DAYS = "work_days"
    CALENDAR_DAYS = "calendar_days"


class Form(StrEnum):
    """What of a paper must be brought."""

    ORIGINAL = "original"
    COPY = "copy"
    ORIGINAL_AND_COPY = "original_and_copy"
    FILLED_IN = "filled_in"
    """A form that is filled in at the counter."""
    PHOTO = "photo"
    """A picture sent from a phone is enough."""


class Limit(Record):
    """The promised limit: by when a resident has the result, or the first visit for an event."""

    unit: Unit
    value: int | None = Field(default=None, ge=1)
    starts: Text | None = None
    note: Text | None = None


class Material(Record):
    """One thing to bring, and whether the original or a copy."""

    name: Text
    form: Form
    note: Text | None = None


class Exclusion(Record):
    """Something often asked here that another duty covers."""

    what: Text
    see: DutyId


class Joint(Record):
    """Another office that has a part in a duty, and which part."""

    office: Key
    does: Text


class Detail(Record):
    """A question that a case of this duty needs beyond what, where and contact."""

    key: Key
    ask: Text


class OursDuty(Record):
    """A duty of the street office or its communities (事项)."""

    id: DutyId
    office: Key
    function: Function
    kind: Literal[Kind.SERVICE, Kind.EVENT, Kind.MEDIATION, Kind.COMPLAINT, Kind.FEEDBACK]
    name: Text
    covers: list[Text] = Field(min_length=2)
    excludes: list[Exclusion] = Field(min_length=1)
    who: Text
    steps: list[Text] = Field(min_length=2)
    materials: list[Material]
    limit: Limit
    fee: Text
    where: list[Key] = Field(default_factory=list)
    """Places of `offices.yml` other than the office's own counter."""
    joint: list[Joint] = Field(default_factory=list)
    details: list[Detail] = Field(default_factory=list, max_length=2)
    advice: Text | None = None
    """What keeps people safe until somebody comes."""
    legal: list[Text] = Field(min_length=1)


class OutsideDuty(Record):
    """Something that residents ask the street for and that is another body's."""

    id: DutyId
    office: Key
    function: Literal[Function.OUTSIDE]
    kind: Literal[Kind.OUTSIDE]
    name: Text
    covers: list[Text] = Field(min_length=2)
    excludes: list[Exclusion] = Field(default_factory=list)
    why: Text
    """Why this is not the street's."""
    reach: Text
    """How to reach them: the number to ring, the counter, what to have ready."""
    phones: list[Line] = Field(min_length=1)
    street_can: Text
    """What the street can still do."""
    legal: list[Text] = Field(min_length=1)


Duty = OursDuty | OutsideDuty


class Near(Record):
    """A saying that sounds like this duty and belongs to another one."""

    text: Line
    duty: DutyId


class Sayings(Record):
    """How residents say it, in their own words."""

    zh: list[Line] = Field(min_length=1)
    en: list[Line] = Field(min_length=1)
    near: list[Near] = Field(default_factory=list)


class Shift(Record):
    """Open from `opens` to `closes`, Asia/Shanghai clock time."""

    opens: Clock
    closes: Clock


IsoWeekday = Annotated[int, Field(ge=1, le=7)]


class Weekend(Record):
    """Other shifts on one day of the weekend; public holidays are closed all the same."""

    day: IsoWeekday
    shifts: list[Shift] = Field(min_length=1)


class Hours(Record):
    """When a counter is open. Days are ISO weekdays, 1 is Monday; public holidays are closed unless said."""

    name: Text
    days: list[IsoWeekday]
    shifts: list[Shift] = Field(min_length=1)
    also: list[Weekend] = Field(default_factory=list)
    open_on_holidays: bool = False


class Office(Record):
    """An office of the street, or an outside body."""

    key: Key
    ours: bool
    name: Text
    address: Text | None = None
    phone: Line
    hours: Key
    leader: Text | None = None
    """Who answers for it, by title."""


class Counter(Record):
    """A place where something is handled, beside the offices' own counters."""

    key: Key
    name: Text
    address: Text
    phone: Line
    hours: Key


class Grid(Record):
    """A grid (网格) of a community, with the worker who walks it."""

    key: Key
    name: Text
    covers: list[Line] = Field(min_length=1)
    """Names of the places in it, as in `places.yml`."""
    worker: Text
    phone: Line


class Community(Record):
    """A community (社区) of the street."""

    key: Key
    name: Text
    address: Text
    phone: Line
    hours: Key
    grids: list[Grid] = Field(min_length=1)


class Place(Record):
    """A place of the gazetteer: an estate, a road, a market, a school."""

    name: Text
    also: list[Line] = Field(default_factory=list)
    """Other names it goes by."""
    kind: Literal["estate", "road", "lane", "market", "park", "school", "hospital", "station", "building", "river"]
    community: Key | None = None
    """None when it crosses several communities."""
    lat: float
    long: float


class DialectWord(Record):
    """A word of dialect or of former times, and the plain word for it."""

    word: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
    means: Line
    region: str = ""
    """Where it is said; for those who edit the table."""
    not_in: list[Line] = Field(default_factory=list)
    """Ordinary words in which its letters stand by chance."""


class Clause(Record):
    """Something the street must not be made to do (负面清单)."""

    id: Annotated[str, StringConstraints(pattern=r"^NEG-\d{2}$")]
    name: Text
    clause: Text


class Street(Record):
    """The street itself and the list in force."""

    key: Key
    name: Text
    district: Text
    city: Text
    phone: Line
    """The number at which a person answers in office hours."""
    night_phone: Line
    hours: Key
    routes: dict[Literal["complain_staff", "suggest", "book_visit"], DutyId]
    """Which duty takes what residents ask for without naming one."""
    list_version: Line
    list_effective: Line
    """ISO date from which this version of the duty list is in force."""
    lat: float
    long: float
