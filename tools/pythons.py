"""Finds a Python 3.11 on this machine that can make environments."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tools.said import Stop

WANTED = (3, 11)

HOW_TO_GET_ONE = (
    "Install it (Debian 12: sudo apt install python3.11 python3.11-venv; with pyenv: pyenv install 3.11), "
    "or name one: make up PYTHON=/path/to/python3.11"
)

_ASK = """
import json, sys
answer = {"version": sys.version_info[:3], "executable": sys.executable, "missing": ""}
try:
    import venv
    import ensurepip
    ensurepip.version()
except ModuleNotFoundError as error:
    answer["missing"] = error.name
except Exception:
    answer["missing"] = "ensurepip"
print(json.dumps(answer))
"""
"""Debian keeps ensurepip in a package of its own, python3.11-venv: a plain Python can start without it."""


class Python(NamedTuple):
    """An interpreter that answered. ``missing``: the module that it lacks for making environments, or nothing."""

    executable: str
    version: tuple[int, ...]
    missing: str

    @property
    def is_wanted(self) -> bool:
        """Whether its version is the one that Jietong runs on."""
        return self.version[:2] == WANTED


def find_python(environment: Mapping[str, str] | None = None) -> Python:
    """A Python 3.11 with venv: the one that PYTHON names, else the first that is found. Raises Stop."""
    environment = os.environ if environment is None else environment
    named = environment.get("PYTHON", "")
    if named:
        return _checked(named)
    incomplete = None
    for candidate in _candidates(environment):
        python = ask(candidate)
        if python is None or not python.is_wanted:
            continue
        if not python.missing:
            return python
        incomplete = incomplete or python
    if incomplete is not None:
        raise Stop(_lacks(incomplete))
    raise Stop(f"Jietong needs Python 3.11 and none was found. {HOW_TO_GET_ONE}")


def ask(executable: str) -> Python | None:
    """What the interpreter says of itself; None when it does not start."""
    try:
        answer = subprocess.run(  # noqa: S603 - an interpreter of this machine, our own question
            [executable, "-I", "-c", _ASK], capture_output=True, text=True, timeout=30, check=True
        )
        told = json.loads(answer.stdout)
        return Python(told["executable"], tuple(told["version"]), told["missing"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None


def _checked(named: str) -> Python:
    python = ask(shutil.which(named) or named)
    if python is None:
        raise Stop(f"PYTHON={named} does not start. {HOW_TO_GET_ONE}")
    if not python.is_wanted:
        version = ".".join(map(str, python.version))
        raise Stop(f"PYTHON={named} is Python {version}, and Jietong needs 3.11. {HOW_TO_GET_ONE}")
    if python.missing:
        raise Stop(_lacks(python))
    return python


def _lacks(python: Python) -> str:
    return (
        f"{python.executable} cannot make environments: its module {python.missing} is missing. "
        "On Debian and Ubuntu: sudo apt install python3.11-venv"
    )


def _candidates(environment: Mapping[str, str]) -> Iterable[str]:
    """Where a Python 3.11 may be, likeliest first, each once."""
    if sys.version_info[:2] == WANTED:
        yield sys.executable
    folders = [Path(each) for each in environment.get("PATH", "").split(os.pathsep) if each]
    pyenv = Path(environment.get("PYENV_ROOT") or Path(environment.get("HOME", "/nonexistent")) / ".pyenv")
    versions = sorted(pyenv.glob("versions/3.11*/bin"), reverse=True)
    usual = [Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/homebrew/bin")]
    seen = {sys.executable} if sys.version_info[:2] == WANTED else set()
    for name, places in (("python3.11", [*folders, *versions, *usual]), ("python3", folders), ("python", folders)):
        for place in places:
            path = str(place / name)
            if path not in seen and os.access(path, os.X_OK):
                seen.add(path)
                yield path
