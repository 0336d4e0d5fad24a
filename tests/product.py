"""The product itself, started as an operator would, for tests that need a real browser."""

import fcntl
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "zhikao-demo-2026"
CHROMIUM = next(
    (
        p
        for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        if Path(p).exists()
    ),
    "",
)
FLAGS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def in_a_browser(group: str = "browser") -> list:
    """The marks of stories in a browser; those of one group share a process, and so the product that runs there."""
    return [
        pytest.mark.browser,
        pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: apt-get install chromium"),
        pytest.mark.skipif(
            bool(os.environ.get("DATABASE_URL")), reason="the browser drives the product on SQLite"
        ),
        pytest.mark.xdist_group(group),
    ]


IN_A_BROWSER = in_a_browser()


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Product:
    """A running server with the demo city in a state folder of its own, which begins as a copy of a prepared one."""

    application = "config.wsgi:application"

    def __init__(self, var: Path, prepared: Path | None = None):
        self.var = var
        if prepared:
            shutil.copytree(prepared, var, dirs_exist_ok=True)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.env = {
            **os.environ,
            "VAR_DIR": str(var),
            "BASE_URL": self.address,
            "DEMO": "1",
            "DEMO_PASSWORD": PASSWORD,
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
        }
        self.server = None

    def manage(self, *arguments):
        """Run a management command in the product's own state; give what it printed."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, sql, *values):
        """Look into, or behind its back into, its database."""
        with closing(sqlite3.connect(self.var / "zhikao.sqlite3", timeout=20)) as database, database:
            return database.execute(sql, values).fetchall()

    def ask(self, code):
        """Run a piece of Python inside the product that prints JSON on its last line."""
        return json.loads(self.manage("shell", "--verbosity", "0", "-c", code).strip().splitlines()[-1])

    def start(self):
        """Bring it up and wait until it answers."""
        self.manage("prepare")
        log = (self.var / "server.log").open("w")
        self.server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--threads", "4",
             "--worker-class", "gthread", self.application],
            cwd=ROOT, env=self.env, stdout=log, stderr=log,
        )  # fmt: skip
        for _ in range(600):
            try:
                with urlopen(f"{self.address}/healthz", timeout=2) as answer:
                    assert answer.status == 200
                    return self
            except OSError:
                time.sleep(0.2)
        raise RuntimeError((self.var / "server.log").read_text())

    def stop(self):
        """End the server that was started here."""
        if self.server:
            self.server.terminate()
            self.server.wait(timeout=120)


def prepare_once(folder: Path) -> Path:
    """A state folder that `prepare` has filled; whichever process asks first fills it, the others wait for it."""
    folder.mkdir(exist_ok=True)
    done = folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            Product(folder / "var").manage("prepare")
            done.touch()
    return folder / "var"


class Later(Product):
    """A product with a clock of its own that a story puts forward."""

    application = "tests.later:application"

    def __init__(self, var: Path, prepared: Path):
        super().__init__(var, prepared)
        self.ahead = timedelta()
        self.put_forward()

    def put_forward(self, **by):
        """Let so much time go by: days=…, minutes=…"""
        self.ahead += timedelta(**by)
        (self.var / "clock").write_text(str(self.ahead.total_seconds()))

    def moment(self):
        """What its wall clock shows."""
        return datetime.now(ZoneInfo("Asia/Shanghai")) + self.ahead

    def now(self, **after):
        """The moment, or some time after it, as a field of a page takes it: to the minute."""
        return (self.moment() + timedelta(**after)).strftime("%Y-%m-%dT%H:%M")


# What the browser tests ask the product for: the right answers of somebody's running attempt, as the page names them.
RIGHT_ANSWERS = """
import json
from exams import tokens
from exams.models import Attempt
from exams.queries import papers
attempt = Attempt.objects.filter(registration__candidate__username={username!r}, state="in_progress").select_related("paper").latest("pk")
print(json.dumps({{str(p): tokens.closed(attempt.pk, p, place.key) for p, place in papers.places(attempt.paper).items()}}))
"""


def right_answers(product, username):
    """The keys by position of somebody's running attempt, read behind the browser's back."""
    return product.ask(RIGHT_ANSWERS.format(username=username))


def inputs_of(key, name):
    """How a key is given on the page: [(input name, value), …] for radios and boxes, and texts for blanks."""
    if "options" in key:
        return [(f"{name}/options", one) for one in key["options"]]
    if "value" in key:
        return [(f"{name}/value", "true" if key["value"] else "false")]
    if "blanks" in key:
        return [(f"{name}/blanks/{one}", spellings[0]) for one, spellings in key["blanks"].items()]
    return [pair for one, inner in key["parts"].items() for pair in inputs_of(inner, f"{name}/parts/{one}")]
