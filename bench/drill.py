"""A restore drill: a backup taken while everybody saves, brought back into an empty house, where everybody then goes on."""

import asyncio
import os
import shutil
import time

from bench.candidate import Wrong
from bench.house import ROOT, House

KEYS = ("secret_key", "field_keys.json")  # kept apart from the backup, as docs/operations.md has it


async def restore(run):
    """Save, back up under that load, restore elsewhere, verify, go on there to the end."""
    options, house = run.options, run.house
    run.seed(code="drill", users=options.users, logins=True, started=True)
    pool = run.pool(8)
    people = run.candidates(pool, signed_in=True)
    for one, pk in zip(people, run.told["attempts"], strict=True):
        one.attempt = pk
    await run.step("paper", (one.see_paper() for one in people), 4)
    await run.step("save", (_saved(one, n) for n in range(2) for one in people), 4)
    over, saves = asyncio.Event(), []
    working = [asyncio.create_task(_go_on(run, people[n::4], over, saves)) for n in range(4)]
    await asyncio.sleep(0.5)
    before, began, had = (
        [one.truth() | {"said": dict(one.said)} for one in people],
        time.perf_counter(),
        len(saves),
    )
    path = await _backup(house)
    took, during = time.perf_counter() - began, len(saves) - had
    await asyncio.sleep(0.5)
    over.set()
    await asyncio.gather(*working)
    await pool.close()
    run.notes.append(
        f"backup of {path.stat().st_size / 1e6:.1f} MB in {took:.1f} s, while {during:,} saves were acknowledged"
    )
    other = House(options.db, options.workers, options.threads)
    try:
        (other.folder / "var").mkdir()
        for key in KEYS:
            shutil.copy(house.folder / "var" / key, other.folder / "var" / key)
        began = time.perf_counter()
        other.manage("restore", str(path))
        run.notes.append(f"restored and every chain verified in {time.perf_counter() - began:.1f} s")
        run.house = other
        run.verify([truth | {"at_least": True} for truth in before], ended=False)
        other.start()
        pool = run.pool(8)
        again = run.candidates(pool, signed_in=True)
        for one, old in zip(again, people, strict=True):
            one.attempt = old.attempt
        await run.step("paper, restored", (one.see_paper() for one in again), 4)
        await run.step("the rest and hand-in, restored", (_to_the_end(one) for one in again), 4)
        run.verify([one.truth() for one in again])
        await pool.close()
    finally:
        run.house = house
        other.close()


async def _saved(one, n):
    answer = await one.save([one.questions[n % len(one.questions)]])
    if answer.status != 200:
        raise Wrong(f"save: {answer.status} {answer.body[:200]!r}")


async def _go_on(run, people, over, saves):
    n = 2
    while not over.is_set():
        for one in people:
            await run.all([_saved(one, n)], 1)
            saves.append(n)
            if over.is_set():
                return
        n += 1


async def _backup(house):
    process = await asyncio.create_subprocess_exec(
        os.environ.get("VENV_PYTHON") or "python3",
        *("manage.py", "backup"),
        env=house.env,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _told, problem = await process.communicate()
    if process.returncode:
        raise RuntimeError(problem.decode()[-2000:])
    return next((house.folder / "var" / "backups").glob("*.tar"))


async def _to_the_end(one):
    for n in range(len(one.questions)):
        await _saved(one, n)
    await one.hand_in()
