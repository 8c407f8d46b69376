"""The data of a street: the default one is right, and whatever is wrong in another is named with file and line."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from knowledge.duty_list import DataMistakes, DutyList, Mistake, read_duty_list
from nlu.text.script import has_han
from tests.conftest import STREET

IDS = [
    line
    for path in sorted((STREET / "duties").glob("*.yml"))
    for line in re.findall(r"^- id: (\S+)", path.read_text(encoding="utf-8"), re.M)
]


def test_the_default_street_has_no_mistakes(street_data: DutyList) -> None:
    assert street_data.version == street_data.street.list_version
    assert sorted(street_data.duties) == sorted(IDS) == sorted(street_data.sayings)


def test_every_duty_is_told_in_both_languages(street_data: DutyList) -> None:
    for duty_id, duty in street_data.duties.items():
        texts = [duty.name, *duty.covers, *(exclusion.what for exclusion in duty.excludes), *duty.legal]
        texts += (
            [duty.why, duty.reach, duty.street_can] if duty.kind == "outside" else [duty.who, *duty.steps, duty.fee]
        )  # type: ignore[union-attr]
        assert all(has_han(text.zh) and re.search("[A-Za-z]", text.en) for text in texts), duty_id
        sayings = street_data.sayings[duty_id]
        assert all(map(has_han, sayings.zh)) and not any(map(has_han, sayings.en)), duty_id


def test_the_office_of_a_duty_leads_on_it(street_data: DutyList) -> None:
    assert street_data.office_of("CIT-01").key == "city" and street_data.is_ours("CIT-01")
    assert not street_data.office_of("OUT-01").ours and not street_data.is_ours("OUT-01")


SMALL = {
    "dialect.yml": """\
- {word: 耗子, means: 老鼠, region: 北方}
- {word: 旮旯, means: 角落}
- {word: 单车, means: 自行车, not_in: [共享单车]}
""",
    "street.yml": """\
key: wutong
name: {zh: 梧桐街道, en: Wutong}
district: {zh: 临江区, en: Linjiang}
city: {zh: 云州市, en: Yunzhou}
phone: "5550 1000"
night_phone: "5550 1099"
hours: office
routes: {complain_staff: CIT-01, suggest: CIT-01, book_visit: CIT-01}
list_version: "1"
list_effective: "2026-11-01"
lat: 30.25
long: 110.25
""",
    "hours.yml": """\
office:
  name: {zh: 工作日, en: work days}
  days: [1, 2, 3, 4, 5]
  shifts: [{opens: "09:00", closes: "17:00"}]
""",
    "offices.yml": """\
offices:
  - key: city
    ours: true
    name: {zh: 城管科, en: City Management}
    phone: "1"
    hours: office
  - key: water
    ours: false
    name: {zh: 水务公司, en: Water Company}
    phone: "2"
    hours: office
counters:
  - key: hall
    name: {zh: 大厅, en: Hall}
    address: {zh: 梧桐路 3 号, en: 3 Wutong Road}
    phone: "3"
    hours: office
""",
    "communities.yml": """\
- key: guihua
  name: {zh: 桂花社区, en: Guihua}
  address: {zh: 桂花路 1 号, en: 1 Guihua Road}
  phone: "4"
  hours: office
  grids:
    - key: one
      name: {zh: 一网格, en: grid 1}
      covers: [桂花园]
      worker: {zh: 老董, en: Mr Dong}
      phone: "5"
""",
    "places.yml": """\
- name: {zh: 桂花园, en: Guihua Estate}
  kind: estate
  community: guihua
  lat: 30.25
  long: 110.24
""",
    "negative.yml": """\
- id: NEG-01
  name: {zh: 招商, en: Investment}
  clause: {zh: 不承担, en: not ours}
""",
    "duties/city.yml": """\
- id: CIT-01
  office: city
  function: city
  kind: event
  name: {zh: 垃圾清运, en: Rubbish}
  covers:
    - {zh: 垃圾满了, en: full bins}
    - {zh: 垃圾发臭, en: smelling bins}
  excludes:
    - {what: {zh: 停水, en: no water}, see: OUT-01}
  who: {zh: 任何人, en: anybody}
  steps:
    - {zh: 报给我们, en: tell us}
    - {zh: 派车, en: a lorry comes}
  materials: []
  limit: {unit: hours, value: 24}
  fee: {zh: 不收费, en: free}
  where: [hall]
  joint:
    - {office: water, does: {zh: 冲洗, en: washes}}
  legal:
    - {zh: 条例, en: Regulation}
- id: OUT-01
  office: water
  function: outside
  kind: outside
  name: {zh: 停水, en: No water}
  covers:
    - {zh: 停水了, en: no water}
    - {zh: 水压低, en: low pressure}
  why: {zh: 归水务, en: the water company's}
  reach: {zh: 打电话, en: ring them}
  phones: ["2"]
  street_can: {zh: 帮着问, en: ask for you}
  legal:
    - {zh: 条例, en: Regulation}
""",
    "utterances/city.yml": """\
CIT-01:
  zh: [垃圾桶满了, 没人收垃圾]
  en: [the bins are full]
  near:
    - {text: 停水了, duty: OUT-01}
OUT-01:
  zh: [停水了怎么办]
  en: [no water at home]
""",
}


@dataclass
class Data:
    """A small street in a folder, to be broken."""

    folder: Path

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def line(self, file: str, part: str) -> int:
        lines = (self.folder / file).read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if part in line)

    def mistakes(self) -> list[Mistake]:
        with pytest.raises(DataMistakes) as found:
            read_duty_list(self.folder)
        assert found.value.mistakes and str(found.value)
        return found.value.mistakes


@pytest.fixture
def data(tmp_path: Path) -> Data:
    for name, text in SMALL.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Data(tmp_path)


def test_the_small_street_is_right(data: Data) -> None:
    assert sorted(read_duty_list(data.folder).duties) == ["CIT-01", "OUT-01"]


CITY = "duties/city.yml"


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "said"),
    [
        (CITY, "office: city", "office: moon", "id: CIT-01", "unknown office “moon”"),
        (CITY, "office: water, does", "office: moon, does", "id: CIT-01", "unknown office “moon”"),
        (CITY, "see: OUT-01", "see: OUT-99", "id: CIT-01", "OUT-99"),
        (CITY, "where: [hall]", "where: [attic]", "id: CIT-01", "attic"),
        (CITY, "  limit: {unit: hours, value: 24}\n", "", "id: CIT-01", "limit: is missing"),
        (CITY, ", value: 24}", "}", "id: CIT-01", "needs a unit and a value"),
        (CITY, "unit: hours", "unit: immediate", "id: CIT-01", "needs a unit and a value"),
        (CITY, "unit: hours", "unit: moons", "unit: moons", "limit.unit"),
        (CITY, "value: 24", "value: 0", "value: 0", "limit.value"),
        (CITY, ", en: free}", "}", "fee:", "fee.en: the English is missing"),
        (CITY, "{zh: 任何人, en", "{en", "who:", "who.zh: the Chinese is missing"),
        (CITY, "en: anybody", "en: 任何人", "id: CIT-01", "a language is missing or swapped"),
        (CITY, "  fee:", "  price: 3\n  fee:", "price:", "price: is not a known key"),
        (CITY, "kind: outside", "kind: event", "id: OUT-01", "who: is missing"),
        (CITY, "office: city\n", "office: water\n", "id: CIT-01", "contradict each other"),
        (CITY, "- id: OUT-01", "- id: CIT-01", "function: outside", "CIT-01 stands twice"),
        (CITY, "id: CIT-01", "id: rubbish", "id: rubbish", "id:"),
        ("utterances/city.yml", "停水了怎么办", "垃圾桶满了！", "OUT-01:", "claim the same words"),
        ("utterances/city.yml", "[no water at home]", "[The bins are full!]", "OUT-01:", "claim the same words"),
        ("utterances/city.yml", "duty: OUT-01}", "duty: OUT-99}", "CIT-01:", "OUT-99"),
        ("utterances/city.yml", "OUT-01:\n", "OUT-99:\n", "OUT-99:", "OUT-99"),
        ("offices.yml", "hours: office\n  - key: water", "hours: never\n  - key: water", "key: city", "unknown hours “never”"),
        ("offices.yml", "- key: water", "- key: city", "水务公司", "city stands twice"),
        ("offices.yml", "counters:", "windows:", "windows:", "windows: only lists"),
        ("communities.yml", "hours: office", "hours: never", "key: guihua", "unknown hours “never”"),
        ("communities.yml", "[桂花园]", "[月亮湾]", "key: guihua", "月亮湾"),
        ("places.yml", "community: guihua", "community: moon", "桂花园", "unknown community “moon”"),
        ("street.yml", "hours: office", "hours: never", "hours: never", "unknown hours “never”"),
        ("street.yml", "suggest: CIT-01", "suggest: GEN-09", "routes:", "GEN-09"),
        ("hours.yml", '"09:00"', '"9 am"', "9 am", "opens"),
        ("hours.yml", "[1, 2, 3, 4, 5]", "[0]", "[0]", "days"),
        ("negative.yml", "NEG-01", "NO-1", "NO-1", "id"),
        ("dialect.yml", "word: 旮旯", "word: 耗子", "角落", "耗子 stands twice"),
        ("dialect.yml", "means: 角落", "means: 旮旯", "旮旯", "旮旯 stands for itself"),
        ("dialect.yml", "means: 老鼠", "means: 旮旯里的", "耗子", "holds a word of this table"),
        ("dialect.yml", "means: 角落", "means: 耗子", "旮旯", "holds a word of this table"),
        ("dialect.yml", "means: 角落", "means: ''", "旮旯", "means"),
        ("dialect.yml", "word: 旮旯", "word: 旮", "角落", "word"),
        ("dialect.yml", "means: 角落", "means: corner", "旮旯", "in Chinese"),
        ("dialect.yml", "word: 旮旯", "word: 桂花园", "角落", "name of a place"),
        ("dialect.yml", "[共享单车]", "[共享]", "单车", "no longer word"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_file_and_line(
    data: Data, file: str, old: str, new: str, at: str, said: str
) -> None:
    data.change(file, old, new)
    mistakes = data.mistakes()
    hits = [mistake for mistake in mistakes if said in mistake.what]
    assert hits, "\n".join(map(str, mistakes))
    name = Path(file).name
    lines = {mistake.line for mistake in hits if mistake.file.name == name}
    assert data.line(file, at) in {line + away for line in lines for away in (0, 1, 2)}, "\n".join(map(str, mistakes))


@pytest.mark.parametrize("file", SMALL)
def test_a_missing_file_is_named(data: Data, file: str) -> None:
    (data.folder / file).unlink()
    assert any(mistake.file.name in (Path(file).name, Path(file).parent.name) for mistake in data.mistakes())


@pytest.mark.parametrize("folder", ["duties", "utterances"])
def test_a_missing_folder_is_named(data: Data, folder: str) -> None:
    shutil.rmtree(data.folder / folder)
    assert any(mistake.file == data.folder / folder for mistake in data.mistakes())


@pytest.mark.parametrize("file", SMALL)
@pytest.mark.parametrize(
    "broken", ["", "just words\n", "- - {\n", "a: [1, 2\n", "\tno tabs: here\n", "- words\n- more words\n", "\x00"]
)
def test_a_file_that_is_something_else_is_named(data: Data, file: str, broken: str) -> None:
    (data.folder / file).write_text(broken, encoding="utf-8")
    assert any(mistake.file == data.folder / file for mistake in data.mistakes())


@pytest.mark.parametrize("file", SMALL)
def test_a_file_in_another_encoding_is_named(data: Data, file: str) -> None:
    (data.folder / file).write_bytes("名字: 梧桐".encode("gb18030"))
    (mistake, *_) = [mistake for mistake in data.mistakes() if mistake.file == data.folder / file]
    assert "UTF-8" in mistake.what


def test_a_key_that_stands_twice_is_named(data: Data) -> None:
    data.change(
        CITY, "  fee: {zh: 不收费, en: free}\n", "  fee: {zh: 不收费, en: free}\n  fee: {zh: 收费, en: not free}\n"
    )
    assert any("fee" in mistake.what and mistake.line == data.line(CITY, "not free") for mistake in data.mistakes())


def test_all_mistakes_are_named_at_once_in_their_order(data: Data) -> None:
    data.change(CITY, "office: city", "office: moon")
    data.change("street.yml", "hours: office", "hours: never")
    data.change("hours.yml", '"09:00"', '"9 am"')
    mistakes = data.mistakes()
    assert len({mistake.file for mistake in mistakes}) >= 3
    places = [(str(mistake.file), mistake.line) for mistake in mistakes]
    assert places == sorted(places)
    assert all(re.match(r".+\.yml:\d+: .+", str(mistake)) for mistake in mistakes)


def test_what_is_read_cannot_be_changed(street_data: DutyList) -> None:
    with pytest.raises(ValueError, match="frozen"):
        street_data.street.phone = "0"  # type: ignore[misc]
