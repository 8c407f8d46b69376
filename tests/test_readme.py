"""What the documents at the door say is so."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
BOTH = pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=lambda path: path.name)
SETTINGS_TABLE = re.compile(r"<!-- settings -->\n(.*?)<!-- /settings -->", re.DOTALL)
HEADS = {ENGLISH: "| setting | default | what it is |", CHINESE: "| 设置 | 默认值 | 含义 |"}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def section(readme: Path, number: int) -> str:
    return re.split(r"(?m)^## ", read(readme))[number]


def settings_rows(model: type[BaseModel] = Settings, prefix: str = "") -> list[tuple[str, str, str]]:
    """Name, default and help of every setting, as the README's table has them."""
    rows = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            rows += settings_rows(field.annotation, f"{prefix}{name}.")
        else:
            default = "" if field.default == "" else f"`{field.default}`"
            rows.append(
                (f"`{prefix}{name}`", default.lower() if field.annotation is bool else default, field.description)
            )
    return rows


def test_the_settings_table_is_the_settings_file_row_by_row() -> None:
    table = "".join(f"| {name} | {default} | {what} |\n" for name, default, what in settings_rows())
    found = SETTINGS_TABLE.search(read(ENGLISH))
    assert found and found[1] == f"{HEADS[ENGLISH]}\n| --- | --- | --- |\n{table}"


def test_the_chinese_settings_table_has_the_same_names_and_defaults() -> None:
    found = SETTINGS_TABLE.search(read(CHINESE))
    assert found
    rows = [tuple(cell.strip() for cell in line.split("|")[1:3]) for line in found[1].splitlines()[2:]]
    assert rows == [(name, default) for name, default, _ in settings_rows()]


@BOTH
def test_every_make_command_of_the_readme_is_in_the_makefile(readme: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", read(ROOT / "Makefile")))
    named = set(re.findall(r"(?:^ {4}|`)(?:JIETONG_\w+=\S+ )?make ([a-z-]+)", read(readme), re.MULTILINE))
    assert {"up", "chat", "test"} <= named
    assert named <= targets


def test_make_help_names_every_command_that_a_person_types() -> None:
    makefile = read(ROOT / "Makefile")
    targets = set(re.findall(r"(?m)^([a-z-]+):", makefile)) - {"help", "install", "install-dev"}
    assert targets == set(re.findall(r'@echo "  make ([a-z-]+) ', makefile))


@BOTH
def test_every_jietong_command_of_the_readme_is_in_the_command_line(readme: Path) -> None:
    from typer.main import get_command

    from bot.cli.main import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    for words in re.findall(r"(?:bin/|`)jietong ([a-z]+(?: [a-z]+)?)", read(readme)):
        first, _, second = words.partition(" ")
        assert first in commands
        if second and hasattr(commands[first], "commands"):
            assert second in commands[first].commands


@BOTH
def test_everything_on_the_map_is_there(readme: Path) -> None:
    paths = set(re.findall(r"`([\w./-]+(?:/|\.\w+))`", section(readme, 6)))
    assert "bot/" in paths
    assert {path for path in paths if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/dependencies.md"])
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", read(ROOT / page))
    assert {link for link in links if "://" not in link and not (ROOT / page).parent.joinpath(link).exists()} == set()


def test_both_languages_have_the_same_sections_commands_and_tables() -> None:
    def shape(readme: Path) -> list[tuple[str, ...]]:
        parts = []
        for part in re.split(r"(?m)^## ", read(readme))[1:]:
            commands = [line.partition("#")[0].strip() for line in part.splitlines() if line.startswith("    ")]
            parts.append((str(len(re.findall(r"(?m)^\|", part))), str(len(re.findall(r"(?m)^\d\. ", part))), *commands))
        return parts

    assert shape(ENGLISH) == shape(CHINESE)


def test_both_languages_use_the_same_words_for_the_same_things() -> None:
    def words(readme: Path) -> list[list[str]]:
        return [line.split("|")[1:3] for line in section(readme, 7).splitlines() if line.startswith("|")][2:]

    assert words(ENGLISH) == words(CHINESE)


def test_every_dependency_has_a_line_that_says_what_it_is_for() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[\[=<>~ ]", each)[0] for each in wanted}
    explained = {
        name
        for line in read(ROOT / "docs" / "dependencies.md").splitlines()
        if line.startswith("| ")
        for name in line.split("|")[1].replace(",", " ").split()
    }
    assert names - explained == set()
    assert explained - names <= {"package", "---", "setuptools"}
