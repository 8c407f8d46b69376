"""The shipped encoder: the same vectors with and without torch, and never a start that fails for want of a model."""

from __future__ import annotations

import logging
import subprocess
import sys

import numpy as np
import pytest

from knowledge.encoder.encoders import SHIPPED, EncoderMissing, StaticEncoder, load_encoder

SENTENCES = ["楼下路灯坏了三天", "The street lamp is broken", "垃圾桶 overflowing 没人收", "居住证怎么办", "!!!"]


def test_static_encoder_equals_sentence_transformers_on_the_same_files(encoder: StaticEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(SHIPPED), device="cpu").encode(SENTENCES[:-1]).astype(np.float32)
    assert np.abs(encoder.encode(SENTENCES[:-1]) - theirs).max() < 2e-3


def test_vectors_have_unit_length_and_text_without_a_known_piece_is_zero(encoder: StaticEncoder) -> None:
    lengths = np.linalg.norm(encoder.encode(SENTENCES), axis=1)
    assert lengths[:-1] == pytest.approx(1, abs=1e-5)
    assert lengths[-1] == 0


def test_one_text_and_a_batch_give_the_same_vector(encoder: StaticEncoder) -> None:
    assert np.allclose(encoder.encode(SENTENCES)[0], encoder.encode(SENTENCES[:1])[0])


@pytest.mark.parametrize(
    ("chinese", "english", "other"),
    [
        ("路灯坏了", "the street lamp is broken", "how do I apply for a pension"),
        ("垃圾没人收", "nobody collects the rubbish", "my passport has expired"),
        ("楼上太吵", "the people upstairs make too much noise", "the tap water is brown"),
    ],
)
def test_both_languages_lie_side_by_side(encoder: StaticEncoder, chinese: str, english: str, other: str) -> None:
    zh, en, far = encoder.encode([chinese, english, other])
    assert zh @ en > zh @ far + 0.1


def test_model_that_cannot_be_had_falls_back_to_the_shipped_one_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        encoder = load_encoder("/no/such/model")
    assert encoder.name == load_encoder().name
    assert "/no/such/model" in caplog.text


def test_folder_without_a_model_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(EncoderMissing):
        StaticEncoder.read(tmp_path_factory.mktemp("empty"))


def test_shipped_model_is_small_enough_to_ship() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.rglob("*") if file.is_file()) < 20_000_000


def test_encoding_never_imports_torch() -> None:
    code = (
        "import sys; from knowledge.encoder.encoders import load_encoder; load_encoder().encode(['路灯']);"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
