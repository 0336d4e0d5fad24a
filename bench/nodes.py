"""Several machines on one: web nodes behind nginx, PgBouncer, Redis, a primary and its replica, by the files of deploy/.

Each of them listens on an address of its own in 127.0.0.0/8. A file is taken as it is, but for what `exchanged` names.
"""

import asyncio
import base64
import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import time

from bench.faults import until_it_works
from bench.house import ROOT, House, Postgres, Replica, cpu_of, free_port, memory_of

DEPLOY = ROOT / "deploy"
PROXY, NODES, PRIMARY, REPLICA, CACHE = (
    "127.0.0.10",
    ("127.0.0.11", "127.0.0.12"),
    "127.0.0.21",
    "127.0.0.22",
    "127.0.0.31",
)
FOR_ROOT = os.getuid() == 0


def exchanged(name, swaps):
    """A file of deploy/ with words exchanged; one that is not there would mean that something else was tried."""
    text = (DEPLOY / name).read_text()
    for old, new in swaps.items():
        if old not in text:
            raise SystemExit(f"deploy/{name} has no {old}")
        text = text.replace(old, str(new))
    return text


def program(name, package):
    """Where a program of the machine is."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise SystemExit(f"{name} is missing: apt-get install --no-install-recommends {package}")
    return found


class Site(House):
    """All of it; to a run it is a house like any other."""

    def __init__(self, workers=2, threads=4):
        super().__init__("", workers, threads, host=PROXY)
        self.folder.chmod(0o711)
        self.database = Postgres(
            self.folder, PRIMARY, exchanged("postgresql/primary.conf", {"10.0.0.21": PRIMARY})
        )
        asyncio.run(self.database.ask("CREATE DATABASE zhikao"))
        asyncio.run(self.database.ask(exchanged("postgresql/role.sql", {})))
        (self.folder / "standby").mkdir()
        self.replica = Replica(
            self.folder / "standby",
            self.database,
            REPLICA,
            exchanged("postgresql/replica.conf", {"10.0.0.22": REPLICA}),
        )
        self.spent = 0.0  # CPU seconds of servers that were ended
        self.others = []
        self._pooler()
        self._cache()
        self.env |= self._environment(workers, threads)
        self.nodes = [self._node(host) for host in NODES]
        self._proxy()

    def _run(self, name, command, address):
        """Start a server in the foreground of a folder of ours and wait until it listens."""
        log = (self.folder / f"{name}.log").open("a")
        server = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True)
        self.others.append(server)
        until = time.monotonic() + 20
        while time.monotonic() < until and server.poll() is None:
            try:
                return socket.create_connection(address, timeout=1).close()
            except OSError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / f"{name}.log").read_text()[-2000:])

    def _pooler(self):
        self.pooler_port, home = free_port(), self.folder / "pooler"
        home.mkdir()
        (home / "userlist.txt").write_text('"zhikao" ""\n')
        (home / "pgbouncer.ini").write_text(
            exchanged(
                "pgbouncer/pgbouncer.ini",
                {
                    "host=127.0.0.1 port=5432": f"host={PRIMARY} port={self.database.port}",
                    "listen_addr = 10.0.0.21": f"listen_addr = {PRIMARY}",
                    "listen_port = 6432": f"listen_port = {self.pooler_port}",
                    "scram-sha-256": "trust",
                    "/etc/pgbouncer/userlist.txt": home / "userlist.txt",
                    "/var/run/postgresql": home,
                    "/var/log/postgresql": home,
                },
            )
        )
        if FOR_ROOT:  # it refuses to be root
            for path in (home, *home.iterdir()):
                shutil.chown(path, "postgres")
        command = [*self.database.user, program("pgbouncer", "pgbouncer"), str(home / "pgbouncer.ini")]
        self._run("pgbouncer", command, (PRIMARY, self.pooler_port))

    def _cache(self):
        self.cache_port = free_port()
        path = self.folder / "redis.conf"
        path.write_text(
            exchanged(
                "redis/redis.conf",
                {"bind 10.0.0.31": f"bind {CACHE}", "port 6379": f"port {self.cache_port}"},
            )
        )
        # Nobody but this machine can reach a loopback address, so the one without a password may be unprotected.
        command = [program("redis-server", "redis-server"), str(path), "--protected-mode", "no"]
        self._run("redis", command, (CACHE, self.cache_port))

    def _environment(self, workers, threads):
        text = exchanged(
            "env/node.env",
            {
                "/srv/zhikao": self.folder / "var",
                "WEB_WORKERS=2": f"WEB_WORKERS={workers}",
                "WEB_THREADS=4": f"WEB_THREADS={threads}",
                "exam.example.cn": PROXY,
                "10.0.0.10": "127.0.0.1",  # whoever connects within this machine comes from there
                "10.0.0.21:6432": f"{PRIMARY}:{self.pooler_port}",
                "10.0.0.21:5432": f"{PRIMARY}:{self.database.port}",
                "10.0.0.31:6379": f"{CACHE}:{self.cache_port}",
                "10.0.0.11": NODES[0],
            },
        )
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        return dict(line.split("=", 1) for line in lines) | {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_KEYS": json.dumps({"k1": base64.b64encode(secrets.token_bytes(32)).decode()}),
            "LOG_LEVEL": "ERROR",
            "LOG_FORMAT": "line",
        }

    def _node(self, host):
        node = House("", host=host, environment=None)
        node.env = self.env | {"VAR_DIR": str(node.folder / "var")}
        (node.folder / "var").mkdir()
        media = self.folder / "var" / "media"  # the one folder that the nodes share
        media.mkdir(parents=True, exist_ok=True)
        (node.folder / "var" / "media").symlink_to(media)
        return node

    def _proxy(self):
        home = self.folder / "nginx"
        home.mkdir()
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
                *("-days", "2", "-subj", f"/CN={PROXY}", "-keyout", str(home / "key.pem"), "-out", str(home / "fullchain.pem")),
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip
        shutil.copy(DEPLOY / "nginx/busy.html", home)
        shutil.copy(DEPLOY / "nginx/zhikao-proxy.conf", home)
        (home / "zhikao.conf").write_text(
            exchanged(
                "nginx/zhikao.conf",
                {
                    "10.0.0.11:8000": f"{NODES[0]}:{self.nodes[0].port}",
                    "10.0.0.12:8000": f"{NODES[1]}:{self.nodes[1].port}",
                    "listen 80;": f"listen {PROXY}:{free_port()};",
                    "listen 443 ssl;": f"listen {PROXY}:{self.port} ssl;",
                    "exam.example.cn": PROXY,
                    "/etc/ssl/zhikao": home,
                    "/usr/share/zhikao": home,
                    "/etc/nginx/zhikao-proxy.conf": home / "zhikao-proxy.conf",
                },
            )
        )
        temporary = "".join(
            f"{kind}_temp_path {home / kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (home / "nginx.conf").write_text(
            ("user root;\n" if FOR_ROOT else "")
            + f"daemon off; pid {home}/pid; error_log {home}/error.log;\n"
            + "events { worker_connections 2048; }\n"
            + f"http {{ access_log off; {temporary} include {home}/zhikao.conf; }}\n"
        )
        self.tls = ssl.create_default_context(cafile=home / "fullchain.pem")
        self.tls.check_hostname = False

    def start(self, command=None):
        """The nodes one after the other, then the proxy in front."""
        for node in self.nodes:
            node.start()
        home = self.folder / "nginx"
        command = [program("nginx", "nginx-light"), "-p", str(home), "-c", str(home / "nginx.conf")]
        self._run("nginx", command, (PROXY, self.port))
        return self

    def end(self, node, how):
        """SIGKILL to a whole node at once, or SIGTERM, as in an update, to its master, who lets requests finish."""
        self.spent += cpu_of(node.server.pid)
        if how == signal.SIGKILL:
            os.killpg(node.server.pid, how)
        else:
            os.kill(node.server.pid, how)
        node.server.wait(timeout=60)

    def cpu(self):
        """CPU seconds used so far: (nodes and proxy, primary with pooler and cache)."""
        pooler, cache, *proxy = (cpu_of(one.pid) for one in self.others)
        nodes = sum(cpu_of(node.server.pid) for node in self.nodes if node.server)
        return self.spent + nodes + sum(proxy), cpu_of(self.database.pid) + pooler + cache

    def memory(self):
        """Memory in MB: (nodes and proxy, primary with pooler and cache)."""
        pooler, cache, *proxy = (memory_of(one.pid) for one in self.others)
        nodes = sum(memory_of(node.server.pid) for node in self.nodes if node.server)
        return nodes + sum(proxy), memory_of(self.database.pid) + pooler + cache

    def close(self):
        """End everything that was started here and leave nothing behind."""
        for server in reversed(self.others):
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)
                server.wait(timeout=30)
        for node in self.nodes:
            node.close()
        self.replica.stop()
        super().close()


async def end_nodes(run, over, counts):
    """One node after the other is killed, or ended in good order, is missed for a moment, and comes back."""
    turn = 0
    while not over.is_set():
        await asyncio.sleep(2)
        node = run.house.nodes[turn % len(run.house.nodes)]
        how = (signal.SIGKILL, signal.SIGTERM)[turn // 2 % 2]
        await asyncio.to_thread(run.house.end, node, how)
        counts[how.name] = counts.get(how.name, 0) + 1
        await asyncio.sleep(1)
        await asyncio.to_thread(node.start)
        turn += 1


async def patient_sitting(one, share):
    """A sitting from the first page to the last, by a browser that sends again what was not answered."""

    def again(act):
        return until_it_works(act, one.chance)

    await again(one.see_login)
    await again(one.sign_in)
    await again(one.see_exam)
    await again(one.start)
    await again(one.see_paper)
    for page in share(one.questions, 8):
        one.waiting += one.entries(page)
        await again(one.send)
    await again(one.hand_in)
    await again(one.review)


async def caught_up(site):
    """Wait until the replica has all that the primary wrote; gives the seconds that it took."""
    began = time.perf_counter()
    written = await site.database.ask("SELECT pg_current_wal_lsn()")
    while await site.replica.ask(f"SELECT pg_last_wal_replay_lsn() >= '{written}'") != "t":
        if time.perf_counter() - began > 60:
            raise RuntimeError("the replica does not follow")
        await asyncio.sleep(0.05)
    return time.perf_counter() - began


def on_replica(site):
    """The environment in which the product's commands read the replica."""
    url = f"postgres://zhikao@{REPLICA}:{site.replica.port}/zhikao"
    return {"DATABASE_URL": url, "DIRECT_DATABASE_URL": url}
