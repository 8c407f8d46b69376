"""`jietong`: its commands, and one clear sentence for whatever can go wrong before they begin."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import typer

from bot.cli import measure, run, staff
from bot.evaluation.sets import SetBroken
from bot.settings import ConfigBroken
from knowledge.duty_list import DataMistakes
from nlu.training import TrainingFailed

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Jietong 街通: the conversational front door of a sub-district office.",
)
run.add_commands(app)
measure.add_commands(app)
app.add_typer(staff.app, name="staff", help="What staff do from the command line: cases, the queue, alerts.")


def root_folder() -> Path:
    """The installation: `JIETONG_ROOT`, or the folder that holds this code."""
    return Path(os.environ.get("JIETONG_ROOT") or Path(__file__).resolve().parents[2])


def main() -> None:
    """Run the command line; failures that an operator can mend are one sentence, without a traceback."""
    try:
        app()
    except (ConfigBroken, TrainingFailed, SetBroken, run.CannotStart) as problem:
        _fail(str(problem))
    except DataMistakes as mistakes:
        _fail(f"The street's data has {len(mistakes.mistakes)} mistakes:\n{mistakes}")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            _fail("The disk is full. Free some space and start again; nothing that was acknowledged is lost.")
        raise


def _fail(sentence: str) -> None:
    print(f"jietong: {sentence}", file=sys.stderr)
    raise SystemExit(2)
