"""The frozen set: labelled rows that nothing is trained on, on which champion and challenger are measured."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.activation.contest import Figures
from bot.settings import SearchSettings, Settings
from knowledge.duty_list import DutyList
from knowledge.emergencies import Emergencies
from knowledge.listener import Listener
from knowledge.search.finding import Search
from nlu.intents import IntentModel

PUBLIC = Path("tests/eval")
"""The project's own set, under the installation's root."""

OWN = Path("eval")
"""A street's own set, under its folder."""


@dataclass(frozen=True)
class FrozenSet:
    """The files of `folders` whose names say what they are."""

    folders: Sequence[Path]

    @classmethod
    def of(cls, root: Path, settings: Settings) -> FrozenSet:
        """The project's set and the street's own, where it has one."""
        return cls((root / PUBLIC, root / settings.street / OWN))

    def content(self, thresholds: SearchSettings | None = None) -> str:
        """Twelve hex digits that change with the rows, and with the thresholds that figures depend on."""
        digest = hashlib.sha256(thresholds.model_dump_json().encode() if thresholds else b"")
        for folder in self.folders:
            for file in sorted(folder.glob("*.jsonl")):
                digest.update(file.read_bytes())
        return digest.hexdigest()[:12]

    def search_figures(self, search: Search, duty_list: DutyList) -> Figures:
        """How a search does on the requests whose duties are in the list; without any, only that there were none."""
        from bot.evaluation.sets import Kind, fitting, request_rows, sets_in
        from knowledge.search.evaluation import evaluate_requests

        right, wrong, n, listener = 0.0, 0.0, 0, Listener(duty_list)
        for each in sets_in(self.folders):
            if each.kind is not Kind.REQUESTS:
                continue
            rows = fitting(request_rows(each.file, listener, each.spoken), duty_list.duties)
            if rows:
                figures = evaluate_requests(rows, search, duty_list, each.spoken)
                right += figures["top1"] * len(rows)
                wrong += figures["wrong_stated"] * len(rows)
                n += len(rows)
        return {"top1": round(right / n, 4), "wrong_stated": round(wrong / n, 4), "rows": n} if n else {"rows": 0}

    def intent_figures(self, emergencies: Emergencies, listener: Listener, standby: IntentModel) -> Figures:
        """How intents are told, emergencies before anything else. Rasa's model learned the same sentences."""
        from bot.evaluation.intents import evaluate_intents, understood
        from bot.evaluation.sets import Kind, intent_rows, sets_in

        rows = [row for each in sets_in(self.folders) if each.kind is Kind.INTENTS for row in intent_rows(each.file)]
        if not rows:
            return {"rows": 0}
        figures = evaluate_intents(rows, understood(emergencies, listener, lambda text: standby.classify(text)[0][0]))
        names = ("emergency_recall", "emergency_false_alarms", "macro_f1")
        return {**{name: figures[name] for name in names}, "rows": len(rows)}
