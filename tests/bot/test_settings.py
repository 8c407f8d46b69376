"""Settings: from the file, from the environment, from secret files; whatever is wrong is one sentence."""

from pathlib import Path

import pytest

from bot.settings import SECRETS, ConfigBroken, Settings, is_loopback, read_settings
from tests.conftest import ROOT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "config.yml").write_text("recipe: default.v1\njietong:\n  port: 9000\n", encoding="utf-8")
    return tmp_path


def test_the_file_sets_and_the_rest_is_as_described(root: Path) -> None:
    assert read_settings(root, {}) == Settings(port=9000)


def test_the_environment_wins(root: Path) -> None:
    settings = read_settings(
        root, {"JIETONG_PORT": "9001", "JIETONG_RASA": "false", "JIETONG_RASA_DEADLINE": "2.5", "HOME": "/"}
    )
    assert (settings.port, settings.rasa, settings.rasa_deadline) == (9001, False, 2.5)


def test_a_secret_can_stand_in_a_file(root: Path) -> None:
    (root / "secret").write_text("s3cret\n", encoding="utf-8")
    assert read_settings(root, {"JIETONG_SECRET_FILE": str(root / "secret")}).secret == "s3cret"
    assert read_settings(root, {"JIETONG_SECRET": "other", "JIETONG_SECRET_FILE": "nowhere"}).secret == "other"


def test_every_secret_is_a_setting() -> None:
    assert set(SECRETS) <= set(Settings.model_fields)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_shipped_file_is_right() -> None:
    assert read_settings(ROOT, {}) == Settings()


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        (None, {}, "is missing"),
        ("jietong: {port: [1\n", {}, "line"),
        ("- a list\n", {}, "must be a mapping"),
        ("jietong: words\n", {}, "must be a mapping"),
        ("jietong: [port]\n", {}, "must be a mapping"),
        ("jietong: {prot: 1}\n", {}, "jietong.prot: is not a known setting"),
        ("jietong: {search: {anser: 1}}\n", {}, "jietong.search.anser: is not a known setting"),
        ("jietong: {port: many}\n", {}, "jietong.port"),
        ("jietong: {search: {answer: 7}}\n", {}, "jietong.search.answer"),
        ("jietong: {}\n", {"JIETONG_PORT": "many"}, "JIETONG_PORT"),
        ("jietong: {}\n", {"JIETONG_SECRET_FILE": "/nowhere/at/all"}, "JIETONG_SECRET_FILE"),
        ("jietong: {host: 0.0.0.0}\n", {}, "Refusing to listen on 0.0.0.0"),
        ("jietong: {}\n", {"JIETONG_HOST": "example.org"}, "Refusing to listen on example.org"),
        ("jietong: {}\n", {"JIETONG_HOST": "0.0.0.0", "JIETONG_SECRET": ""}, "Refusing"),
        ("\x00", {}, "not readable as YAML"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tmp_path: Path, text: str | None, environ: dict[str, str], said: str
) -> None:
    if text is not None:
        (tmp_path / "config.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigBroken) as broken:
        read_settings(tmp_path, environ)
    message = str(broken.value)
    assert said in message and message.endswith(".") and "\n" not in message


def test_a_file_in_another_encoding_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_bytes("jietong: {street: 梧桐}".encode("gb18030"))
    with pytest.raises(ConfigBroken, match="UTF-8"):
        read_settings(tmp_path, {})


def test_a_secret_never_stands_in_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("jietong: {secret: [hunter2]}\n", encoding="utf-8")
    with pytest.raises(ConfigBroken) as broken:
        read_settings(tmp_path, {})
    assert "hunter2" not in str(broken.value)


def test_outside_loopback_a_secret_is_enough(root: Path) -> None:
    assert read_settings(root, {"JIETONG_HOST": "0.0.0.0", "JIETONG_SECRET": "s"}).host == "0.0.0.0"


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
    ],
)
def test_loopback_is_told_from_the_world(host: str, inside: bool) -> None:
    assert is_loopback(host) is inside
