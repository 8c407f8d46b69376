"""Writes requirements/main.txt and requirements/dev.txt from what .venv has: `make pins`, after a dependency changed.

pyproject.toml names what we use ourselves; these files add all that those need in turn, each at the version that is
installed and was tested. Run by .venv's own Python.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LEFT_TO_PIP = re.compile(r"nvidia-|cuda-|triton")
"""What the ordinary Linux build of torch needs and the CPU build does not: torch itself names their exact versions."""

OLDER_PYTHON = {"async-timeout": '5.0.1 ; python_full_version < "3.11.3"'}
"""What redis needs on Debian 12's Python 3.11.2 alone; it is not installed where these files are made."""

BUILD = "setuptools"
"""Builds our own editable package; pinned and used without isolation, so that nothing unpinned is ever fetched."""

MAIN_HEAD = """\
# All that .venv needs to run Jietong, each version exact. Made by `make pins`; do not edit by hand.
#
# `make up` installs it with `pip install -r requirements/main.txt`, then our own package with `--no-deps`.
# torch is named without a build: `torch==2.13.0` is satisfied by the CPU build (2.13.0+cpu) where pip is given one, and
# by the ordinary build elsewhere. That one brings its CUDA libraries along; torch names their exact versions itself, so
# pip finds them and they are not listed here.
"""
DEV_HEAD = """\
# What the tests and `make lint` need on top of main.txt, each version exact. Made by `make pins`; do not edit by hand.
"""


def closure(wanted: list[str]) -> dict[str, str]:
    """Name and version of every wanted distribution and of all that it needs, as installed here."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    open_needs = [(Requirement(need), "") for need in wanted]
    while open_needs:
        need, asked_extra = open_needs.pop()
        name = canonicalize_name(need.name)
        if need.marker and not need.marker.evaluate({"extra": asked_extra}):
            continue
        if LEFT_TO_PIP.match(name):
            continue
        distribution = metadata.distribution(name)
        found[name] = distribution.version.split("+")[0]
        for extra in {"", *need.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                open_needs += [(Requirement(line), extra) for line in distribution.requires or []]
    return found


def main() -> int:
    """Writes both files; an exit status."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    try:
        product = closure([BUILD, *project["dependencies"]])
        tests = closure(project["optional-dependencies"]["dev"])
    except metadata.PackageNotFoundError as missing:
        sys.stderr.write(f"{missing.name} is not installed in .venv: install it there, run the tests, then pin.\n")
        return 1
    _write("main.txt", MAIN_HEAD, product)
    tests = {**tests, **OLDER_PYTHON}
    _write("dev.txt", DEV_HEAD, {name: version for name, version in tests.items() if name not in product})
    return 0


def _write(name: str, head: str, pins: dict[str, str]) -> None:
    lines = "".join(f"{each}=={version}\n" for each, version in sorted(pins.items()))
    (ROOT / "requirements" / name).write_text(f"{head}\n{lines}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
