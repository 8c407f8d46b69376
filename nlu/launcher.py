"""Runs and trains Rasa 3.6.21 inside nlu/.venv: fixed, quiet, on loopback only, and never longer than its parent.

    python -m nlu.launcher train --out var/models/rasa.tar.gz
    python -m nlu.launcher run --model var/models/rasa.tar.gz --port 5005

Both are started in the project's root folder. `run` reads two settings from the environment: JIETONG_RASA_TOKEN (who
may talk to it, and what it shows to our actions) and JIETONG_ACTIONS_URL (where our actions are).
"""

import argparse
import importlib.metadata
import os
import sys
import tempfile
from pathlib import Path

from nlu.sealed.fixes import RASA_VERSION

LOOPBACK = "127.0.0.1"

_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_MAX_CACHE_SIZE": "0",
    "SANIC_ACCESS_LOG": "false",
    "TQDM_DISABLE": "1",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "OMP_NUM_THREADS": "1",  # more threads add in another order: the same content would give another model
    "OPENBLAS_NUM_THREADS": "1",
    "GIT_DIR": os.devnull,  # a library that Rasa imports asks git for its version, aloud
}


def main(arguments: list[str] | None = None) -> int:
    """Does what the command line says; 2 and one sentence when Rasa's version is not the one that was checked."""
    options = _options(arguments)
    refusal = why_not()
    if refusal:
        print(refusal, file=sys.stderr)
        return 2
    os.environ.update(_ENVIRONMENT)
    from nlu.sealed import fixes, orphan, quiet

    if options.work == "run":
        orphan.die_with_parent()
    quiet.set_up(options.log_level)
    fixes.do_without_tensorflow()
    return run(options) if options.work == "run" else train(options)


def why_not() -> str | None:
    """The sentence that explains why this Rasa is refused, or None when it is the checked one."""
    try:
        found = importlib.metadata.version("rasa")
    except importlib.metadata.PackageNotFoundError:
        found = "not installed"
    if found == RASA_VERSION:
        return None
    return (
        f"Jietong runs Rasa {RASA_VERSION} and no other, but here it is {found}: "
        "install nlu/requirements.txt as docs/rasa.md says."
    )


def run(options: argparse.Namespace) -> int:
    """Serves the model on loopback until it is told to stop or its parent is gone."""
    import rasa

    from nlu.sealed import fixes

    if not options.stock:
        fixes.apply()
    rasa.run(
        model=str(options.model),
        endpoints=str(options.endpoints),
        credentials=str(options.credentials),
        interface=LOOPBACK,
        port=options.port,
        enable_api=False,
        cors=[],
    )
    return 0


def train(options: argparse.Namespace) -> int:
    """Trains one model from config.yml and nlu/ into the file ``--out``."""
    import yaml
    from rasa.model_training import train as rasa_train

    from nlu.sealed.recipe import graph_config

    config = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RASA_CACHE_DIRECTORY"] = folder
        graph = Path(folder, "config.yml")
        graph.write_text(yaml.safe_dump(graph_config(config), allow_unicode=True), encoding="utf-8")
        result = rasa_train(
            domain="nlu/domain",
            config=str(graph),
            training_files=["nlu/data"],
            output=str(options.out.parent),
            fixed_model_name=options.out.name,
            force_training=True,
        )
    return result.code


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m nlu.launcher", description=__doc__.partition("\n")[0])
    parser.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    works = parser.add_subparsers(dest="work", required=True)
    running = works.add_parser("run")
    running.add_argument("--model", type=Path, required=True)
    running.add_argument("--port", type=int, required=True)
    running.add_argument("--endpoints", type=Path, default=Path("nlu/endpoints.yml"))
    running.add_argument("--credentials", type=Path, default=Path("nlu/credentials.yml"))
    running.add_argument("--stock", action="store_true", help="without the two look-up fixes, to measure them")
    training = works.add_parser("train")
    training.add_argument("--out", type=Path, required=True)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
