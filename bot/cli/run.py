"""Running the product: prepare, serve, chat, talk, check."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import getpass
import json
import os
import secrets
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.server import ServerChild, TalkClient
from bot.cli.start import without_collecting
from bot.logs import set_up_logs
from bot.settings import ConfigBroken, Settings, is_loopback, read_settings


class CannotStart(Exception):
    """The product cannot start; the message is one sentence for whoever runs it."""


def add_commands(app: typer.Typer) -> None:
    """Add this file's commands to the command line."""
    app.command()(prepare)
    app.command()(activate)
    app.command()(serve)
    app.command()(chat)
    app.command()(talk)
    app.command()(check)
    app.command()(hotwords)


def _root() -> Path:
    from bot.cli.main import root_folder

    return root_folder()


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def prepare() -> None:
    """Train Rasa, build the search index and set up the database, as far as something is missing."""
    from actions.store.store import Store
    from bot.app import database_url, open_models

    root = _root()
    settings = read_settings(root)
    _progress("Reading the street's data …")
    _, models = open_models(root, settings, _progress)
    models.understanding.standby()
    if settings.rasa:
        models.rasa_model()
    store = Store(database_url(root, settings))
    store.migrate()
    store.close()
    _progress("Ready.")


def activate(
    anyway: Annotated[bool, typer.Option("--anyway", help="Take what is newest though it is worse.")] = False,
    why: Annotated[str, typer.Option(help="Why it is taken all the same; recorded.")] = "",
    who: Annotated[str, typer.Option(help="Who says so; by default the user of this terminal.")] = "",
) -> None:
    """Measure the newest models beside those in use and take them: where they are not worse, or --anyway."""
    from bot.activation.gate import Asked
    from bot.activation.record import KINDS, Record
    from bot.app import open_models

    if anyway and not why.strip():
        raise CannotStart('Say why, it is recorded: jietong activate --anyway --why "…"')
    root = _root()
    settings = read_settings(root)
    asked = Asked(again=True, anyway=anyway, by=who.strip() or getpass.getuser(), why=why.strip())
    _, models = open_models(root, settings, _progress, asked)
    if settings.rasa:
        models.rasa_model()
    if any(Record(root).standing(kind).refused for kind in KINDS):
        raise typer.Exit(1)
    _progress("The newest models are in use; a front door that runs takes them at its next start.")


def serve(
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    rasa: Annotated[bool | None, typer.Option(help="Run Rasa, or let the standby answer alone.")] = None,
) -> None:
    """Run the front door: chat page, channels, Rasa. Ctrl-C stops everything."""
    _progress("Starting …")
    import uvicorn

    set_up_logs()
    root = _root()
    changes = {"port": port, "host": host, "rasa": rasa}
    settings = read_settings(root).model_copy(update={k: v for k, v in changes.items() if v is not None})
    if not is_loopback(settings.host) and not settings.secret:
        raise ConfigBroken(
            f"Refusing to listen on {settings.host} without a secret: set JIETONG_SECRET or JIETONG_SECRET_FILE."
        )
    listening = _listen(settings)
    actual = int(listening.getsockname()[1])
    end_with_parent()
    token = os.environ.get("JIETONG_TERMINAL_TOKEN") or _terminal_token(root)
    with without_collecting():
        from bot.app import build

        product = build(root, settings, port=actual, terminal_token=token, progress=_progress)
    _announce(root, settings, actual)
    config = uvicorn.Config(product.app, log_config=None, access_log=False, timeout_graceful_shutdown=3, lifespan="on")

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            product.stopping.set()
            await super().shutdown(sockets)

    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises the signal again after a clean stop
        asyncio.run(Server(config).serve(sockets=[listening]))


def end_with_parent() -> None:
    """When a parent process started us with a pipe as standard input, end when it goes, however it goes."""
    if not os.environ.get("JIETONG_WITH_PARENT"):
        return

    def watch() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {settings.port} is in use. Stop the other program, or choose another port: JIETONG_PORT=8090 make up"
            ) from None
        raise CannotStart(f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}).") from None
    return listening


def _terminal_token(root: Path) -> str:
    """The terminal's token, in a file that only this user can read."""
    file = root / "var/terminal.token"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return file.read_text(encoding="utf-8").strip()


def _announce(root: Path, settings: Settings, port: int) -> None:
    """Say where the door is; for a parent process, in the file that it named."""
    file = os.environ.get("JIETONG_PORT_FILE")
    if file:
        Path(file).write_text(str(port), encoding="utf-8")
        return
    (root / "var/port").write_text(str(port), encoding="utf-8")
    shown = "127.0.0.1" if is_loopback(settings.host) else settings.host
    print(f"\n  Jietong 街通 is open:  http://{shown}:{port}/\n  Stop with Ctrl-C.\n", file=sys.stderr, flush=True)


def _end_on_signals() -> None:
    """A closed window or a TERM ends us as Ctrl-C does: what we started is stopped too."""
    for which in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(which, lambda number, frame: sys.exit(128 + number))


def chat(
    user: Annotated[str, typer.Option(help="Who talks; a talk is kept by this name.")] = "me",
    voice: Annotated[bool, typer.Option(help="Talk as if on the telephone.")] = False,
) -> None:
    """Talk to the front door in the terminal; a running one is used, else one is started."""
    set_up_logs("ERROR")
    _end_on_signals()
    root = _root()
    client = TalkClient.of_running(root, user, spoken=voice)
    child: ServerChild | None = None
    if client is None:
        print("  Starting …", file=sys.stderr, flush=True)
        child = ServerChild(root)
        child.start()
        client = child.client(user, spoken=voice)
    try:
        client.converse(sys.stdin, prompt=sys.stdin.isatty())
    except KeyboardInterrupt:
        print()
    finally:
        client.close()
        if child:
            child.stop()


def talk(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a message.")] = False,
    channel: Annotated[str, typer.Option(help="chat or voice: how messages come and how replies are worded.")] = "chat",
    user: Annotated[str, typer.Option(help="Who talks.")] = "talk",
    database: Annotated[str, typer.Option(help="Database URL; by default a fresh one that is thrown away.")] = "",
    rasa: Annotated[bool, typer.Option(help="With Rasa, or the standby alone.")] = True,
) -> None:
    """Read one message a line from standard input and print the replies; the line /restart restarts every process."""
    _end_on_signals()
    child = ServerChild(_root(), database=database, rasa=rasa)
    child.start()
    client = child.client(user, spoken=channel == "voice")
    try:
        for line in sys.stdin:
            text = line.rstrip("\n")
            if text.strip() == "/restart":
                client.close()
                child.restart()
                client = child.client(user, spoken=channel == "voice", number=client.number, buttons=client.buttons)
                continue
            if not text.strip():
                continue
            replies = client.send(text)
            if as_json:
                print(json.dumps({"user": text, "replies": replies}, ensure_ascii=False), flush=True)
            else:
                print(f"> {text}")
                client.show(replies)
    finally:
        client.close()
        child.stop()


def hotwords(
    street: Annotated[
        Path | None, typer.Argument(help="Folder with a street's data; by default the one in use.")
    ] = None,
) -> None:
    """Print the words that a speech recogniser should expect, one a line: places, duties, typical and dialect words."""
    from knowledge.duty_list import read_duty_list
    from knowledge.hotwords import hot_words

    root = _root()
    for word in hot_words(read_duty_list(street or root / read_settings(root).street)):
        print(word)


def check(
    street: Annotated[
        Path | None, typer.Argument(help="Folder with a street's data; by default the one in use.")
    ] = None,
) -> None:
    """Check the street's data and name every mistake with file and line."""
    from knowledge.duty_list import DataMistakes, read_duty_list
    from knowledge.emergencies import Emergencies
    from knowledge.manners import Manners

    root = _root()
    folder = street or root / read_settings(root).street
    try:
        data = read_duty_list(folder)
    except DataMistakes as mistakes:
        for mistake in mistakes.mistakes:
            print(mistake)
        print(f"{len(mistakes.mistakes)} mistakes")
        raise typer.Exit(1) from None
    Emergencies.read(folder / "emergencies.yml")
    Manners.read(folder / "manners.yml")
    sayings = sum(len(s.zh) + len(s.en) for s in data.sayings.values())
    print(f"{data.street.name.zh} {data.version}: {len(data.duties)} duties, {sayings} sayings, no mistakes")
