"""Installing: what is there is left alone, what is half made is not trusted, what cannot be done is said in a sentence."""

import ast
import io
import json
import re
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import pytest

from tools import install
from tools.environments import INSTALLED, UNFINISHED, Environment, Installation
from tools.pip_run import Children, PipProgress, run, why_it_failed
from tools.pythons import Python, ask, find_python
from tools.said import Progress, Stop

ROOT = Path(__file__).resolve().parents[2]
LOG = Path("var/log/install.log")


def fake_python(folder: Path, name: str, version: tuple[int, int, int], missing: str = "") -> Path:
    """A program that answers our question as such an interpreter would."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    told = json.dumps({"version": version, "executable": str(program), "missing": missing})
    program.write_text(f"#!/bin/sh\necho '{told}'\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture
def no_other_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test puts on PATH is to be found."""
    monkeypatch.setattr("tools.pythons.WANTED", (3, 77))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one requirement file and our package's own."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "main.txt").write_text("# why\nalpha==1.0\nbeta==2.0\n", encoding="utf-8")
    (tmp_path / "requirements" / "dev.txt").write_text("gamma==3.0\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.ruff]\nline-length = 1\n', encoding="utf-8")
    return tmp_path


def the_environment(checkout: Path, *, dev: bool = False) -> Environment:
    return install.environments(checkout, dev=dev, rasa=False)[0]


def installed(environment: Environment) -> Environment:
    """The environment as a finished installation leaves it, without any package."""
    environment.python.parent.mkdir(parents=True)
    environment.python.symlink_to(sys.executable)
    pip = environment.packages / "pip-23.0.dist-info"
    pip.mkdir(parents=True)
    (environment.path / INSTALLED).write_text(json.dumps(environment.wanted), encoding="utf-8")
    return environment


class TestFindingPython:
    def test_the_first_complete_one_on_the_path_is_taken(self, tmp_path: Path, no_other_python: None) -> None:
        fake_python(tmp_path / "a", "python3", (3, 12, 1))
        fake_python(tmp_path / "b", "python3", (3, 77, 2), missing="ensurepip")
        good = fake_python(tmp_path / "c", "python3", (3, 77, 4))
        path = ":".join(str(tmp_path / each) for each in "abc")
        assert find_python({"PATH": path}).executable == str(good)

    def test_a_pyenv_version_is_found_although_it_is_not_on_the_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good = fake_python(tmp_path / "versions" / "3.11.99" / "bin", "python3.11", (3, 11, 99))
        monkeypatch.setattr("tools.pythons.sys.version_info", (3, 12, 0))
        assert find_python({"PATH": "/nowhere", "PYENV_ROOT": str(tmp_path)}).executable == str(good)

    def test_none_at_all_is_said_with_how_to_get_one(self, no_other_python: None) -> None:
        with pytest.raises(Stop, match=r"needs Python 3\.11 and none was found.*apt install python3\.11"):
            find_python({"PATH": "/nowhere"})

    def test_debians_python_without_venv_is_said_with_the_package_that_lacks(
        self, tmp_path: Path, no_other_python: None
    ) -> None:
        fake_python(tmp_path, "python3", (3, 77, 2), missing="ensurepip")
        with pytest.raises(Stop, match=r"ensurepip is missing.*apt install python3\.11-venv"):
            find_python({"PATH": str(tmp_path)})

    @pytest.mark.parametrize(
        ("version", "missing", "said"),
        [((3, 10, 1), "", "is Python 3.10.1, and Jietong needs 3.11"), ((3, 11, 2), "venv", "python3.11-venv")],
    )
    def test_a_named_python_that_will_not_do_is_refused(
        self, tmp_path: Path, version: tuple[int, int, int], missing: str, said: str
    ) -> None:
        named = fake_python(tmp_path, "mine", version, missing)
        with pytest.raises(Stop, match=said):
            find_python({"PYTHON": str(named), "PATH": ""})

    def test_a_named_python_that_does_not_start_is_said(self) -> None:
        with pytest.raises(Stop, match="PYTHON=/nowhere/python does not start"):
            find_python({"PYTHON": "/nowhere/python", "PATH": ""})

    def test_a_real_interpreter_answers(self) -> None:
        python = ask(sys.executable)
        assert python is not None and python.version == sys.version_info[:3]


class TestStamps:
    def test_a_finished_environment_is_current(self, checkout: Path) -> None:
        environment = installed(the_environment(checkout))
        assert environment.is_current
        assert not environment.must_be_new

    def test_nothing_is_started_when_all_is_current(self, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(install, "find_python", lambda: pytest.fail("looked for a Python"))
        assert not install.install_missing(checkout, [installed(the_environment(checkout))], Progress(io.StringIO()))

    def test_a_comment_or_a_linters_setting_changes_nothing(self, checkout: Path) -> None:
        environment = installed(the_environment(checkout))
        (checkout / "requirements" / "main.txt").write_text("alpha==1.0\n\nbeta==2.0\n", encoding="utf-8")
        (checkout / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.ruff]\n', encoding="utf-8")
        assert environment.is_current

    @pytest.mark.parametrize(
        ("file", "text"), [("requirements/main.txt", "alpha==1.1\n"), ("pyproject.toml", "[project]\n")]
    )
    def test_another_version_or_another_package_of_ours_is_installed_over_it(
        self, checkout: Path, file: str, text: str
    ) -> None:
        environment = installed(the_environment(checkout))
        (checkout / file).write_text(text, encoding="utf-8")
        assert not environment.is_current
        assert not environment.must_be_new

    def test_the_tests_packages_are_asked_for_only_when_wanted(self, checkout: Path) -> None:
        installed(the_environment(checkout))
        assert not the_environment(checkout, dev=True).is_current
        (checkout / ".venv" / INSTALLED).write_text(json.dumps(the_environment(checkout, dev=True).wanted), "utf-8")
        assert the_environment(checkout).is_current

    def test_a_half_made_environment_is_made_anew(self, checkout: Path) -> None:
        environment = installed(the_environment(checkout))
        (environment.path / UNFINISHED).touch()
        assert not environment.is_current
        assert environment.must_be_new

    def test_an_environment_whose_python_is_gone_is_made_anew(self, checkout: Path) -> None:
        environment = installed(the_environment(checkout))
        environment.python.unlink()
        environment.python.symlink_to("/nowhere/python3.11")
        assert not environment.is_current
        assert environment.must_be_new

    def test_an_environment_that_was_moved_is_made_anew(self, checkout: Path) -> None:
        installed(the_environment(checkout))
        elsewhere = checkout / "elsewhere"
        elsewhere.mkdir()
        for name in ("pyproject.toml", "requirements", ".venv"):
            (checkout / name).rename(elsewhere / name)
        assert not the_environment(elsewhere).is_current
        assert the_environment(elsewhere).must_be_new

    def test_a_damaged_stamp_is_not_believed(self, checkout: Path) -> None:
        environment = installed(the_environment(checkout))
        (environment.path / INSTALLED).write_text("{", encoding="utf-8")
        assert not environment.is_current


class TestInstalling:
    def test_an_interrupted_installation_is_not_believed_by_the_next(
        self, checkout: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        environment = installed(the_environment(checkout))
        (checkout / "requirements" / "main.txt").write_text("alpha==9\n", encoding="utf-8")

        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("tools.environments.run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Installation(environment, Python("python", (3, 11, 2), ""), Progress(io.StringIO()), Children()).run()
        assert environment.must_be_new

    def test_a_change_of_the_list_while_it_is_installed_is_seen_by_the_next(
        self, checkout: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        environment = installed(the_environment(checkout))

        def edits_the_list(*_: object, **__: object) -> None:
            (checkout / "requirements" / "main.txt").write_text("alpha==9\n", encoding="utf-8")

        monkeypatch.setattr("tools.environments.run", edits_the_list)
        Installation(environment, Python("python", (3, 11, 2), ""), Progress(io.StringIO()), Children()).run()
        assert not environment.is_current
        assert not environment.must_be_new

    def test_too_small_a_disk_is_said_before_anything_is_fetched(self, checkout: Path) -> None:
        with pytest.raises(Stop, match=r"disk is too full: 2\.4 GB are needed in .* and 1\.0 GB are free"):
            install.check_room(checkout, [the_environment(checkout)], free=10**9)

    def test_a_folder_that_may_not_be_written_is_said(self, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tools.install.os.access", lambda *_: False)
        with pytest.raises(Stop, match="may not be written"):
            install.check_room(checkout, [the_environment(checkout)])

    @pytest.mark.parametrize("failure", [Stop("One clear sentence."), OSError(28, "No space left on device")])
    def test_a_failure_is_one_line_and_an_exit_status(
        self, failure: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fails(*_: object) -> None:
            raise failure

        monkeypatch.setattr(install, "install_missing", fails)
        monkeypatch.setattr("tools.install.signal.signal", lambda *_: None)
        assert install.main([]) == 1
        said = capsys.readouterr().err
        assert said in ("One clear sentence.\n", "The disk is full.\n")

    def test_a_child_and_its_own_children_are_gone_after_the_end(self, tmp_path: Path) -> None:
        children = Children()
        command = ["sh", "-c", "sleep 60 & echo $!; wait"]
        failed: list[Stop] = []

        def work() -> None:
            try:
                run(command, children=children, what="waiting", log=tmp_path / "log", scratch=tmp_path)
            except Stop as stop:
                failed.append(stop)

        worker = threading.Thread(target=work)
        worker.start()
        log = tmp_path / "log"
        give_up = time.monotonic() + 10
        while not children._running and time.monotonic() < give_up:
            time.sleep(0.01)
        time.sleep(0.2)
        children.end()
        worker.join(timeout=10)
        assert failed
        sleeper = log.read_text(encoding="utf-8").split()[-1]
        status = Path(f"/proc/{sleeper}/stat")
        assert not status.exists() or status.read_text().split()[2] == "Z"
        with pytest.raises(Stop):
            children.start(command, {})


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("OSError: [Errno 28] No space left on device", "The disk is full"),
            ("NewConnectionError: Failed to establish a new connection", "package registry cannot be reached"),
            (
                "ERROR: No matching distribution found for torch==2.13.0",
                "There is no package torch==2.13.0 for this machine",
            ),
            ("PermissionError: [Errno 13] Permission denied: 'x'", "A file may not be written"),
            ("ERROR: something new", "Installing x failed: something new"),
        ],
    )
    def test_pips_last_words_become_one_sentence(self, line: str, sentence: str) -> None:
        assert sentence in why_it_failed("installing x", ["Collecting x", line], LOG)

    def test_pips_lines_become_how_far_it_is(self, tmp_path: Path) -> None:
        told: list[str] = []
        progress = PipProgress(tmp_path, 2, told.append)
        progress.line("Collecting psycopg[binary]==3.3.9 (from -r main.txt)")
        progress.line("  Downloading torch-2.13.0-cp311-cp311-manylinux.whl (190.1 MB)")
        progress.line("Processing ./some/ruamel.yaml-0.18-py3-none-any.whl")
        progress.line("Installing collected packages: psycopg, ruamel.yaml")
        for folder in ("psycopg-3.3.9", "other-1.0"):
            (tmp_path / f"{folder}.dist-info").mkdir()
            (tmp_path / f"{folder}.dist-info" / "RECORD").touch()
        progress.line("")
        assert told[0] == "collecting psycopg, 1/2 packages"
        assert told[1] == "fetching torch (190.1 MB), 1/2 packages"
        assert told[2].endswith("2/2 packages")
        assert told[-2:] == ["installing, 0/2 packages", "installing, 1/2 packages"]

    def test_off_a_terminal_a_silent_step_is_still_heard(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tools.said.HEARTBEAT_SECONDS", 0.0)
        monkeypatch.setattr("tools.said.REDRAW_SECONDS", 0.01)
        out = io.StringIO()
        with Progress(out) as progress:
            progress.now("Rasa", "installing, 1/2 packages")
            time.sleep(0.2)
            progress.done("Rasa", "2 packages installed")
        assert re.search(r"(?m)^Rasa: installing, 1/2 packages, 0 s$", out.getvalue())
        assert out.getvalue().endswith("Rasa: 2 packages installed (0 s)\n")


class TestPins:
    def test_every_line_is_exact_and_names_no_host(self) -> None:
        for name in ("requirements/main.txt", "requirements/dev.txt", "nlu/requirements.txt"):
            text = (ROOT / name).read_text(encoding="utf-8")
            pins = [line for line in text.splitlines() if line and not line.startswith("#")]
            wrong = [
                pin
                for pin in pins
                if not re.fullmatch(r"[A-Za-z0-9._-]+==[\w.]+(?: ; python_full_version < \"3\.11\.\d\")?", pin)
            ]
            assert wrong == []
            assert "://" not in text

    def test_our_own_dependencies_are_pinned_at_the_versions_that_we_name(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        pinned = {}
        for name in ("main.txt", "dev.txt"):
            for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines():
                if "==" in line and not line.startswith("#"):
                    package, _, version = line.partition(" ")[0].partition("==")
                    pinned[package] = version
        for wanted in project["dependencies"] + project["optional-dependencies"]["dev"]:
            package, _, version = re.sub(r"\[.*\]", "", wanted).partition("==")
            assert pinned.get(package.lower().replace("_", "-"), "nothing").startswith(version), (
                f"{wanted}: run make pins"
            )

    @pytest.mark.parametrize("path", sorted((ROOT / "tools").glob("*.py")), ids=lambda path: path.name)
    def test_the_installer_can_be_read_by_an_old_python(self, path: Path) -> None:
        if path.name != "pins.py":
            ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))

    def test_help_is_shown_by_any_python(self) -> None:
        shown = subprocess.run(
            [sys.executable, "-m", "tools.install", "--help"], cwd=ROOT, capture_output=True, text=True
        )
        assert shown.returncode == 0 and "--rasa" in shown.stdout
