"""Runs pip (or venv) as a child, tells how far it is, and turns its last words into one sentence when it fails."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from tools.said import Stop

LISTEN_SECONDS = 0.5
PIP_OPTIONS = ("--no-input", "--disable-pip-version-check", "--progress-bar=off", "--compile")
"""Compiled now: where Python may write no bytecode, as in many containers, every start would compile it all again."""

NOT_PASSED_ON = (
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_USER",
    "PIP_REQUIRE_VIRTUALENV",
)
"""Settings of whoever calls that would lead packages to another place."""

_COLLECTING = re.compile(
    r"^(?:Collecting |Requirement already satisfied: |Processing \S*/)([A-Za-z0-9]+(?:[._-][A-Za-z][A-Za-z0-9]*)*)"
)
_FETCHING = re.compile(r"^\s+(?:Downloading|Using cached) (\S+?)-[\d.]\S* \(([\d.]+) ([kMG]B)\)")
_INSTALLING = re.compile(r"^Installing collected packages: (.+)$")
_NO_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeoutError|ReadTimeoutError|Max retries exceeded|name resolution|Name or service not known|"
    r"nodename nor servname|Network is unreachable|ProxyError|SSLError|Connection refused|connection broken|Could not fetch URL"
)
_DISK_FULL = re.compile(r"No space left on device|Errno 28|Disk quota exceeded|Errno 122")
_NO_SUCH = re.compile(r"No matching distribution found for (\S+)")


class PipProgress:
    """What pip's lines and the growing folder say of how far it is."""

    def __init__(self, packages_folder: Path, expected: int, tell: Callable[[str], None]) -> None:
        self._folder = packages_folder
        self._expected = expected
        self._tell = tell
        self._collected: set[str] = set()
        self._installing: set[str] = set()
        self._doing = "asking for packages"
        self._since = time.time()

    def line(self, line: str) -> None:
        """Takes one line of pip's; an empty one when it was silent for a while."""
        collecting, fetching, installing = _COLLECTING.match(line), _FETCHING.match(line), _INSTALLING.match(line)
        if collecting:
            self._collected.add(canonical(collecting[1]))
            self._doing = f"collecting {collecting[1]}"
        elif fetching:
            self._doing = f"fetching {fetching[1]} ({fetching[2]} {fetching[3]})"
        elif installing:
            self._installing = {canonical(name) for name in installing[1].split(", ")}
            self._since = time.time()
        elif "Retrying (Retry(" in line:
            self._doing = "no answer from the package registry, trying again"
        self._look()

    def _look(self) -> None:
        if self._installing:
            there = self._installed()
            self._tell(f"installing, {there}/{len(self._installing)} packages")
        else:
            total = max(self._expected, len(self._collected))
            self._tell(f"{self._doing}, {len(self._collected)}/{total} packages")

    def _installed(self) -> int:
        there = set()
        for entry in self._folder.glob("*.dist-info/RECORD"):
            name = canonical(entry.parent.name[: -len(".dist-info")].rsplit("-", 1)[0])
            if name in self._installing and entry.stat().st_mtime >= self._since - 1:
                there.add(name)
        return len(there)


def canonical(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Children:
    """The processes that are at work for us. ``end`` kills them, with all that they started, and lets no new one start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._ended = False

    def start(self, command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        """Starts one, in a process group of its own. Raises Stop after ``end``."""
        with self._lock:
            if self._ended:
                raise Stop("Stopped.")
            child = subprocess.Popen(  # noqa: S603 - the command is ours
                list(command),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            self._running.add(child)
            return child

    def wait(self, child: subprocess.Popen[str]) -> int:
        """The exit code of a child that has closed its output."""
        code = child.wait()
        if child.stdout is not None:
            child.stdout.close()
        with self._lock:
            self._running.discard(child)
        return code

    def end(self) -> None:
        """Ends them all; comes back when they are gone."""
        with self._lock:
            self._ended = True
            for child in self._running:
                try:
                    os.killpg(child.pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    child.kill()
            for child in self._running:
                child.wait()


def run(
    command: Sequence[str],
    *,
    children: Children,
    what: str,
    log: Path,
    scratch: Path,
    listener: PipProgress | None = None,
) -> None:
    """Runs ``command`` to its end. Raises Stop, one sentence, when it fails; all that it said is in ``log``.

    ``scratch`` is where it may put temporary files: beside the environment, since /tmp can be small.
    """
    environment = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    environment.update(TMPDIR=str(scratch), PYTHONUNBUFFERED="1", PYTHONNOUSERSITE="1", PYTHONUTF8="1")
    said = []
    child = children.start(command, environment)
    assert child.stdout is not None  # noqa: S101 - asked for by start
    with log.open("a", encoding="utf-8") as record:
        record.write(f"$ {' '.join(command)}\n")
        for line in _lines(child.stdout):
            if line is not None:
                record.write(f"{line}\n")
                said.append(line)
            if listener is not None:
                listener.line(line or "")
    if children.wait(child) != 0:
        raise Stop(why_it_failed(what, said, log))


def why_it_failed(what: str, said: Sequence[str], log: Path) -> str:
    """One sentence for a failed child, from what it said."""
    text = "\n".join(said)
    no_such = _NO_SUCH.search(text)
    if _DISK_FULL.search(text):
        return f"The disk is full: {what} could not be finished. Make room and start again."
    if _NO_NETWORK.search(text):
        return f"The package registry cannot be reached: {what} needs the network. All that was said is in {log}"
    if no_such:
        return (
            f"There is no package {no_such[1]} for this machine in the package registry, so {what} stopped. See {log}"
        )
    if "Permission denied" in text:
        return f"A file may not be written: {what} stopped. See {log}"
    last = next((line for line in reversed(said) if line.startswith("ERROR")), said[-1] if said else "it said nothing")
    return f"{what[:1].upper()}{what[1:]} failed: {last.replace('ERROR: ', '')} All that was said is in {log}"


def _lines(output: IO[str]) -> Iterator[str | None]:
    """The child's lines as they come, and None whenever it has been silent for a moment."""
    heard: queue.Queue[str | None] = queue.Queue()

    def listen() -> None:
        for line in output:
            heard.put(line.rstrip())
        heard.put(None)

    threading.Thread(target=listen, name="child-output", daemon=True).start()
    while True:
        try:
            line = heard.get(timeout=LISTEN_SECONDS)
        except queue.Empty:
            yield None
            continue
        if line is None:
            return
        yield line


def count_pins(files: Sequence[Path]) -> int:
    """How many packages the requirement files name."""
    return sum(
        1 for file in files for line in file.read_text(encoding="utf-8").splitlines() if "==" in line and line[0] != "#"
    )
