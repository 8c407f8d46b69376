"""One virtual environment with exact contents: made, brought up to date, or found to be as it should.

Two small files inside it tell its state. ``jietong-installed.json`` says what was installed, by content; it is written
last. ``jietong-unfinished`` is there from the first change to the last: an environment that has it was interrupted, is
not trusted by anything, and is made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from tools.pip_run import PIP_OPTIONS, Children, PipProgress, count_pins, run
from tools.pythons import WANTED, Python, ask
from tools.said import Progress, Stop

INSTALLED = "jietong-installed.json"
UNFINISHED = "jietong-unfinished"
OUR_SECTIONS = re.compile(r"\[(build-system|project|project\..+|tool\.setuptools.*)\]")
"""The parts of pyproject.toml that an installation depends on."""


class Environment(NamedTuple):
    """What stands where. ``contents``: name of a set and its requirement files, installed in this order."""

    title: str
    root: Path
    folder: str
    contents: dict[str, Path]
    options: tuple[str, ...] = ()
    ours: bool = False
    """Whether our own package goes in too, so that .venv/bin has `jietong`."""
    gigabytes: float = 0.0
    """How much disk a new one takes, measured with the CPU build of torch."""

    @property
    def path(self) -> Path:
        """The environment's folder."""
        return self.root / self.folder

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.path / "bin" / "python"

    @property
    def is_current(self) -> bool:
        """Whether it has all that it should, finished, in this very place."""
        stamp = self._stamp()
        return self.python.exists() and all(stamp.get(name) == value for name, value in self.wanted.items())

    @property
    def must_be_new(self) -> bool:
        """Whether what is there cannot be built upon: nothing, half of something, another Python's, moved here."""
        if not self.python.exists() or (self.path / UNFINISHED).exists():
            return True
        if self._stamp().get("place", str(self.path)) != str(self.path):
            return True
        python = ask(str(self.python))
        return python is None or python.version[:2] != WANTED or not list(self.packages.glob("pip-*.dist-info"))

    @property
    def wanted(self) -> dict[str, str]:
        """What the stamp says once all is there."""
        wanted = {"place": str(self.path)}
        if self.ours:
            wanted["package"] = _hash(_our_sections((self.root / "pyproject.toml").read_text(encoding="utf-8")))
        for name, file in self.contents.items():
            wanted[name] = _hash(file.read_text(encoding="utf-8"))
        return wanted

    def _stamp(self) -> dict[str, str]:
        if (self.path / UNFINISHED).exists():
            return {}
        try:
            stamp = json.loads((self.path / INSTALLED).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    @property
    def packages(self) -> Path:
        """Where its packages lie."""
        return self.path / "lib" / f"python{WANTED[0]}.{WANTED[1]}" / "site-packages"


class Installation:
    """Makes one environment what it should be. An interruption leaves it marked as unfinished."""

    def __init__(self, environment: Environment, python: Python, progress: Progress, children: Children) -> None:
        self._environment = environment
        self._python = python
        self._progress = progress
        self._children = children
        self._log = environment.root / "var" / "log" / f"install-{environment.title.lower()}.log"
        self._scratch = environment.path / "tmp"
        self._pip = [str(environment.python), "-I", "-m", "pip", "install", *PIP_OPTIONS]

    def run(self) -> None:
        """Does it all. Raises Stop."""
        environment = self._environment
        wanted = environment.wanted
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._log.unlink(missing_ok=True)
        if environment.must_be_new:
            self._make()
        (environment.path / UNFINISHED).touch()
        self._scratch.mkdir(exist_ok=True)
        self._fill()
        if environment.ours:
            self._add_ourselves()
        _remove(self._scratch)
        self._finish(wanted)
        self._progress.done(
            environment.title, f"{len(list(environment.packages.glob('*.dist-info')))} packages installed"
        )

    def _make(self) -> None:
        path = self._environment.path
        if path.exists():
            self._say("clearing away what was left half made")
            _remove(path)
        path.mkdir(parents=True)
        (path / UNFINISHED).touch()
        self._scratch.mkdir()
        self._say("making the environment")
        self._child([self._python.executable, "-m", "venv", str(path)])

    def _fill(self) -> None:
        files = list(self._environment.contents.values())
        counting = PipProgress(self._environment.packages, count_pins(files), self._say)
        requirements = [part for file in files for part in ("-r", str(file))]
        self._child([*self._pip, *self._environment.options, *requirements], counting)

    def _add_ourselves(self) -> None:
        self._say("adding Jietong itself")
        self._child([*self._pip, "--no-deps", "--no-build-isolation", "--editable", str(self._environment.root)])

    def _finish(self, wanted: dict[str, str]) -> None:
        path = self._environment.path
        unwritten = path / f"{INSTALLED}.new"
        unwritten.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        unwritten.replace(path / INSTALLED)
        (path / UNFINISHED).unlink()

    def _say(self, doing: str) -> None:
        self._progress.now(self._environment.title, doing)

    def _child(self, command: list[str], listener: PipProgress | None = None) -> None:
        run(
            command,
            children=self._children,
            what=f"installing packages into {self._environment.folder}",
            log=self._log,
            scratch=self._scratch,
            listener=listener,
        )


def _remove(path: Path) -> None:
    try:
        if path.exists():
            shutil.rmtree(path)
    except OSError as error:
        raise Stop(
            f"{error.filename} cannot be removed ({os.strerror(error.errno or 0)}): remove {path} and start again."
        ) from error


def _our_sections(pyproject: str) -> str:
    kept, keep = [], False
    for line in pyproject.splitlines():
        if line.startswith("["):
            keep = bool(OUR_SECTIONS.match(line))
        if keep:
            kept.append(line)
    return "\n".join(kept)


def _hash(text: str) -> str:
    """Changes with what a requirement file asks for, not with its comments."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
