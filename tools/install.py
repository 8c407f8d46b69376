"""Installs what Jietong runs on: `python3 -m tools.install [--dev] [--rasa]`, as `make up` and `make test` do.

Two environments in this folder: `.venv` for the product, `nlu/.venv` for Rasa. What is already there is left alone
(a second run takes a fraction of a second), what was left half made is made anew. Needs nothing but the standard
library of any Python from 3.8 on; the environments themselves are made with a Python 3.11, which it looks for.
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from tools.environments import Environment, Installation
from tools.pip_run import Children
from tools.pythons import Python, find_python
from tools.said import Progress, Stop

ROOT = Path(__file__).resolve().parent.parent
GIGABYTE = 1e9
INTERRUPTED = 130


def environments(root: Path, *, dev: bool, rasa: bool) -> list[Environment]:
    """What must be there for what was asked."""
    pins = root / "requirements"
    contents = {"main": pins / "main.txt", **({"dev": pins / "dev.txt"} if dev else {})}
    wanted = [Environment("Jietong", root, ".venv", contents, ours=True, gigabytes=2.4)]
    if rasa:
        sealed = {"rasa": root / "nlu" / "requirements.txt"}
        options = ("--no-deps", "--ignore-requires-python")
        wanted.append(Environment("Rasa", root, "nlu/.venv", sealed, options=options, gigabytes=1.0))
    return wanted


def check_room(root: Path, missing: Sequence[Environment], free: int | None = None) -> None:
    """Raises Stop when what is to be made anew cannot fit, or may not be written."""
    if not os.access(root, os.W_OK):
        raise Stop(f"{root} may not be written by this user: copy the checkout to a folder of your own.")
    need = sum(each.gigabytes for each in missing if not each.path.exists())
    free_gigabytes = (shutil.disk_usage(root).free if free is None else free) / GIGABYTE
    if free_gigabytes < need:
        raise Stop(f"The disk is too full: {need:.1f} GB are needed in {root} and {free_gigabytes:.1f} GB are free.")


def install_missing(root: Path, wanted: Sequence[Environment], progress: Progress) -> bool:
    """Brings every environment up to date, at the same time; whether there was anything to do. Raises Stop."""
    missing = [each for each in wanted if not each.is_current]
    if not missing:
        return False
    check_room(root, missing)
    python = find_python()
    progress.note(f"Installing with Python {'.'.join(map(str, python.version))}. This is done once and takes minutes.")
    with one_at_a_time(root, progress):
        _install_together([each for each in missing if not each.is_current], python, progress)
    return True


def _install_together(missing: Sequence[Environment], python: Python, progress: Progress) -> None:
    children = Children()
    with ThreadPoolExecutor(max_workers=len(missing) or 1) as workers:
        try:
            for finished in as_completed(
                [workers.submit(Installation(each, python, progress, children).run) for each in missing]
            ):
                finished.result()
        except BaseException:
            children.end()
            raise


@contextmanager
def one_at_a_time(root: Path, progress: Progress) -> Iterator[None]:
    """Waits for another installation of the same checkout to end."""
    (root / "var").mkdir(exist_ok=True)
    with (root / "var" / "install.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            progress.now("Waiting", "another installation is at work here")
            fcntl.flock(lock, fcntl.LOCK_EX)
            progress.done("Waiting", "the other installation ended")
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Installs, or says in a sentence why it cannot; an exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.install", description="Installs what Jietong runs on.")
    parser.add_argument("--dev", action="store_true", help="also what the tests and the linters need")
    parser.add_argument("--rasa", action="store_true", help="also Rasa's own environment")
    asked = parser.parse_args(arguments)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    try:
        with Progress() as progress:
            install_missing(ROOT, environments(ROOT, dev=asked.dev, rasa=asked.rasa), progress)
    except Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was left half made will be made anew.\n")
        return INTERRUPTED
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        sys.stderr.write("The disk is full.\n" if full else f"{error.filename}: {os.strerror(error.errno or 0)}.\n")
        return 1
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
