"""The product and its database, started as an operator would, in folders that are thrown away; and what their processes cost."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
STATEMENTS = "-c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track_utility=off"
POSTGRES = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c max_connections=200 -c shared_buffers=256MB -c max_wal_size=8GB -c checkpoint_timeout=15min"


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_of(pid):
    """CPU seconds of a process, of everything below it, and of those of its children that have ended."""
    total = 0.0
    for one in tree(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15])) / TICK
    return total


def memory_of(pid):
    """Proportional memory of a process and everything below it, in MB."""
    total = 0
    for one in tree(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total / 1024


def tree(pid):
    """A process and all below it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        with suppress(OSError):  # it may end while we look
            for task in Path(f"/proc/{one}/task").glob("*"):
                waiting += map(int, (task / "children").read_text().split())
    return found


class Postgres:
    """A cluster of its own, with every safety on; with `conf` it runs by that text of settings instead of ours."""

    def __init__(self, folder, host="127.0.0.1", conf="", counts=False):
        self.host, self.port, self.counts = host, free_port(), counts
        self.bin = self._programs()
        self.user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        folder.chmod(0o711)
        home = folder / "postgres"
        home.mkdir()
        if self.user:
            shutil.chown(home, "postgres")
        self.folder = home / "cluster"
        self.options = "" if conf else f"-c listen_addresses={host} {POSTGRES} {STATEMENTS if counts else ''}"
        self._make()
        if conf:
            (self.folder / "deploy.conf").write_text(conf.replace("5432", str(self.port)))
            with (self.folder / "postgresql.conf").open("a") as file:
                file.write("include = 'deploy.conf'\n")
            (self.folder / "deploy.conf").chmod(0o644)
        self.start()

    def _make(self):
        self._run("initdb", "-U", "zhikao", "-A", "trust", "-E", "UTF8", "--locale=C")

    @staticmethod
    def _programs():
        for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
            if (folder / "initdb").exists():
                return folder
        found = shutil.which("initdb")
        if not found:
            raise SystemExit("PostgreSQL's server programs are missing: apt-get install postgresql")
        return Path(found).parent

    def _run(self, program, *arguments):
        subprocess.run(
            [*self.user, str(self.bin / program), "-D", str(self.folder), *arguments],
            cwd=self.folder.parent,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def start(self):
        """Start, or start again and recover."""
        options = f"-p {self.port} -k {self.folder.parent} {self.options}"
        self._run("pg_ctl", "-l", str(self.folder.parent / "log"), "-w", "-t", "60", "start", "-o", options)
        self.pid = int((self.folder / "postmaster.pid").read_text().split()[0])

    def stop(self):
        """End it."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def kill(self):
        """SIGKILL to every process of the server at once, as if the power failed under it."""
        os.kill(self.pid, signal.SIGSTOP)  # so that nothing is forked behind our back
        pids = tree(self.pid)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while any(Path(f"/proc/{pid}").exists() and _is_alive(pid) for pid in pids):
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL survived SIGKILL")
            time.sleep(0.05)
        # Where nobody reaps orphans the dead server still has a number, and its locks would be taken for those of a living one.
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        (self.folder.parent / f".s.PGSQL.{self.port}.lock").unlink(missing_ok=True)

    def freeze(self, seconds):
        """Every process of the server stops for so long and then goes on, as on a machine that is out of breath."""
        pids = tree(self.pid)
        for how in (signal.SIGSTOP, signal.SIGCONT):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, how)
            if how == signal.SIGSTOP:
                time.sleep(seconds)

    async def ask(self, statement):
        """One statement to the server itself; gives its one value, or nothing if nobody answers."""
        process = await asyncio.create_subprocess_exec(
            *(
                "psql",
                "-h",
                self.host,
                "-p",
                str(self.port),
                "-U",
                "zhikao",
                "-d",
                "postgres",
                "-Atc",
                statement,
            ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        told, _nothing = await process.communicate()
        return told.decode().strip()

    async def counted(self):
        """What was asked since the last time: (statements, the dearest five as text); counting begins anew."""
        if not self.counts:
            return None, []
        own = "query NOT LIKE '%pg_stat_statements%'"
        calls = await self.ask(f"SELECT sum(calls) FROM pg_stat_statements WHERE {own}")
        dearest = await self.ask(
            "SELECT round(total_exec_time::numeric, 1) || ' ms in ' || calls || ': ' || left(regexp_replace(query, '\\s+', ' ', 'g'), 110)"
            f" FROM pg_stat_statements WHERE {own} ORDER BY total_exec_time DESC LIMIT 5"
        )
        await self.ask("SELECT pg_stat_statements_reset()")
        return int(calls or 0), dearest.splitlines()

    @property
    def url(self):
        """How the product finds it."""
        return f"postgres://zhikao@{self.host}:{self.port}/postgres"


class Replica(Postgres):
    """A standby that follows a primary."""

    def __init__(self, folder, primary, host, conf):
        self.primary = primary
        super().__init__(folder, host, conf)

    def _make(self):
        subprocess.run(
            [
                *(*self.user, str(self.bin / "pg_basebackup"), "-h", self.primary.host, "-U", "zhikao"),
                *("-p", str(self.primary.port), "-D", str(self.folder), "-R", "-X", "stream", "-c", "fast"),
            ],
            cwd=self.folder.parent,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _leads(pid):
    """Whether a process leads a session of its own, as the keeper does."""
    try:
        return os.getsid(pid) == pid
    except ProcessLookupError:
        return False


def _is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


class House:
    """A database, a state folder and a web server of the product."""

    def __init__(
        self, database="postgres", workers=2, threads=4, environment=None, host="127.0.0.1", counts=False
    ):
        self.folder = Path(tempfile.mkdtemp(prefix="zhikao-bench."))
        self.database = Postgres(self.folder, counts=counts) if database == "postgres" else None
        self.host, self.port = host, free_port()
        self.tls = None  # how to speak to it, where a proxy in front speaks https
        self.server = None
        self.env = {
            **os.environ,
            "VAR_DIR": str(self.folder / "var"),
            "DATABASE_URL": self.database.url if self.database else "",
            "REDIS_URL": "",
            "DEMO": "0",
            "SECOND_FACTOR": "0",  # whoever watches signs in with a password
            "LOG_LEVEL": "ERROR",
            "WEB_WORKERS": str(workers),
            "WEB_THREADS": str(threads),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **(environment or {}),
        }

    def python(self, *arguments, given=None, environment=None):
        """Run Python in the product's state; give what its last line of output says, as JSON."""
        done = subprocess.run(
            [os.environ.get("VENV_PYTHON") or "python3", *arguments],
            env=self.env | (environment or {}),
            cwd=ROOT,
            input=json.dumps(given) if given is not None else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        lines = done.stdout.strip().splitlines()
        return json.loads(lines[-1]) if lines and lines[-1][:1] in "[{" else None

    def manage(self, *arguments):
        """A command of the product."""
        return self.python("manage.py", *arguments)

    def start(self, command=None):
        """bin/serve, or another server in the product's state, until it answers."""
        log = (self.folder / "server.log").open("a")
        self.server = subprocess.Popen(
            command or [str(ROOT / "bin/serve"), "--host", self.host, "--port", str(self.port)],
            env=self.env | {"WEB_PORT": str(self.port)},
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            try:
                with urlopen(f"http://{self.host}:{self.port}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return self
            except OSError:
                time.sleep(0.1)
            if self.server.poll() is not None:
                break
        raise RuntimeError((self.folder / "server.log").read_text()[-3000:])

    def stop(self, how=signal.SIGTERM):
        """End the web server."""
        if self.server and self.server.poll() is None:
            os.killpg(self.server.pid, how)
            self.server.wait(timeout=60)

    def children(self):
        """The processes right below the web server's master: (its web workers, the keeper of the background worker)."""
        found = []
        for task in Path(f"/proc/{self.server.pid}/task").glob("*"):
            found += map(int, (task / "children").read_text().split())
        keepers = [pid for pid in found if _leads(pid)]
        return [pid for pid in found if pid not in keepers], keepers

    def cpu(self):
        """CPU seconds used so far: (web, database)."""
        return cpu_of(self.server.pid), cpu_of(self.database.pid) if self.database else 0.0

    def memory(self):
        """Memory in MB: (web, database)."""
        return memory_of(self.server.pid), memory_of(self.database.pid) if self.database else 0.0

    def close(self):
        """End everything that was started here and leave nothing behind."""
        self.stop()
        if self.database:
            self.database.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
