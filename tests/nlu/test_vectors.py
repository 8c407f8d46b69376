"""Rasa's vectors, the standby's and the search's are the same."""

import json
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest

from knowledge.encoder.encoders import SHIPPED, load_encoder
from nlu.vectors import Nearest, StaticVectors
from tests.nlu.conftest import ROOT

MIXED = [
    "楼下的路灯坏了",
    "the lift is stuck again",
    "办 residence permit 要带啥",
    "3047715",
    "🙂",
    "",
    "  喂，  HELLO？\n",
]

FEATURES = """
import json, sys
from nlu.sealed.fixes import do_without_tensorflow
do_without_tensorflow()
from nlu.components.static_featurizer import StaticFeaturizer
from rasa.shared.nlu.training_data.message import Message
config = {**StaticFeaturizer.get_default_config(), "model": "knowledge/encoder/model"}
messages = [Message({"text": text}) for text in json.loads(sys.argv[1])]
StaticFeaturizer("vectors", config).process(messages)
print(json.dumps([m.get_dense_features("text")[1].features[0].tolist() for m in messages]))
"""


def test_the_encoder_is_read_as_the_search_reads_it() -> None:
    assert np.array_equal(StaticVectors(SHIPPED).encode(MIXED), load_encoder().encode(MIXED))


def test_a_pickled_encoder_is_its_folder() -> None:
    vectors = StaticVectors(SHIPPED)
    before = vectors.encode(MIXED)
    stored = pickle.dumps(vectors)
    assert len(stored) < 1000
    assert np.array_equal(pickle.loads(stored).encode(MIXED), before)


@pytest.mark.rasa
def test_rasas_features_are_the_encoders_vectors_of_simplified_text(rasa_python: Path) -> None:
    texts = [text for text in MIXED if text]
    done = subprocess.run(
        [rasa_python, "-c", FEATURES, json.dumps([*texts, "樓下的路燈壞了"])],
        cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    features = np.array(json.loads(done.stdout), dtype=np.float32)
    np.testing.assert_allclose(features, load_encoder().encode([*texts, texts[0]]), atol=1e-6)


def test_the_nearest_three_of_an_intent_speak_for_it() -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 2]]
    likeness = Nearest(vectors, ["b", "b", "b", "b", "a"]).likeness(vectors[:1])
    assert likeness.tolist() == [[0.0, 1.0]]
