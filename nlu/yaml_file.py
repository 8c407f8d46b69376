"""Reading YAML with the C loader: ten times as fast as PyYAML's own, which a start that people wait for needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read_yaml(path: Path) -> Any:
    """What a UTF-8 file holds. Raises `OSError`, `UnicodeDecodeError` or `yaml.YAMLError`."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
