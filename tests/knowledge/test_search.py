"""The search: right duties in both languages, honest when there is none, quick, and the same from its cache."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from knowledge.duty_list import DutyList, read_duty_list
from knowledge.encoder.encoders import StaticEncoder
from knowledge.search.finding import Candidate, Outcome
from knowledge.search.fusion import PARTS, learn, only
from knowledge.search.hearing import misheard
from knowledge.search.hybrid import HybridSearch, Thresholds, decide, load_search
from knowledge.search.wording import plain, sound_pairs


@pytest.mark.parametrize(
    ("text", "duty"),
    [
        ("我们巷子里的路灯一盏都不亮", "CIT-05"),
        ("我們巷子裡的路燈一盞都不亮", "CIT-05"),
        ("the street lamps in our lane are all dark", "CIT-05"),
        ("垃圾堆了好几天没人收，臭死了", "CIT-01"),
        ("nobody has collected the rubbish for days", "CIT-01"),
        ("电梯停在半当中，有人困在里面", "EME-04"),
        ("市民反映某小区旁工地夜间施工噪音扰民，要求处理", "ENF-04"),
        ("身份证丢了怎么补办", "OUT-02"),
    ],
)
def test_duty_is_found_in_both_languages_and_scripts(small_search: HybridSearch, text: str, duty: str) -> None:
    assert small_search.find(text).candidates[0].duty == duty


@pytest.mark.parametrize("text", ["", "   ", "!!!", "123"])
def test_nothing_to_look_at_is_passed_on(small_search: HybridSearch, text: str) -> None:
    assert small_search.find(text).outcome is Outcome.PASS_ON


@pytest.mark.timeout(300)  # builds the index of the whole list where nothing did before
@pytest.mark.parametrize("text", ["给我讲个笑话", "who won the cup final", "鸡兔同笼怎么算"])
def test_what_no_duty_covers_is_never_stated_as_fact(encoder: StaticEncoder, text: str) -> None:
    whole = read_duty_list(Path("knowledge/default"))
    search = load_search(whole, encoder, Path("var/index"), Thresholds(answer=0.6, ask=0.45), lambda line: None)
    assert search.find(text).outcome is not Outcome.ANSWER


def test_a_duty_called_by_its_name_comes_first(encoder: StaticEncoder) -> None:
    whole = read_duty_list(Path("knowledge/default"))
    search = load_search(whole, encoder, Path("var/index"), Thresholds(), lambda line: None)
    assert search.find("独生子女的家庭，老人住院了想申请临时救助，找谁").candidates[0].duty == "LIV-10"


def test_probabilities_fall_and_stay_below_one_in_all(small_search: HybridSearch) -> None:
    found = [candidate.probability for candidate in small_search.find("楼上半夜跳舞吵得睡不着").candidates]
    assert found == sorted(found, reverse=True)
    assert sum(found) <= 1.0001


def test_every_candidate_says_what_spoke_for_it(small_search: HybridSearch) -> None:
    for candidate in small_search.find("井盖不见了").candidates:
        assert set(candidate.evidence) == set(PARTS)


def test_finding_cites_the_version_of_the_list(small_search: HybridSearch, small_list: DutyList) -> None:
    assert small_search.find("低保").list_version == small_list.version


def test_misheard_word_is_found_by_its_sound(small_search: HybridSearch) -> None:
    assert sound_pairs("残级证") == sound_pairs("残疾证")
    assert small_search.find("电题电题又停了", spoken=True).candidates[0].duty == "EME-04"


def test_other_hearings_count(small_search: HybridSearch) -> None:
    first = small_search.find("经盖布见了", spoken=True)
    helped = small_search.find("经盖布见了", ("井盖不见了",), spoken=True)
    chance = {c.duty: c.probability for c in first.candidates}
    assert helped.candidates[0].duty == "CIT-06"
    assert helped.candidates[0].probability > chance.get("CIT-06", 0.0)


def test_second_start_reads_the_cache_and_answers_the_same(
    small_search: HybridSearch, small_list: DutyList, encoder: StaticEncoder, small_cache: Path
) -> None:
    said: list[str] = []
    again = load_search(small_list, encoder, small_cache, Thresholds(), said.append)
    assert not said
    before, after = small_search.find("井盖不见了"), again.find("井盖不见了")
    assert [c.duty for c in before.candidates] == [c.duty for c in after.candidates]
    assert [c.probability for c in before.candidates] == pytest.approx(
        [c.probability for c in after.candidates], abs=1e-5
    )


def test_question_takes_milliseconds(small_search: HybridSearch) -> None:
    start = time.perf_counter()
    for _ in range(50):
        small_search.find("我们小区门口的路灯坏了好几天，晚上黑漆漆的")
    assert (time.perf_counter() - start) / 50 < 0.02


def test_a_kept_index_that_cannot_be_read_is_built_anew(
    small_list: DutyList, encoder: StaticEncoder, tmp_path: Path
) -> None:
    load_search(small_list, encoder, tmp_path, Thresholds(), lambda line: None)
    [folder] = tmp_path.iterdir()
    (folder / "sparse.npz").write_bytes(b"half a file")
    said: list[str] = []
    search = load_search(small_list, encoder, tmp_path, Thresholds(), said.append)
    assert "anew" in said[0]
    assert search.find("路灯不亮").candidates[0].duty == "CIT-05"


@pytest.mark.parametrize(
    ("shares", "outcome"),
    [
        ((0.9, 0.05), Outcome.ANSWER),
        ((0.4, 0.3, 0.1), Outcome.ASK),
        ((0.1, 0.1, 0.1), Outcome.PASS_ON),
        ((0.45,), Outcome.PASS_ON),
        ((), Outcome.PASS_ON),
    ],
)
def test_outcome_follows_the_thresholds(shares: tuple[float, ...], outcome: Outcome) -> None:
    candidates = [Candidate("CIT-01", share) for share in shares]
    assert decide(candidates, Thresholds(answer=0.6, ask=0.5)) is outcome


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("市民反映2023年5月3日中山路路灯不亮,要求尽快处理", "中山路路灯不亮"),
        ("其是某小区的业主,物业不作为,希望有关部门能处理", "某小区的业主,物业不作为"),
        ("請問路燈壞了找誰", "请问路灯坏了找谁"),
        ("噪音", "噪音"),
        ("请尽快处理", "请尽快处理"),
    ],
)
def test_dates_figures_and_the_frame_of_a_record_are_not_looked_at(said: str, kept: str) -> None:
    assert plain(said) == kept


def test_fusion_learns_which_part_to_trust_and_when_there_is_nothing() -> None:
    chance = np.random.default_rng(1)
    right = np.concatenate([chance.integers(0, 5, 300), np.full(60, 5)])
    table = chance.normal(size=(360, 5, 2)).astype(np.float32) * 0.3
    for row, duty in enumerate(right[:300]):
        table[row, duty, 0] += 2
    fusion = learn(table, only(right, 5))
    assert fusion.parts[0] > 3 * abs(fusion.parts[1])
    assert (fusion.probabilities(table).argmax(axis=1) == right).mean() > 0.9


def test_mishearing_keeps_length_and_sound() -> None:
    texts = ["电梯坏了", "残疾证怎么办", "点题", "惨级"]
    noisy = misheard(texts, 0.9, 3)
    assert [len(text) for text in noisy] == [len(text) for text in texts]
    assert [sound_pairs(text) for text in noisy] == [sound_pairs(text) for text in texts]
