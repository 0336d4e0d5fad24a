"""What a sitting's steps cost in a house that has grown, beside one that has not.

A shared machine grows slower and quicker within minutes, by more than what is to be found. So two houses stand beside each other,
with the same people and the same acts; a group of the one, then a group of the other, in turn. Whatever the machine does
happens to both.
"""

from statistics import median

from bench.candidate import Wrong
from bench.house import House

STEPS = ("start", "paper", "save", "hand-in", "result")
RUNNING = 12_722  # who sit beside those that are measured
GROUPS = 6  # of the candidates, in turn from both houses
FEW = 200  # items in the bank of the house that does not grow
AT_ONCE = 4
WARMING = 16  # candidates that are not counted, so that every process has the papers


async def growth(run):
    """Ever larger banks, a million finished attempts, a city that sits, and longer papers, each beside a small house."""
    options = run.options
    small = House(options.db, options.workers, options.threads)
    try:
        small.manage("prepare")
        small.start()
        await _grow(run, type(run)(options, small))
    finally:
        small.close()


async def _grow(large, small):
    rows, truths = [], {large: [], small: []}

    async def measure(name, items=200_000, **wanted):
        sides = [
            await _Side.ready(run, name, truths[run], items=count, **asked)
            for run, count, asked in ((large, items, wanted), (small, FEW, {}))
        ]
        for n in range(GROUPS):
            for side in sides if n % 2 else reversed(sides):
                await side.measure(n)
        rows.append(_compared(name, *sides))
        for side in sides:
            await side.pool.close()

    await measure("warm-up", items=FEW)
    rows.clear()
    for items in (FEW, 2000, 20_000, 200_000):
        await measure(f"{items:,} items", items=items)
    large.house.python("-m", "bench.past", given={"attempts": large.options.past})
    await measure(f"{large.options.past:,} finished")
    large.house.python("-m", "bench.past", given={"running": RUNNING})
    await measure(f"{RUNNING:,} running")
    for length in (50, 100):
        await measure(f"{length} questions", length=length)
    for run, told in truths.items():
        run.verify([one.truth() for one in told])
    large.rows = rows
    large.errors += small.errors
    large.notes += [f"{small.notes[-1]} (the house that did not grow)"]


class _Side:
    """One of the two houses with the candidates of a case."""

    @classmethod
    async def ready(cls, run, name, truths, **wanted):
        """Seeded, signed in and warm."""
        side = cls()
        run.seed(code=name.replace(" ", "-").replace(",", ""), users=run.options.users, logins=True, **wanted)
        side.run, side.parts, side.pool = run, [], run.pool(AT_ONCE)
        people = run.candidates(side.pool, signed_in=True)
        for one in people[:WARMING]:
            await one.start()
            await one.see_paper()
        side.people = people[WARMING:]
        truths.extend(side.people)
        return side

    async def measure(self, n):
        """The steps of one group."""
        group = self.people[n::GROUPS]
        part = {}
        for step, acts in (
            ("start", (one.start() for one in group)),
            ("paper", (one.see_paper() for one in group)),
            ("save", (_saved(one, one.questions[m : m + 1]) for m in range(8) for one in group)),
            ("hand-in", (_handed_in(one) for one in group)),
            ("result", (one.see_result() for one in group)),
        ):
            part[step] = await self.run.step(step, acts, AT_ONCE)
        self.parts.append(part)

    def of(self, step, kind="cpu_ms"):
        """CPU milliseconds of a step, group by group."""
        return [part[step][kind] for part in self.parts]


def _compared(name, large, small):
    """Medians over the groups; the growth is the median of what each group cost against its neighbour."""
    row = {"case": name}
    for step in STEPS:
        grown, beside = large.of(step), small.of(step)
        against = [one / other for one, other in zip(grown, beside, strict=True) if other]
        row |= {
            step: median(grown),
            f"{step} db": median(large.of(step, "database_ms")),
            f"{step} beside": median(beside),
            f"{step} %": round(100 * median(against or [1]) - 100),
        }
    return row


async def _saved(one, page):
    answer = await one.save(page)
    if answer.status != 200:
        raise Wrong(f"save: {answer.status}")


async def _handed_in(one):
    answer = await one.send("hand-in", "hand-in")
    if answer.status != 200:
        raise Wrong(f"hand-in: {answer.status}")
