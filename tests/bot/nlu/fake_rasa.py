"""A child that behaves like Rasa's door, and misbehaves when it is told to.

python fake_rasa.py PORT [ready-after=SECONDS] [die-after=SECONDS] [hang-after=SECONDS] [deaf] [child] [never] [env=FILE]
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

port = int(sys.argv[1])
wishes = dict(word.partition("=")[::2] for word in sys.argv[2:])
started = time.monotonic()


class Door(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if "hang-after" in wishes and time.monotonic() - started > float(wishes["hang-after"]):
            time.sleep(60)
        known = self.headers.get("x-jietong-token") == os.environ["JIETONG_RASA_TOKEN"]
        self.send_response(200 if known else 401)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


if "env" in wishes:
    Path(wishes["env"]).write_text(json.dumps(dict(os.environ)))
if "deaf" in wishes:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "child" in wishes:
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print("grandchild", grandchild.pid, flush=True)
if "die-after" in wishes:
    threading.Timer(float(wishes["die-after"]), os._exit, (7,)).start()
if "never" in wishes:
    time.sleep(60)
time.sleep(float(wishes.get("ready-after", 0)))
print("serving", port, flush=True)
ThreadingHTTPServer(("127.0.0.1", port), Door).serve_forever()
