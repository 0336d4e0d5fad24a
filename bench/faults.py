"""What survives: web workers, connections, the whole database and the network are killed while a city's worth of attempts runs.

Time is compressed: a sitting lasts minutes instead of an hour, and a cut of the network that lasts 20 minutes in life lasts 20
minutes divided by the same factor here. Candidates do what the page's module does: whatever was not acknowledged is sent again.
"""

import asyncio
import json
import os
import random
import signal
import time
from collections import Counter

from bench.candidate import Wrong
from bench.client import Gone

PAGES = 6
AGAIN = (500, 502, 503, 504, 429)
LOST = 0.01  # of the answers of the house, so that the candidate does not know whether she was heard
HANDS_IN = 0.7  # of the candidates; the others run into the deadline


class Faults:
    """Kills, one kind after another, each counted."""

    def __init__(self, run, chance):
        self.run, self.house, self.chance = run, run.house, chance
        self.pace = min(1.0, max(0.25, run.options.minutes))  # a short run has shorter pauses
        self.counts = Counter()
        self.is_over = False

    async def go_on(self):
        """Until it is over."""
        plan = [
            self.worker,
            self.connections,
            self.worker,
            self.worker,
            self.connections,
            self.power,
            self.worker,
            self.keeper,
            self.freeze,
            self.reload,
        ]
        turn = 0
        while not self.is_over:
            await asyncio.sleep(self.chance.uniform(2.5, 4.5) * self.pace)
            if self.is_over:
                return
            await plan[turn % len(plan)]()
            turn += 1

    async def worker(self):
        """SIGKILL to one web worker; its master starts another."""
        workers, _keepers = self.house.children()
        if workers:
            os.kill(self.chance.choice(workers), signal.SIGKILL)
            self.counts["web workers killed"] += 1

    async def keeper(self):
        """SIGKILL to the process that keeps the background worker."""
        for pid in self.house.children()[1]:
            os.kill(pid, signal.SIGKILL)
            self.counts["background keepers killed"] += 1

    async def freeze(self):
        """The database holds its breath."""
        if self.house.database:
            await asyncio.to_thread(self.house.database.freeze, self.chance.uniform(0.5, 3) * self.pace)
            self.counts["database frozen"] += 1

    async def connections(self):
        """Every connection of the product to the database is cut."""
        if not self.house.database:
            return
        done = await self.house.database.ask(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        self.counts["database connections cut"] += int(done or 0)

    async def power(self):
        """SIGKILL to the whole database, which then recovers."""
        if not self.house.database:
            return
        await asyncio.to_thread(self.house.database.kill)
        await asyncio.sleep(self.chance.uniform(0.2, 1.0))
        began = time.perf_counter()
        await asyncio.to_thread(self.house.database.start)
        self.counts["database killed and recovered"] += 1
        self.counts["seconds of recovery"] += round(time.perf_counter() - began, 1)

    async def reload(self):
        """New workers take over from the old ones, which let their requests finish."""
        self.house.server.send_signal(signal.SIGHUP)
        self.counts["all workers renewed (rolling)"] += 1


PATIENCE = 150  # seconds without a final answer after which the run is lost


async def until_it_works(act, chance):
    """Do an act again and again, as a browser does, until the house answers with something final."""
    tries, until = 0, time.monotonic() + PATIENCE
    while True:
        try:
            answer = await act()
            if answer is None or answer.status not in AGAIN:
                return answer
        except Gone:
            pass
        except Wrong as problem:
            if not str(problem).startswith(tuple(map(str, AGAIN))):
                raise
        tries += 1
        if time.monotonic() > until:
            raise Wrong(f"no answer within {PATIENCE} seconds")
        await asyncio.sleep(min(0.2 * 2 ** min(tries, 4), 3) * chance.uniform(0.7, 1.3))


async def sit(one, pk, began, lasts, cuts, counts):
    """One candidate's compressed sitting."""
    chance = one.chance
    one.attempt = pk
    start = chance.uniform(0, lasts * 0.25)
    await asyncio.sleep(start)
    await until_it_works(lambda: _paper(one), chance)
    size = -(-len(one.questions) // PAGES)
    for page in range(PAGES):
        await asyncio.sleep(chance.uniform(0.2, 1.8) * lasts * 0.6 / PAGES)
        one.waiting += one.entries(one.questions[page * size : page * size + size])
        if chance.random() < 0.15:
            cut = cuts(chance)
            counts["network cuts"] += 1
            await asyncio.sleep(cut)
        answer = await until_it_works(one.send, chance)
        if answer.status != 200:
            if answer.status == 410:
                break  # the deadline came while the network was away
            raise Wrong(f"save: {answer.status} {answer.body[:200]!r}")
    if chance.random() < HANDS_IN:
        answer = await until_it_works(lambda: one.send("hand-in", "hand-in"), chance)
        if answer.status not in (200, 410):
            raise Wrong(f"hand-in: {answer.status} {answer.body[:200]!r}")
        one.ended = "candidate" if answer.status == 200 else "late"


async def _paper(one):
    await one.see_paper()


async def settle(one, chance):
    """After the end: a hand-in is answered 200 if all that came along is stored, and 410 if something came too late."""
    if one.waiting:
        answer = await until_it_works(lambda: one.send("hand-in", "hand-in"), chance)
        if answer.status not in (200, 410):
            raise Wrong(f"hand-in after the end: {answer.status}")


async def faults(run):
    """Kills while everybody sits; afterwards every acknowledged answer stands, and every attempt ended when it should."""
    options, chance = run.options, random.Random(run.options.seed)
    lasts = options.minutes * 60
    factor = 60 / options.minutes
    setup = 10 + options.users / 60  # seconds that seeding takes before anybody can begin
    run.seed(
        code="faults", users=options.users, length=options.length, logins=True, started=True,
        closes_in=int(lasts + setup), grace=5,
    )  # fmt: skip
    pool = run.pool(96)
    people = run.candidates(pool, signed_in=True)
    people[0].attempt = run.told["attempts"][0]
    answer = await people[0].browser.get(f"/exams/attempts/{people[0].attempt}/check/", "check")
    deadline = json.loads(answer.body)["deadline"] / 1000
    lasts = min(lasts, deadline - time.time() - 3)
    breaker = Faults(run, chance)

    def loses():
        lost = chance.random() < LOST
        breaker.counts["answers lost on the way"] += lost
        return lost

    pool.loses = loses

    def cuts(die):
        """Between one second and twenty minutes of life, most of them short."""
        return 1200 ** die.random() / factor

    began = time.perf_counter()
    task = asyncio.create_task(breaker.go_on())
    acts = (
        sit(one, pk, began, lasts, cuts, breaker.counts)
        for one, pk in zip(people, run.told["attempts"], strict=True)
    )
    outcome = await asyncio.gather(*acts, return_exceptions=True)
    run.errors += [repr(one)[:300] for one in outcome if isinstance(one, BaseException)]
    breaker.is_over, pool.loses = True, None
    await task
    sat = time.perf_counter() - began
    await asyncio.sleep(max(0, deadline + 6 - time.time()))
    run.house.manage("close_due")
    await run.all((settle(one, chance) for one in people), 32)
    late = sum(bool(one.waiting) for one in people)
    run.rows = [
        {"what": name, "count": value}
        for name, value in (
            *sorted(breaker.counts.items()),
            ("attempts", len(people)),
            ("handed in by the candidate", sum(one.ended == "candidate" for one in people)),
            ("requests without an answer", sum(c[0] for c in run.record.answers.values())),
            (
                "requests answered 5xx",
                sum(n for c in run.record.answers.values() for s, n in c.items() if s >= 500),
            ),
            ("candidates told that an answer came too late", late),
        )
    ]
    run.notes.append(
        f"sat for {sat:.0f} s, compressed {factor:.0f}:1; cuts of 1 s to 20 min of life lasted {1 / factor:.2f} to {1200 / factor:.0f} s"
    )
    truths = [one.truth() | {"at_deadline": one.ended != "candidate"} for one in people]
    run.verify(truths)
    await pool.close()
