"""How a recogniser mishears: characters replaced by others of the same sound, to learn how far sound can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlu.text.sound import syllables


def misheard(texts: Sequence[str], share: float, seed: int) -> list[str]:
    """`texts` with about `share` of their Chinese characters replaced by others of (nearly) the same sound.

    The replacements are characters that stand in `texts` themselves, so that they are words people use.
    """
    chance = np.random.default_rng(seed)
    sounds: dict[str, str] = {}
    for character in sorted({ch for text in texts for ch in text if "\u4e00" <= ch <= "\u9fff"}):
        heard = syllables(character)
        if heard:
            sounds[character] = heard[0]
    alike: dict[str, list[str]] = {}
    for character, sound in sounds.items():
        alike.setdefault(sound, []).append(character)

    def one(character: str) -> str:
        if character not in sounds or chance.random() >= share:
            return character
        others = alike[sounds[character]]
        return others[int(chance.integers(len(others)))]

    return ["".join(one(character) for character in text) for text in texts]
