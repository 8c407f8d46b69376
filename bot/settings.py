"""The settings: rows of name, default and help. `config.yml` under `jietong:` sets them, environment variables win.

Every setting but the thresholds under `search` can be given as `JIETONG_NAME`, and every secret also as `JIETONG_NAME_FILE`, the name of a file.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlu.yaml_file import read_yaml

SECRETS = ("secret",)


class ConfigBroken(Exception):
    """The configuration cannot be used; the message is one sentence for whoever runs it."""


class SearchSettings(BaseModel):
    """When the search answers, asks back, or passes on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: float = Field(default=0.70, ge=0, le=1, description="state the office as fact from this probability on")
    ask: float = Field(
        default=0.35, ge=0, le=1, description="offer two or three choices when together they have this probability"
    )


class Settings(BaseModel):
    """All settings of our own process."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    street: Path = Field(default=Path("knowledge/default"), description="folder with the street's data and duty list")
    database: str = Field(default="sqlite:///var/jietong.db", description="SQLite or postgresql+psycopg://… URL")
    host: str = Field(default="127.0.0.1", description="address to listen on; outside loopback a secret must be set")
    port: int = Field(default=8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    encoder: str = Field(
        default="knowledge/encoder/model", description="sentence encoder: the shipped one, another path or name"
    )
    rasa: bool = Field(default=True, description="run Rasa; without it the standby answers alone")
    rasa_deadline: float = Field(default=6.0, gt=0, description="seconds before the standby answers in Rasa's stead")
    max_length: int = Field(default=4000, ge=100, description="characters of a message that are read")
    flood: int = Field(default=12, ge=2, description="messages of one talk within ten seconds before it is slowed")
    secret: str = Field(
        default="", description="secret for what must not be guessed; made on loopback, required outside it"
    )
    search: SearchSettings = Field(default_factory=SearchSettings, description="thresholds of the search")


def read_settings(root: Path, environ: dict[str, str] | None = None) -> Settings:
    """The settings of the installation in `root`. Raises `ConfigBroken` with one clear sentence."""
    path = root / "config.yml"
    from_environment = _from_environment(dict(os.environ if environ is None else environ))
    try:
        settings = Settings.model_validate(_from_file(path) | from_environment)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        where = _variable(name) if name in from_environment else f"{path}: jietong.{name}"
        said = "is not a known setting" if first["type"] == "extra_forbidden" else first["msg"].lower()
        raise ConfigBroken(f"{where}: {said}.") from None
    if not is_loopback(settings.host) and not settings.secret:
        raise ConfigBroken(
            f"Refusing to listen on {settings.host} without a secret: set JIETONG_SECRET or JIETONG_SECRET_FILE, or use 127.0.0.1."
        )
    return settings


def _from_file(path: Path) -> dict[str, Any]:
    try:
        whole = read_yaml(path) or {}
    except OSError as error:
        said = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise ConfigBroken(f"{path} {said}.") from None
    except UnicodeDecodeError:
        raise ConfigBroken(f"{path} is not UTF-8 text.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or "no YAML at all"
        raise ConfigBroken(f"{path}{where}: not readable as YAML ({said}).") from None
    ours = whole.get("jietong") or {} if isinstance(whole, dict) else whole
    if not isinstance(ours, dict):
        raise ConfigBroken(f"{path}: the settings must be a mapping, the file's own and those under jietong.")
    return ours


def _variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"JIETONG_{name.upper()}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _from_environment(env: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in Settings.model_fields:
        if name == "search":
            continue
        key = _variable(name)
        if key in env:
            values[name] = env[key]
        elif name in SECRETS and f"{key}_FILE" in env:
            file = Path(env[f"{key}_FILE"])
            try:
                values[name] = file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigBroken(f"{key}_FILE: {file} cannot be read ({error.strerror}).") from None
            except UnicodeDecodeError:
                raise ConfigBroken(f"{key}_FILE: {file} is not UTF-8 text.") from None
    return values
