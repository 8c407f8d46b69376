"""`jietong staff`: cases, the queue for a person and alerts, from the command line."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from actions.cases.case import Case, IllegalMove, State
from actions.cases.deadline import SHANGHAI
from actions.store.desk import Desk
from actions.store.store import Store
from actions.words import Words
from bot.settings import read_settings

app = typer.Typer(no_args_is_help=True)
By = Annotated[str, typer.Option(help="Who does this; by default your login name.")]


def _desk() -> Desk:
    from bot.app import database_url
    from bot.cli.main import root_folder
    from knowledge.duty_list import read_duty_list

    root: Path = root_folder()
    settings = read_settings(root)
    store = Store(database_url(root, settings))
    store.migrate()
    return Desk(store, read_duty_list(root / settings.street), Words.read())


@app.command()
def cases(
    office: Annotated[str, typer.Option(help="Only this office (its key).")] = "",
    state: Annotated[str, typer.Option(help=f"Only this state: {', '.join(State)}.")] = "",
) -> None:
    """List cases, newest first."""
    for case in _desk().cases(office, state):
        print(_line(case))


@app.command()
def show(number: str) -> None:
    """Show one case with its history."""
    desk = _desk()
    found = [case for case in desk.cases() if case.number.replace("-", "") == number.replace("-", "")]
    if not found:
        print(f"No case {number}.")
        raise typer.Exit(1)
    case = found[0]
    print(_line(case))
    print(
        f"what    {case.what}\nplace   {case.place}\ncontact {desk.contact(case.number) if not case.anonymous else 'unnamed'}"
    )
    print(f"office  {case.office}  community {case.community or '-'}  duty {case.duty} (list {case.list_version})")
    for happening in case.history:
        print(f"  {_clock(happening.at)}  {happening.kind:<10} {happening.by:<12} {happening.note}")


@app.command()
def move(
    number: str, state: State, note: Annotated[str, typer.Option(help="A word for the resident.")] = "", by: By = ""
) -> None:
    """Move a case on; the resident is told."""
    try:
        case = _desk().move(_dashed(number), state, by or getpass.getuser(), note, datetime.now(UTC))
    except IllegalMove as problem:
        print(f"{number}: {problem}")
        raise typer.Exit(1) from None
    except LookupError:
        print(f"No case {number}.")
        raise typer.Exit(1) from None
    print(_line(case))


@app.command()
def note(number: str, words: str, by: By = "") -> None:
    """Add a word to a case; the resident is told."""
    try:
        print(_line(_desk().note(_dashed(number), by or getpass.getuser(), words, datetime.now(UTC))))
    except LookupError:
        print(f"No case {number}.")
        raise typer.Exit(1) from None


@app.command()
def waiting() -> None:
    """Who waits for a person, longest first."""
    for talk in _desk().waiting():
        print(
            f"{talk.id:>4}  {_clock(talk.asked_at)}  {talk.reason:<14} {talk.summary.get('language', '')}  {talk.summary.get('words', '')}"
        )


@app.command()
def alerts(ended: Annotated[bool, typer.Option("--all", help="The ended ones too.")] = False) -> None:
    """Alerts: red, yellow, blue."""
    for alert in _desk().alerts(ended=ended):
        print(
            f"{alert.colour:<7} {_clock(alert.raised_at)}  {alert.kind}  {alert.detail.get('emergency', '')} {alert.detail.get('place', '')}"
        )


def _line(case: Case) -> str:
    due = _clock(case.due_at) if case.due_at else "-"
    urgent = "!" if case.urgent else " "
    return f"{case.number} {urgent} {case.state:<10} {case.duty}  {case.office:<11} due {due}  {case.place} · {case.what[:40]}"


def _dashed(number: str) -> str:
    digits = "".join(ch for ch in number if ch.isdigit())
    return f"{digits[:3]}-{digits[3:]}"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"
