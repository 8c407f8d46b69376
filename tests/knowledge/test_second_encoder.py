"""Another encoder is one line in config.yml: any sentence-transformers model, its weights learned with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.activation.models import Models
from bot.settings import read_settings
from knowledge.duty_list import DutyList
from knowledge.emergencies import Emergencies
from knowledge.encoder.encoders import EncoderMissing, StaticEncoder, load_encoder, named_encoder
from knowledge.search.finding import Outcome
from knowledge.search.hybrid import Thresholds, load_search
from tests.conftest import STREET

FEW = 14
"""Sayings of each duty and language: little, as in a list that has just been begun."""


def few_sayings(duty_list: DutyList, zh: int = FEW, en: int = FEW) -> DutyList:
    sayings = {
        duty: of.model_copy(update={"zh": of.zh[:zh], "en": of.en[:en], "near": []})
        for duty, of in duty_list.sayings.items()
    }
    return replace(duty_list, sayings=sayings)


@pytest.fixture(scope="module")
def characters(small_list: DutyList) -> list[str]:
    """Every character of the sayings: the vocabulary of a small model."""
    texts = [text for of in small_list.sayings.values() for text in (*of.zh, *of.en)]
    return sorted({character for text in texts for character in text.lower() if not character.isspace()})


def make_static(folder: Path, characters: list[str]) -> None:
    """A mean of random vectors, one for each character."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    vocabulary = {character: at for at, character in enumerate(["[UNK]", *characters])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=64)], device="cpu").save(str(folder))


def make_transformer(folder: Path, characters: list[str]) -> None:
    """A BERT of one layer that has learned nothing."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    parts = folder.with_name("parts")
    parts.mkdir()
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [f"##{character}" for character in characters if character.isascii()]
    (parts / "vocab.txt").write_text("\n".join([*marks, *characters, *letters]), encoding="utf-8")
    BertTokenizer(str(parts / "vocab.txt")).save_pretrained(parts)
    size = len(marks) + len(characters) + len(letters)
    config = BertConfig(
        vocab_size=size, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    BertModel(config).save_pretrained(parts)
    read = Transformer(str(parts))
    whole = SentenceTransformer(modules=[read, Pooling(read.get_word_embedding_dimension())], device="cpu")
    whole.save(str(folder))


@pytest.fixture(scope="module", params=[make_static, make_transformer], ids=["static", "transformer"])
def second(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, characters: list[str]) -> Path:
    """A second local model."""
    import torch

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("second") / "model"
    request.param(folder, characters)
    return folder


@pytest.mark.timeout(300)  # imports torch and learns weights
@pytest.mark.filterwarnings("ignore")  # what other people's libraries warn of while a model is made
def test_an_encoder_named_in_the_settings_builds_its_own_index_and_finds_duties(
    second: Path, small_list: DutyList, tmp_path: Path
) -> None:
    (tmp_path / "config.yml").write_text(f"jietong:\n  encoder: {second}\n  rasa: false\n", encoding="utf-8")
    said: list[str] = []
    patterns = Emergencies.read(STREET / "emergencies.yml")
    models = Models(tmp_path, read_settings(tmp_path, {}), few_sayings(small_list), patterns, said.append)
    found = {text: models.search.find(text).candidates[0].duty for text in ("路灯不亮了", "井盖不见了", "身份证丢了")}
    assert found == {"路灯不亮了": "CIT-05", "井盖不见了": "CIT-06", "身份证丢了": "OUT-02"}
    assert any("weights learned" in line for line in said)
    assert not any("cannot be had" in line for line in said)
    assert len(list((tmp_path / "var/index").glob("*/index.json"))) == 1


@pytest.mark.filterwarnings("ignore")
def test_other_files_under_the_same_name_are_another_encoder(tmp_path: Path, characters: list[str]) -> None:
    make_transformer(tmp_path / "model", characters)
    first = named_encoder(tmp_path / "model").name
    assert named_encoder(tmp_path / "model").name == first
    (tmp_path / "model/README.md").write_text("Trained once more.", encoding="utf-8")
    assert named_encoder(tmp_path / "model").name != first


def test_an_encoder_that_cannot_be_had_is_a_sentence_for_whoever_starts(tmp_path: Path) -> None:
    said: list[str] = []
    assert load_encoder(tmp_path / "none", tell=said.append).name == load_encoder().name
    assert said == [
        f"The encoder {tmp_path / 'none'} cannot be had (there is no such folder); the shipped one is used instead."
    ]


@pytest.mark.parametrize("files", [{}, {"modules.json": "{"}, {"config.json": "{}"}, {"modules.json": "[]"}])
def test_a_folder_that_holds_no_whole_model_is_one_sentence(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    said: list[str] = []
    load_encoder(tmp_path, tell=said.append)
    assert len(said) == 1 and "\n" not in said[0]


def test_half_a_static_model_is_refused(tmp_path: Path) -> None:
    kind = "sentence_transformers.models.StaticEmbedding"
    (tmp_path / "modules.json").write_text(json.dumps([{"path": "", "type": kind}]), encoding="utf-8")
    with pytest.raises(EncoderMissing, match="cannot be read"):
        named_encoder(tmp_path)


@pytest.mark.parametrize(("zh", "en"), [(1, 1), (3, 1), (5, 0)])
def test_weights_are_learned_from_lists_that_have_hardly_begun(
    small_list: DutyList, encoder: StaticEncoder, tmp_path: Path, zh: int, en: int
) -> None:
    young = few_sayings(small_list, zh, en)
    search = load_search(young, encoder, tmp_path, Thresholds(), lambda line: None)
    assert search.find("路灯不亮了").candidates[0].duty == "CIT-05"
    for text in ("the street lamp is dark", "写一首诗", "write me a poem"):
        found = search.find(text, spoken=True)
        assert all(0 <= candidate.probability <= 1 for candidate in found.candidates)
        assert found.outcome in Outcome
