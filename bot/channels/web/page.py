"""The page and its files: read once, named by a hash of their content, so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
import html
import json
import string
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

from knowledge.schema import Key, Record, Text
from nlu.yaml_file import read_yaml

_FOLDER = Path(__file__).parent

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
))  # fmt: skip
"""What the page may load: its own files and nothing else."""

PROTECTION = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self), microphone=(self), camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every answer."""

_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


class PageWords(Record):
    """The words of `words.yml`. Raises `pydantic.ValidationError` when a language is missing."""

    interface: dict[Key, Text]
    starters: list[Text]
    errors: dict[Key, Text]

    @classmethod
    def read(cls, title: Text, phone: str, path: Path = _FOLDER / "words.yml") -> PageWords:
        """The words with the street's name and telephone number filled in."""

        def fill(node: object, language: str = "") -> object:
            if isinstance(node, dict):
                return {key: fill(value, str(key)) for key, value in node.items()}
            if isinstance(node, list):
                return [fill(value) for value in node]
            return str(node).replace("{title}", title.in_(language)).replace("{phone}", phone)

        return cls.model_validate(fill(read_yaml(path)))


@dataclass(frozen=True)
class Asset:
    """A file as it is served. `version` is what its address ends in while its content is this one."""

    body: bytes
    media_type: str
    version: str

    def answer(self, request: Request) -> Response:
        """The file, or 304 when the browser has it; kept for good when asked for by its version."""
        etag = f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'
        known = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
        kept = _FOR_GOOD if self.version and request.query_params.get("v") == self.version else _ASK_AGAIN
        headers = {"ETag": etag, "Cache-Control": kept}
        if etag in known:
            return Response(status_code=304, headers=headers)
        return Response(self.body, media_type=self.media_type, headers=headers)


class Page:
    """Everything that is served as a file."""

    def __init__(self, title: Text, phone: str) -> None:
        self.words = PageWords.read(title, phone)
        script = (_FOLDER / "static/jietong-chat.js").read_bytes()
        style = (_FOLDER / "static/jietong-chat.css").read_bytes()
        words = _words_json(self.words, title, phone)
        version = hashlib.sha256(b"\0".join((script, style, words))).hexdigest()[:16]
        self.script = Asset(script, "text/javascript; charset=utf-8", version)
        self.style = Asset(style, "text/css; charset=utf-8", version)
        self.interface = Asset(words, "application/json", version)
        self.page = Asset(_page(title, phone, version), "text/html; charset=utf-8", "")


def _words_json(words: PageWords, title: Text, phone: str) -> bytes:
    shown = words.model_dump(include={"interface", "starters"})
    shown["interface"]["title"] = title.model_dump()
    shown["phone"] = phone
    return json.dumps(shown, ensure_ascii=False).encode()


def _page(title: Text, phone: str, version: str) -> bytes:
    template = string.Template((_FOLDER / "static/page.html").read_text(encoding="utf-8"))
    fields = {
        "title_zh": title.zh,
        "title_en": title.en,
        "phone": phone,
        "dial": phone.replace(" ", ""),
        "version": version,
    }
    return template.substitute({name: html.escape(value) for name, value in fields.items()}).encode()
