"""Places in what residents say: everything that was said, nothing that was not."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.duty_list import DutyList
from knowledge.places import Gazetteer, Spot, as_said, read_spot
from nlu.text.numbers import digits_from_speech
from nlu.text.script import fold


@pytest.fixture(scope="session")
def gazetteer(street_data: DutyList) -> Gazetteer:
    return Gazetteer(street_data)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("桂花园3号楼1单元402", "桂花园小区3号楼1单元402室"),
        ("桂花园三号楼一单元四零二", "桂花园小区3号楼1单元402室"),
        ("我住在桂花园小区十一号楼", "桂花园小区11号楼"),
        ("桂花园小区7栋12层", "桂花园小区7栋12楼"),
        ("桂花園3號樓", "桂花园小区3号楼"),
        ("望江小区2号楼", "望江花园2号楼"),
        ("桂花路18号", "桂花路18号"),
    ],
)
def test_the_parts_of_a_place_are_read(gazetteer: Gazetteer, text: str, place: str) -> None:
    assert read_spot(text, gazetteer).in_words("zh") == place


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("桂花园3号楼，不对，5号楼", "5号楼"),
        ("桂花园3号楼，说错了，是5号楼", "5号楼"),
        ("不是桂花园3号楼，是桂花园5号楼", "5号楼"),
        ("Guihuayuan Estate building 3, no, I mean building 5", "5"),
    ],
)
def test_the_last_word_counts_when_it_is_corrected(gazetteer: Gazetteer, text: str, wanted: str) -> None:
    assert read_spot(text, gazetteer).building == wanted


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("桂花园12栋，他们住13栋", "building"),
        ("桂花园3号楼402和502", "room"),
        ("桂花园3号楼还是5号楼", "building"),
        ("block 3 or block 5", "building"),
    ],
)
def test_of_several_values_none_is_chosen_and_the_words_are_kept(gazetteer: Gazetteer, text: str, part: str) -> None:
    spot = read_spot(text, gazetteer)
    assert getattr(spot, part) == "" and spot.near == text


def test_of_several_values_in_a_long_sentence_none_is_chosen(gazetteer: Gazetteer) -> None:
    spot = read_spot("it is in Guihuayuan Estate, somewhere between building 3 and building 5", gazetteer)
    assert (spot.community, spot.building) == ("guihua", "")


def test_an_estate_that_nobody_knows_is_kept_as_said(gazetteer: Gazetteer) -> None:
    spot = read_spot("我住在月亮湾小区3号楼", gazetteer)
    assert (spot.area, spot.building, spot.community) == ("月亮湾小区", "3号楼", "")


@pytest.mark.parametrize(
    "text", ["我们小区的垃圾没人收", "这条路坑坑洼洼", "哪个社区管", "你好", "", "路灯坏了三天两头坏"]
)
def test_words_that_name_no_place_are_none(gazetteer: Gazetteer, text: str) -> None:
    assert not read_spot(text, gazetteer).area


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Guihuayuan Estate, building 3, unit 1, room 402", "Room 402, Unit 1, Building 3, Guihuayuan Estate"),
        ("Osmanthus Garden block 7", "Building 7, Guihuayuan Estate"),
        ("12th floor of Moonbay Tower", "floor 12, Moonbay Tower"),
    ],
)
def test_places_in_english(gazetteer: Gazetteer, text: str, place: str) -> None:
    assert read_spot(text, gazetteer, "en").in_words("en") == place


def test_every_place_is_found_by_all_its_names(gazetteer: Gazetteer, street_data: DutyList) -> None:
    for place in street_data.places:
        for name in (place.name.zh, place.name.en, *place.also):
            found = gazetteer.find(
                f"就在{name}那里" if re.search("[\u4e00-\u9fff]", name) else f"it is at {name} there"
            )
            assert found is not None and found[1] == fold(name).lower(), name
            assert name.lower() in {n.lower() for n in (found[0].name.zh, found[0].name.en, *found[0].also)}


def test_a_known_place_brings_its_community(gazetteer: Gazetteer, street_data: DutyList) -> None:
    for place in street_data.places:
        if place.community:
            assert read_spot(f"在{place.name.zh}", gazetteer).community == place.community


def test_a_pin_is_near_its_community_or_nobodys(gazetteer: Gazetteer, street_data: DutyList) -> None:
    for place in street_data.places:
        if place.community:
            assert gazetteer.community_at(place.lat, place.long) == place.community
    assert gazetteer.community_at(0.0, 0.0) == ""


def test_a_phone_and_a_case_number_are_no_rooms(gazetteer: Gazetteer) -> None:
    spot = read_spot("桂花园3号楼，电话13800138000，单号304-7715", gazetteer)
    assert (spot.building, spot.room, spot.house) == ("3号楼", "", "")


@pytest.mark.parametrize(
    ("text", "near"), [("桂花园3号楼门口", "门口"), ("药店对面", "药店对面"), ("我家楼下", ""), ("桂花园东门", "东门")]
)
def test_what_stands_beside_it_is_kept(gazetteer: Gazetteer, text: str, near: str) -> None:
    assert near in read_spot(text, gazetteer).near


fragments = st.lists(
    st.one_of(
        st.sampled_from(["桂花园", "望江花园", "3号楼", "五号楼", "一单元", "幺零二", "四零二室", "12层", "门口", "不对", "，", "在", "我住", "垃圾满了",
                         "building 7", "unit 2", "room 402", "Guihuayuan Estate", "no, ", "and ", "13800138000", "304-7715", "三天两头", "十一点", "18号"]),
        st.text(max_size=6),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(fragments.map("".join), st.sampled_from(["zh", "en"]))
def test_no_digit_is_invented_and_nothing_breaks(gazetteer: Gazetteer, text: str, language: str) -> None:
    spot = read_spot(text, gazetteer, language)
    said = set(re.findall(r"\d", digits_from_speech(fold(text)))) | set(re.findall(r"\d", text))
    parts = (spot.house, spot.building, spot.unit, spot.floor, spot.room)
    assert set(re.findall(r"\d", " ".join(parts))) <= said
    for part in parts:
        figures = re.sub(r"\D", "", part)
        assert figures in re.sub(r"\D", "", digits_from_speech(fold(text)))
    assert isinstance(spot.in_words(language), str)


def test_later_parts_replace_earlier_ones() -> None:
    first = Spot(area="桂花园小区", building="3号楼", community="guihua", house="18")
    assert first.updated(Spot(building="5号楼")) == Spot(
        area="桂花园小区", building="5号楼", community="guihua", house="18"
    )
    moved = first.updated(Spot(area="月亮湾小区"))
    assert (moved.area, moved.community, moved.house, moved.building) == ("月亮湾小区", "", "", "3号楼")
    assert first.updated(Spot()) == first


def test_a_place_can_be_found_by_area_landmark_or_pin() -> None:
    assert Spot(area="a").can_be_found and Spot(near="n").can_be_found and Spot(lat=30.0, long=110.0).can_be_found
    assert not Spot(building="3号楼").can_be_found and not Spot()
    assert Spot(lat=30.0, long=110.0).in_words("zh") == "30.00000, 110.00000"


@pytest.mark.parametrize(
    ("said", "kept"),
    [("就在老王家后头。", "老王家后头"), ("it's at the old mill", "the old mill"), ("长" * 300, "长" * 200)],
)
def test_ones_own_words_are_kept_without_the_lead(said: str, kept: str) -> None:
    assert as_said(said) == Spot(near=kept)


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("贵花园3号楼没人收垃圾", "桂花园3号楼没人收垃圾"),
        ("我在石流巷", "我在石榴巷"),
        ("望浆路路灯不亮", "望江路路灯不亮"),
        ("书元3号楼", "书院3号楼"),
        ("六音小区", "柳荫小区"),
    ],
)
def test_a_name_is_known_by_its_sound(gazetteer: Gazetteer, heard: str, meant: str) -> None:
    found = gazetteer.by_sound(heard)
    assert found is not None and found[1] == meant and gazetteer.find(meant) is not None


@pytest.mark.parametrize(
    "text",
    [
        "桂花园3号楼",
        "忘记路了",
        "书元",
        "长江路堵车",
        "昨晚家里着火",
        "小区门口摆摊讲理财",
        "路灯归你们修",
        "办税大厅排队",
        "",
        "the gate",
    ],
)
def test_what_only_resembles_a_name_is_none(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.by_sound(text) is None
