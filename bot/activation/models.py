"""The models of an installation, each chosen by its gate: the search's index; and the intents, with the emergencies'."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.activation.frozen import FrozenSet
from bot.activation.gate import ORDINARY_START, Asked, CannotGoOn, Gate, Newest
from bot.activation.record import INTENTS, SEARCH, Entry, Record
from bot.settings import Settings
from knowledge import alarm
from knowledge.alarm import Alarm, Lesson, with_alarm
from knowledge.duty_list import DutyList
from knowledge.emergencies import Emergencies
from knowledge.encoder.encoders import Encoder, EncoderMissing, load_encoder, named_encoder
from knowledge.listener import Listener
from knowledge.search.hybrid import HybridSearch, Thresholds, searching
from knowledge.search.index import FORMAT, Index, fingerprint, open_index_in
from nlu import intents
from nlu.intents import IntentModel, Pipeline, encoder_of, intents_file, load_intents, read_examples
from nlu.training import MODELS, ensure_model, rules_hash
from nlu.vectors import StaticVectors

INDEX = Path("var/index")
"""Where the search index and the standby's model are kept, under the installation's root."""

SENTENCES = Path("nlu/data/intents")
UNREADABLE = (OSError, ValueError, KeyError, RuntimeError)


@dataclass(frozen=True)
class Understanding:
    """What tells intents: the standby's model, the emergencies', and the Rasa model of the same sentences."""

    emergencies: Emergencies
    standby: Callable[[], IntentModel]
    rasa: Path | None = None
    """The Rasa model to go on with; without one, that of the present content is made."""


@dataclass(frozen=True)
class Models:
    """Opens the models that are in use, or that come into use now."""

    root: Path
    settings: Settings
    duty_list: DutyList
    patterns: Emergencies
    progress: Callable[[str], None]
    asked: Asked = ORDINARY_START

    @cached_property
    def search(self) -> HybridSearch:
        """The search over the duty list."""
        encoder = load_encoder(_found(self.root, self.settings.encoder), tell=self.progress)
        name = fingerprint(self.duty_list, encoder)

        def newest() -> HybridSearch:
            return self._searching(open_index_in(self._cache / name, self.duty_list, encoder, self.progress), encoder)

        gate: Gate[HybridSearch] = Gate(
            SEARCH,
            "Search index",
            reopen=lambda entry: self._reopened_search(entry, encoder),
            unfit=self._other_duties,
            measure=lambda search: self._frozen.search_figures(search, self.duty_list),
            measured_on=lambda: self._frozen.content(self.settings.search),
            record=self._record,
            tell=self.progress,
            asked=self.asked,
        )
        parts = {"encoder": self.settings.encoder, "vectors": encoder.name, "format": FORMAT}
        return gate.choose(Newest(name, newest, parts))

    @cached_property
    def understanding(self) -> Understanding:
        """Intents and emergencies."""
        encoder = self._intent_encoder
        ordinary = [text for text, intent in read_examples(self.root / SENTENCES) if intent != "emergency"]
        street = self.root / self.settings.street
        lesson = Lesson.of(self.patterns, street, self.duty_list, ordinary, encoder, self._cache)
        file = intents_file(self.root / SENTENCES, self._cache, encoder)

        def newest() -> Understanding:
            learned = with_alarm(self.patterns, lesson.learn(encoder, self.progress), encoder)
            return Understanding(learned, _once(lambda: load_intents(self.root / SENTENCES, self._cache, encoder)))

        gate: Gate[Understanding] = Gate(
            INTENTS,
            "Intents and emergencies",
            reopen=lambda entry: self._reopened_understanding(entry, encoder),
            unfit=lambda _: "",
            measure=lambda it: self._frozen.intent_figures(it.emergencies, Listener(self.duty_list), it.standby()),
            measured_on=lambda: self._frozen.content(),
            record=self._record,
            tell=self.progress,
            asked=self.asked,
        )
        parts = {"standby": file.name, "alarm": lesson.file.name, "rest": self._rest(encoder)}
        return gate.choose(Newest(f"{file.stem} {lesson.file.stem}", newest, parts))

    def rasa_model(self) -> Path:
        """The Rasa model in use, trained now if it is a new one. Raises `TrainingFailed`."""
        if self.understanding.rasa is not None:
            return self.understanding.rasa
        standing = self._record.standing(INTENTS)
        model = ensure_model(self.root, self.progress)
        known = {"rasa": model.name, "rest": self._rest(self._intent_encoder)}
        if standing.in_use and known.items() - standing.in_use.parts.items():
            self._record.write(INTENTS, standing.with_parts(known))
        return model

    @cached_property
    def _intent_encoder(self) -> StaticVectors | None:
        return encoder_of(self.root)

    @cached_property
    def _record(self) -> Record:
        return Record(self.root)

    @cached_property
    def _frozen(self) -> FrozenSet:
        return FrozenSet.of(self.root, self.settings)

    @property
    def _cache(self) -> Path:
        return self.root / INDEX

    def _searching(self, index: Index, encoder: Encoder) -> HybridSearch:
        thresholds = Thresholds(answer=self.settings.search.answer, ask=self.settings.search.ask)
        return searching(index, encoder, self.duty_list, thresholds)

    def _reopened_search(self, used: Entry, encoder: Encoder) -> HybridSearch:
        """The search in use. Its encoder is the present one, or that of its own name where it is still to be had."""
        if used.parts.get("format") != FORMAT:
            raise CannotGoOn("this version of Jietong keeps its index in another form")
        if used.parts.get("vectors") != encoder.name:
            try:
                encoder = named_encoder(_found(self.root, used.parts.get("encoder", "")))
            except EncoderMissing:
                raise CannotGoOn("the encoder of the one before cannot be had") from None
            if used.parts.get("vectors") != encoder.name:
                raise CannotGoOn("the encoder is a new one")
        try:
            return self._searching(Index.load(self._cache / used.name), encoder)
        except UNREADABLE:
            raise CannotGoOn(f"the one before is not there any more ({INDEX / used.name})") from None

    def _other_duties(self, search: HybridSearch) -> str:
        return "" if search.duties == set(self.duty_list.duties) else "the duty list has other duties than before"

    def _reopened_understanding(self, used: Entry, encoder: StaticVectors | None) -> Understanding:
        if used.parts.get("rest") != self._rest(encoder):
            raise CannotGoOn("the rules, the pipeline or the encoder changed with the sentences")
        rasa = self.root / MODELS / (used.parts.get("rasa") or "none")
        if self.settings.rasa and not rasa.exists():
            raise CannotGoOn("the Rasa model of the one before is not there any more")
        try:
            learned = Alarm.load(self._cache / used.parts["alarm"])
            standby = IntentModel(Pipeline.load(self._cache / used.parts["standby"], encoder))
        except UNREADABLE:
            raise CannotGoOn("the one before is not there any more") from None
        if rasa.exists():
            os.utime(rasa)  # the last two are kept
        return Understanding(with_alarm(self.patterns, learned, encoder), lambda: standby, rasa)

    def _rest(self, encoder: StaticVectors | None) -> str:
        """All that the intents depend on beside the sentences: an older model of another kind would not fit."""
        parts = (rules_hash(self.root), encoder.digest if encoder else "", intents.FORMAT, alarm.FORMAT)
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:12]


def _found(root: Path, encoder: str) -> str:
    """A path in the installation where there is one, else the name as it is."""
    return str(root / encoder) if (root / encoder).exists() else encoder


def _once(make: Callable[[], IntentModel]) -> Callable[[], IntentModel]:
    made: list[IntentModel] = []

    def get() -> IntentModel:
        if not made:
            made.append(make())
        return made[0]

    return get
