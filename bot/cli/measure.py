"""Asking and measuring: ask, parse, eval. The names and keys printed here stay as they are."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actions.dialogue.scene import Knowledge
from bot.logs import set_up_logs
from bot.settings import Settings, read_settings
from nlu.yaml_file import read_yaml

if TYPE_CHECKING:
    from bot.activation.models import Models

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Voice = Annotated[bool, typer.Option(help="Treat texts as transcripts of speech.")]
evaluate = typer.Typer(no_args_is_help=True)


def add_commands(app: typer.Typer) -> None:
    """Add this file's commands to the command line."""
    app.command()(ask)
    app.command()(parse)
    app.add_typer(evaluate, name="eval", help="Measure understanding on a file.")


def _installation() -> tuple[Path, Settings]:
    from bot.cli.main import root_folder

    set_up_logs("ERROR")
    root = root_folder()
    return root, read_settings(root)


def _models(root: Path, settings: Settings) -> tuple[Knowledge, Models]:
    """What is known and the models in use; on standard error what is learned anew, and what was refused."""
    from bot.app import open_models

    return open_models(root, settings, lambda line: print(f"  {line}", file=sys.stderr, flush=True))


@evaluate.callback()
def _evaluate() -> None:
    """Measure understanding on a file."""


def ask(question: str, as_json: AsJson = False, voice: Voice = False) -> None:
    """Put one question to the search: outcome, duties with probabilities, office, list version."""
    root, settings = _installation()
    know, _ = _models(root, settings)
    finding = know.search.find(know.listener.plain(question, voice), (), voice)
    duties = [
        {
            "duty": candidate.duty,
            "probability": round(candidate.probability, 4),
            "name": know.duty_list.duties[candidate.duty].name.model_dump(),
            "office": know.duty_list.duties[candidate.duty].office,
            "evidence": {name: round(value, 3) for name, value in candidate.evidence.items()},
        }
        for candidate in finding.candidates[:5]
    ]
    top = know.duty_list.office_of(finding.candidates[0].duty) if finding.candidates else None
    answer = {
        "question": question,
        "outcome": str(finding.outcome),
        "duties": duties,
        "office": {"key": top.key, "ours": top.ours, "name": top.name.model_dump(), "phone": top.phone}
        if top
        else None,
        "list_version": finding.list_version,
        "ms": round(finding.milliseconds, 2),
    }
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
        return
    print(f"{finding.outcome} (list {finding.list_version})")
    for row in duties[:3]:
        office = know.duty_list.offices[str(row["office"])].name
        name = know.duty_list.duties[str(row["duty"])].name
        print(f"  {row['probability']:.2f}  {row['duty']}  {name.zh} / {name.en}  —  {office.zh} / {office.en}")


def parse(text: str, as_json: AsJson = False, voice: Voice = False) -> None:
    """Show what was understood: language, intent, probability, cleaned text, emergency."""
    from nlu.text.script import language_of, script_of

    root, settings = _installation()
    know, models = _models(root, settings)
    clean = know.listener.plain(text, voice)
    emergency = know.emergency_in(text, voice)
    intent, probability, ranking = ("emergency", 1.0, []) if emergency else _parse_all(models, [clean])[0]
    understood = {
        "text": text,
        "language": language_of(text),
        "script": script_of(text),
        "intent": intent,
        "probability": round(probability, 4),
        "ranking": ranking,
        "clean": clean,
        "emergency": emergency.key if emergency else None,
    }
    if as_json:
        print(json.dumps(understood, ensure_ascii=False))
        return
    for name, value in understood.items():
        print(f"{name:<12} {value}")


Parsed = tuple[str, float, list[tuple[str, float]]]


def _parse_all(models: Models, texts: list[str]) -> list[Parsed]:
    """The intents of texts, by the product's own Rasa, started for this; by the standby when Rasa is off."""
    results: list[Parsed] = []
    _with_rasa(models, lambda classify: results.extend(classify(text) for text in texts))
    return results


def _with_rasa(models: Models, use: Callable[[Callable[[str], Parsed]], None]) -> None:
    from bot.nlu.client import RasaClient
    from bot.nlu.process import RasaProcess, launcher_command

    root = models.root
    if not models.settings.rasa:
        model = models.understanding.standby()

        def by_standby(text: str) -> Parsed:
            ranked = model.classify(text)
            return ranked[0][0], ranked[0][1], ranked[:3]

        use(by_standby)
        return
    trained = models.rasa_model()
    with asyncio.Runner() as runner:
        process = RasaProcess(launcher_command(root, trained), root=root, actions_url="http://127.0.0.1:9/")
        client = RasaClient(process, deadline=30)

        def by_rasa(text: str) -> Parsed:
            parsed = runner.run(client.parse(text))
            ranking = [(each.name or "", round(each.confidence, 4)) for each in parsed.ranking]
            return parsed.intent.name or "nlu_fallback", parsed.intent.confidence, ranking

        try:
            runner.run(process.start())
            if not runner.run(process.wait_ready(120)):
                raise typer.Exit(1)
            use(by_rasa)
        finally:
            runner.run(client.aclose())
            runner.run(process.stop())


@evaluate.command()
def requests(file: Path, voice: Voice = False) -> None:
    """Score the search on rows `id, text, duty, also[], clear`."""
    from bot.evaluation.sets import request_rows
    from knowledge.search.evaluation import evaluate_requests

    know, _ = _models(*_installation())
    rows = request_rows(file, know.listener, voice)
    print(json.dumps(evaluate_requests(rows, know.search, know.duty_list, spoken=voice), ensure_ascii=False))


@evaluate.command()
def intents(file: Path, voice: Voice = False) -> None:
    """Score the intents on rows `id, text, intent`."""
    from bot.evaluation.intents import evaluate_intents, understood
    from bot.evaluation.sets import intent_rows

    rows = intent_rows(file)
    know, models = _models(*_installation())

    def score(classify: Callable[[str], Parsed]) -> None:
        intent_of = understood(know.emergencies, know.listener, lambda text: classify(text)[0], voice)
        print(json.dumps(evaluate_intents(rows, intent_of), ensure_ascii=False))

    _with_rasa(models, score)


@evaluate.command("all")
def every(
    sets: Annotated[
        list[Path] | None,
        typer.Option(exists=True, file_okay=False, help="Folder with sets; may be given more than once."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score every set of some folders: ../shared/eval where it is there, tests/eval and the street's own eval."""
    from bot.evaluation.every import Measured, evaluate_every, lines
    from bot.evaluation.sets import Kind, SetBroken, sets_in

    root, settings = _installation()
    usual = [root / "../shared/eval", root / "tests/eval", root / settings.street / "eval"]
    folders = sets or [folder for folder in usual if folder.is_dir()]
    found = sets_in(folders)
    if not found:
        raise SetBroken(f"No set was found in {', '.join(map(str, folders)) or 'the usual folders'}.")
    know, models = _models(root, settings)
    measured: list[Measured] = []

    def score(classify: Callable[[str], Parsed]) -> None:
        measured.extend(evaluate_every(found, know, lambda text: classify(text)[0]))

    if any(each.kind is Kind.INTENTS for each in found):
        _with_rasa(models, score)
    else:
        measured = evaluate_every(found, know, lambda text: "")
    to_read = [str(each.file) for each in found if each.kind is Kind.DIALOGUES]
    if as_json:
        whole = {"list_version": know.duty_list.version, "sets": [each.as_row() for each in measured]}
        print(json.dumps({**whole, "to_read": to_read}, ensure_ascii=False))
        return
    print("\n".join(lines(measured)))
    for file in to_read:
        print(f"To be read by a person: jietong eval dialogues {file}")


@evaluate.command()
def dialogues(file: Path, rasa: Annotated[bool, typer.Option(help="With Rasa, or the standby alone.")] = True) -> None:
    """Play each dialogue of a file on a fresh database and print replies and what exists at the end, as JSON."""
    from actions.store.desk import Desk
    from actions.store.store import Store
    from bot.cli.server import ServerChild
    from bot.evaluation.dialogues import outcome, play

    root, settings = _installation()
    know, _ = _models(root, settings)
    results = []
    for dialogue in read_yaml(file):
        server = ServerChild(root, rasa=rasa)
        try:
            server.start()
            turns = play(dialogue, server, know.duty_list.street, know.gazetteer)
            store = Store(server.database)
            result = outcome(Desk(store, know.duty_list, know.words))
            store.close()
        finally:
            server.stop()
        named = {key: dialogue.get(key) for key in ("name", "channel", "language", "final")}
        results.append({**named, "turns": turns, **result})
    print(json.dumps(results, ensure_ascii=False, indent=1, default=str))
