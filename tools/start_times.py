"""Times a start: `.venv/bin/python -m tools.start_times [RUNS]`, from `make up` to the page, the first answer and Rasa.

The first answer is the standby's, through the terminal's channel, on a database of its own. Seconds, one line a run.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

PORT, PATIENCE = "8099", 120.0


def main(runs: int) -> None:
    """Start, ask, wait for Rasa, stop; again and again."""
    for run in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            print("  ".join(f"{what} {seconds:.2f}" for what, seconds in one(Path(folder), run).items()), flush=True)


def one(folder: Path, run: int) -> dict[str, float]:
    """Seconds until each was there."""
    environment = {**os.environ, "JIETONG_PORT": PORT, "JIETONG_DATABASE": f"sqlite:///{folder / 'start.db'}"}
    began, reached = time.perf_counter(), dict[str, float]()
    child = subprocess.Popen(
        ["/usr/bin/env", "make", "up"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        with httpx.Client(trust_env=False, timeout=10, base_url=f"http://127.0.0.1:{PORT}") as http:
            while "rasa" not in reached and time.perf_counter() - began < PATIENCE:
                try:
                    health = http.get("/health").json()
                    reached.setdefault("page", time.perf_counter() - began)
                    if "answer" not in reached:
                        token = Path("var/terminal.token").read_text(encoding="utf-8").strip()
                        body = {"id": f"start-{run}", "user": "start", "text": "楼下的路灯坏了"}
                        http.post(
                            "/channels/terminal/messages", headers={"x-jietong-token": token}, json=body
                        ).raise_for_status()
                        reached["answer"] = time.perf_counter() - began
                    if health["rasa"] == "ready":
                        reached["rasa"] = time.perf_counter() - began
                except (httpx.HTTPError, OSError):
                    pass
                time.sleep(0.05)
    finally:
        os.killpg(child.pid, signal.SIGINT)
        child.wait()
    return reached


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
