"""The runs. Each seeds a house, drives candidates, measures, and verifies everything afterwards."""

import asyncio
import json
import os
import time

from bench.candidate import Candidate, Wrong
from bench.client import Gone, Pool
from bench.drill import restore
from bench.faults import faults
from bench.figures import Record, machine, percentile
from bench.growth import growth
from bench.house import House
from bench.learning import learning
from bench.nodes import Site, caught_up, end_nodes, on_replica, patient_sitting
from bench.reminders import reminders

STEPS = ("sign-in page", "sign-in", "exam page", "start", "paper", "save", "hand-in", "result", "review")


class Run:
    """One run on one house: seeds, drives, measures."""

    def __init__(self, options, house):
        self.options, self.house = options, house
        self.record = Record()
        self.errors = []
        self.rows = []
        self.notes = []

    def seed(self, **wanted):
        """Fill the house."""
        self.told = self.house.python("-m", "bench.seed", given=wanted)
        return self.told

    def pool(self, size):
        """Connections to the house."""
        return Pool(self.house.host, self.house.port, size, tls=self.house.tls)

    def candidates(self, pool, session=None, signed_in=False):
        """The people of the seed."""
        told = self.told
        cookies = told.get("cookies")
        return [
            Candidate(
                pool,
                self.record,
                name,
                told["password"],
                told["session"],
                {"zhikao_session": cookies[n], "csrftoken": "b" * 32} if signed_in else None,
                self.options.seed,
            )
            for n, name in enumerate(told["users"])
        ]

    async def all(self, acts, at_once):
        """Do acts, so many at a time; what goes wrong is kept and fails the run."""
        waiting = iter(acts)

        async def work():
            for act in waiting:
                try:
                    await act
                except (Wrong, Gone) as problem:
                    self.errors.append(str(problem)[:300])

        await asyncio.gather(*(work() for _ in range(at_once)))

    async def step(self, name, acts, at_once, units=None):
        """Measure a step over all candidates: CPU of all server processes, per unit of work."""
        acts = list(acts)
        units = units or len(acts)
        counting = self.house.database
        if counting:
            await counting.counted()
        requests = sum(map(len, self.record.times.values()))
        web, database, own, began = *self.house.cpu(), time.process_time(), time.perf_counter()
        await self.all(acts, at_once)
        took = time.perf_counter() - began
        await asyncio.sleep(0.05)
        web_after, database_after = self.house.cpu()
        row = {
            "step": name,
            "units": units,
            "web_ms": (web_after - web) * 1000 / units,
            "database_ms": (database_after - database) * 1000 / units,
            "cpu_ms": (web_after + database_after - web - database) * 1000 / units,
            "client_ms": (time.process_time() - own) * 1000 / units,
            "requests": (sum(map(len, self.record.times.values())) - requests) / units,
            "per_second": units / took,
        }
        statements, dearest = await counting.counted() if counting else (None, [])
        if statements is not None:
            row["queries"] = statements / units
            self.notes += [f"  {name}: {one}" for one in dearest]
        kinds = [kind for kind in self.record.times if kind not in getattr(self, "_seen", ())]
        for kind in kinds:
            told = self.record.told(kind)
            row |= {"p50_ms": told["p50_ms"], "p95_ms": told["p95_ms"], "p99_ms": told["p99_ms"]}
        self._seen = {*getattr(self, "_seen", ()), *kinds}
        self.rows.append(row)
        return row

    def verify(self, truths, ended=True, where="", environment=None):
        """Compare every answer and score."""
        given = {"truths": truths, "ended": ended}
        told = self.house.python("-m", "bench.verify", given=given, environment=environment)
        self.errors += told.pop("wrong")
        self.notes.append(
            f"verified{where}: "
            + ", ".join(f"{value:,} {name}" for name, value in told.items() if name != "differences")
            + f"; differences: {told['differences']}"
        )
        return told

    def result(self):
        """Everything as one dict."""
        web, database = self.house.memory()
        self.notes.append(f"memory: web {web:.0f} MB, database {database:.0f} MB; errors: {len(self.errors)}")
        self.notes += [f"  ! {error}" for error in self.errors[:10]]
        return {
            "mode": self.options.mode,
            "database": "PostgreSQL, fsync on" if self.house.database else "SQLite, synchronous FULL",
            "workers": f"{self.options.workers} × {self.options.threads} threads",
            "machine": machine(),
            "rows": self.rows,
            "requests": {kind: self.record.told(kind) for kind in self.record.times},
            "memory_mb": {"web": round(web), "database": round(database)},
            "errors": self.errors,
            "notes": self.notes,
        }


async def warm(run, pool):
    """Sittings that are not counted, so that every process has its papers and templates, and every connection its plans."""
    told, record = run.told, run.record
    run.seed(code="warm", users=96)
    run.record = Record()
    for one in run.candidates(pool):
        one.record = one.browser.record = run.record
    people = run.candidates(pool)
    await run.all((whole_sitting(one) for one in people), 8)
    run.told, run.record = told, record


async def whole_sitting(one, pages=8):
    """A sitting from the first page to the last."""
    await one.see_login()
    await one.sign_in()
    await one.see_exam()
    await one.start()
    await one.see_paper()
    for page in share(one.questions, pages):
        await saved(one, page)
    await one.hand_in()
    await one.review()


def share(questions, pages):
    """The questions on so many pages."""
    size = -(-len(questions) // pages)
    return [questions[n : n + size] for n in range(0, len(questions), size)]


async def saved(one, page):
    """A page of answers that must be acknowledged."""
    answer = await one.save(page)
    if answer.status != 200:
        raise Wrong(f"save: {answer.status} {answer.body[:200]!r}")


async def sitting(run):
    """The work of the peers' figures: sign in, exam page, start, 8 pages of 2 questions, hand in, review."""
    options, at_once = run.options, run.options.at_once
    run.seed(code="sitting", users=options.users, length=options.length)
    pool = run.pool(16)
    await warm(run, pool)
    people = run.candidates(pool)
    await run.step("sign-in page", (one.see_login() for one in people), at_once)
    await run.step("sign-in", (one.sign_in() for one in people), at_once)
    await run.step("exam page", (one.see_exam() for one in people), at_once)
    await run.step("start", (one.start() for one in people), at_once)
    await run.step("paper", (one.see_paper() for one in people), at_once)
    pages = [(one, page) for n in range(8) for one in people for page in share(one.questions, 8)[n : n + 1]]
    await run.step("save", (saved(one, page) for one, page in pages), at_once)
    await run.step("hand-in, result", (one.hand_in() for one in people), at_once)
    await run.step("review", (one.review() for one in people), at_once)
    total = {"step": "sitting", "units": len(people)}
    for name in ("web_ms", "database_ms", "cpu_ms", "client_ms"):
        total[name] = sum(row[name] * row["units"] for row in run.rows) / len(people)
    run.rows.append(total)
    run.notes.append(
        f"{run.record.bytes / len(people) / 1000:.0f} kB and {sum(map(len, run.record.times.values())) / len(people):.0f} requests a sitting"
    )
    run.verify([one.truth() for one in people])
    await pool.close()


async def save(run):
    """Saves alone: one after the other, then many at once."""
    options = run.options
    run.seed(code="save", users=options.users, length=options.length, logins=True, started=True)
    pool = run.pool(64)
    people = run.candidates(pool, signed_in=True)
    await run.step("paper", (seen(one, pk) for one, pk in zip(people, run.told["attempts"], strict=True)), 4)
    for at_once in (1, 4, 16, 64):
        rounds = [
            (one, [one.questions[(n * 7 + at_once) % len(one.questions)]]) for n in range(4) for one in people
        ]
        run._seen.discard("save")
        run.record.times.pop("save", None)
        await run.step(f"save, {at_once} at once", (saved(one, page) for one, page in rounds), at_once)
    run.verify([one.truth() for one in people], ended=False)
    await pool.close()


async def bare(run):
    """What stock Django costs for a login, CSRF, one query and a small answer; then the product's save, on the same machine."""
    await save(run)
    house, options = run.house, run.options
    house.stop()
    house.start(
        [
            os.environ.get("VENV_PYTHON") or "python3",
            "-m",
            "gunicorn",
            "--config",
            "config/gunicorn.py",
            "bench.bare:application",
        ]
    )
    pool = run.pool(16)
    people = run.candidates(pool, signed_in=True)
    await run.all((asked(one) for one in people[:64]), 8)
    for at_once in (1, 4, 16):
        run._seen.discard("bare")
        run.record.times.pop("bare", None)
        await run.step(
            f"bare view, {at_once} at once", (asked(one) for _ in range(4) for one in people), at_once
        )
    run.notes.append(
        f"bare view: {options.users * 12:,} requests of stock middleware, session and person, one query"
    )
    await pool.close()


async def asked(one):
    """A post to the bare view."""
    answer = await one.browser.post_json("/bare/", "bare", b"{}")
    if answer.status != 200:
        raise Wrong(f"bare: {answer.status} {answer.body[:200]!r}")


async def seen(one, pk):
    """Open the paper of an attempt that the seeder began."""
    one.attempt = pk
    await one.see_paper()


async def spike(run):
    """Everybody presses the button in the same instant."""
    options = run.options
    run.seed(code="spike", users=options.users, length=options.length, logins=True)
    pool = run.pool(options.users)
    await warm(run, pool)
    people = run.candidates(pool, signed_in=True)
    times = []

    async def first_page(one):
        began = time.perf_counter()
        await one.start()
        await one.see_paper()
        times.append(time.perf_counter() - began)

    row = await run.step("start and paper", (first_page(one) for one in people), len(people))
    times.sort()
    for p in (50, 95, 99):
        row[f"p{p}_ms"] = percentile(times, p) * 1000
    row["all after s"] = times[-1] if times else 0
    run.verify([one.truth() for one in people], ended=False)
    await pool.close()


POLL, SPREAD = 1.0, 0.25  # seconds, as static/js/hall-waiting.js asks
LIMIT = 3.0  # from the word to the first question, for everybody


async def release(run):
    """Everybody waits at a held session; measured is what passes from the word to each one's first question."""
    options = run.options
    run.seed(code="release", users=options.users, length=options.length, logins=True, held=True)
    pool = run.pool(options.users)
    await warm(run, pool)
    people = run.candidates(pool, signed_in=True)
    pulse = f"/pulse/{run.told['session_pk']}/"
    shown, is_waiting = [], asyncio.Event()

    async def first_question(one):
        await asyncio.sleep(one.chance.random() * POLL)  # the hall does not ask in step
        while not json.loads((await one.browser.get(pulse, "pulse")).body).get("go"):
            is_waiting.set()
            await asyncio.sleep(POLL + (one.chance.random() * 2 - 1) * SPREAD)
        await one.start()
        await one.see_paper()
        shown.append(time.time())

    async def word():
        await is_waiting.wait()
        await asyncio.sleep(3 * POLL)
        return await asyncio.to_thread(run.house.python, "-m", "bench.word", given={"session": "release"})

    said = asyncio.create_task(word())
    row = await run.step("word to first question", (first_question(one) for one in people), len(people))
    at = (await said)["at"]
    times = sorted(one - at for one in shown)
    for p in (50, 95, 99):
        row[f"p{p}_ms"] = percentile(times, p) * 1000
    row["all after s"] = times[-1] if times else 0
    if len(times) < len(people) or times[-1] > LIMIT:
        run.errors.append(
            f"{sum(one <= LIMIT for one in times)} of {len(people)} had their first question within {LIMIT:.0f} s"
        )
    run.notes.append(
        f"{len(times)} waited, asking each {POLL:.0f} s ± {SPREAD}; first question after the word: "
        f"p50 {percentile(times, 50):.2f} s, p95 {percentile(times, 95):.2f} s, max {row['all after s']:.2f} s"
    )
    run.verify([one.truth() for one in people], ended=False)
    await pool.close()


async def storm(run):
    """All time out in the same second: half of the browsers hand in at that moment, the rest is closed by whoever looks."""
    options = run.options
    opened = time.time()
    lasts = max(20, options.users // 20)
    run.seed(
        code="storm",
        users=options.users,
        length=options.length,
        logins=True,
        started=True,
        closes_in=lasts,
        grace=60,
    )
    pool = run.pool(64)
    people = run.candidates(pool, signed_in=True)
    await run.step("paper", (seen(one, pk) for one, pk in zip(people, run.told["attempts"], strict=True)), 8)
    await run.step("save", (saved(one, page) for one in people for page in share(one.questions, 2)), 8)
    deadline = await _deadline(people[0])
    run.notes.append(
        f"seeded and answered {deadline - time.time():.0f} s before the deadline, {deadline - opened:.0f} s after the start"
    )
    if time.time() >= deadline:
        run.errors.append("the deadline was over before everybody had answered; give fewer users")
    await asyncio.sleep(max(0, deadline - time.time()) + 0.2)
    half = people[: len(people) // 2]

    async def late(one):
        answer = await one.send("hand-in at the deadline", "hand-in")
        if answer.status != 200:
            raise Wrong(f"hand-in: {answer.status} {answer.body[:200]!r}")

    await run.step("hand-in at the deadline", (late(one) for one in half), 64)
    await asyncio.sleep(max(0, deadline + 61 - time.time()))
    began = time.perf_counter()
    run.house.manage("close_due")
    run.notes.append(
        f"the other {len(people) - len(half)} were closed by one command in {time.perf_counter() - began:.1f} s"
    )
    run.verify([one.truth() | {"at_deadline": True} for one in people])
    await pool.close()


async def _deadline(one):
    answer = await one.browser.get(f"/exams/attempts/{one.attempt}/check/", "check")
    return json.loads(answer.body)["deadline"] / 1000


async def city(run):
    """A city sits: the real rate of saves, the length of the sitting compressed."""
    options = run.options
    run.seed(code="city", users=options.users, length=options.length, logins=True, started=True, papers=60)
    connections = 64
    pool = run.pool(connections)
    people = run.candidates(pool, signed_in=True)
    sample = people[:60]
    for one, pk in zip(people, run.told["attempts"], strict=True):
        one.attempt = pk
    await run.step("paper, a sample", (one.see_paper() for one in sample), 8)
    await run.step("paper, the others", (one.see_paper() for one in people[60:]), 8)
    rate = len(people) / options.every
    rounds = max(1, round(options.minutes * 60 / options.every))
    late, began = [], time.perf_counter()
    limit = asyncio.Semaphore(4000)
    running = set()

    async def one_save(one, turn, due):
        async with limit:
            try:
                await saved(one, [one.questions[turn % len(one.questions)]])
            except (Wrong, Gone) as problem:
                run.errors.append(str(problem)[:300])
            late.append(time.perf_counter() - began - due)

    web, database, own = *run.house.cpu(), time.process_time()
    run.record.times.pop("save", None)
    for turn in range(rounds):
        for n, one in enumerate(people):
            due = turn * options.every + n / rate
            wait = due - (time.perf_counter() - began)
            if wait > 0.002:
                await asyncio.sleep(wait)
            task = asyncio.create_task(one_save(one, turn, due))
            running.add(task)
            task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    took = time.perf_counter() - began
    web_after, database_after = run.house.cpu()
    total = rounds * len(people)
    late.sort()
    run.rows.append(
        {
            "step": "save",
            "units": total,
            "web_ms": (web_after - web) * 1000 / total,
            "database_ms": (database_after - database) * 1000 / total,
            "cpu_ms": (web_after + database_after - web - database) * 1000 / total,
            "client_ms": (time.process_time() - own) * 1000 / total,
            "per_second": total / took,
            **{f"p{p}_ms": percentile(late, p) * 1000 for p in (50, 95, 99)},
        }
    )
    run.notes += [
        f"{len(people):,} candidates, one save each {options.every} s: {rate:.0f} saves a second wanted, {total / took:.0f} reached over {took:.0f} s",
        f"a sitting of 60 minutes compressed to {options.minutes} ({60 / options.minutes:.0f}:1): {rounds} saves each instead of {3600 // options.every}; the rate is the real one",
        f"{connections} connections, as a proxy holds them; the latency counts from the moment a save was due",
        f"cores busy: server {(web_after + database_after - web - database) / took:.2f}, load generator {(time.process_time() - own) / took:.2f}",
    ]
    run.verify([one.truth() for one in people], ended=False)
    await pool.close()


async def nodes(run):
    """The peers' work on two web nodes behind nginx, PgBouncer and Redis; then the same while one after the other is ended."""
    options, site = run.options, run.house
    await sitting(run)
    undisturbed, run.record = run.record, Record()
    run.notes.append("so far undisturbed; what follows was done while nodes were ended and started again")
    run.seed(code="ended", users=options.users * 2, length=options.length)
    pool = run.pool(options.at_once * 2)
    people = run.candidates(pool)
    over, counts = asyncio.Event(), {}
    ending = asyncio.create_task(end_nodes(run, over, counts))
    await run.step(
        "sitting, nodes ended", (patient_sitting(one, share) for one in people), options.at_once * 2
    )
    over.set()
    await ending
    answers = [n for kind in run.record.answers.values() for n in kind.items()]
    run.notes.append(
        f"nodes ended and started again: {counts.get('SIGKILL', 0)} by SIGKILL, {counts.get('SIGTERM', 0)} by SIGTERM; "
        f"{sum(n for status, n in answers if status >= 500)} requests answered 5xx and {sum(n for status, n in answers if not status)} not at all, each sent again"
    )
    truths = [one.truth() for one in people]
    run.verify(truths)
    run.notes.append(f"the replica had everything after {await caught_up(site):.2f} s")
    run.verify(truths, where=" on the replica", environment=on_replica(site))
    await pool.close()
    for kind, times in undisturbed.times.items():
        run.record.times[kind] = times + run.record.times[kind]


PEOPLE = (sitting, save, bare, spike, release, storm, city, faults, growth, restore, nodes)
MODES = {mode.__name__: mode for mode in (*PEOPLE, learning, reminders)}


def drive(options):
    """Run a mode from an empty house to its figures."""
    if options.mode == "nodes":
        house = Site(options.workers, options.threads)
    else:
        house = House(options.db, options.workers, options.threads, counts=options.statements)
        if options.statements and house.database:
            asyncio.run(house.database.ask("CREATE EXTENSION pg_stat_statements"))
    try:
        house.manage("prepare")
        house.start()
        run = Run(options, house)
        asyncio.run(MODES[options.mode](run))
        return run.result()
    finally:
        house.close()
