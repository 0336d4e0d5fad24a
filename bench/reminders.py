"""Reminders for many: planned by a command that is killed three times on its way; then let into the inboxes, in test mode."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import date, timedelta

from bench.house import ROOT

LIMIT = 120.0  # seconds for all of it, with what the killed ones took
KILLS = 3
KIND = "learning.near"


async def reminders(run):
    """Plan, kill, plan again; each reminder must be there once, with the first line of its ledger."""
    house, users = run.house, run.options.users
    house.stop()  # its worker would plan as well
    day = date.today() + timedelta(days=30)
    began = time.perf_counter()
    await asyncio.to_thread(
        house.python, "-m", "bench.learners", given={"users": users, "day": day.isoformat()}
    )
    run.notes.append(f"{users:,} learners seeded in {time.perf_counter() - began:.1f} s")
    plan = ("manage.py", "plan_messages", "--day", day.isoformat())
    began, had = time.perf_counter(), []
    for n in range(KILLS):
        had.append(await _killed(run, plan, users * (n + 1) // (KILLS + 1)))
    process = _begin(house, plan)
    said, wrong = await asyncio.to_thread(process.communicate)
    took = time.perf_counter() - began
    run.errors += [wrong[-300:]] if process.returncode else []
    told = await _counts(house, day)
    run.rows.append(
        {"step": "plan, killed 3 times", "units": users, "seconds": took, "per_second": users / took}
    )
    run.notes.append(
        f"killed by SIGKILL with {', '.join(f'{n:,}' for n in had)} written; the last one wrote the rest: {said.split()}"
    )
    run.notes.append("counted: " + ", ".join(f"{value:,} {name}" for name, value in told.items()))
    wanted = dict.fromkeys(("messages", "people", "first lines", "lines"), users) | {
        "planned by the batch": users
    }
    if told != wanted:
        run.errors.append(f"counted {told} instead of {wanted}")
    if took > LIMIT:
        run.errors.append(f"it took {took:.0f} s instead of {LIMIT:.0f}")
    again = time.perf_counter()
    process = _begin(house, plan)
    await asyncio.to_thread(process.communicate)
    run.rows.append({"step": "plan once more", "units": users, "seconds": time.perf_counter() - again})
    if (later := await _counts(house, day)) != wanted:
        run.errors.append(f"planning once more left {later}")
    await _arrive(run, users)


async def _arrive(run, users):
    began = time.perf_counter()
    process = _begin(run.house, ("manage.py", "send_messages", "--seconds", "600"))
    said, wrong = await asyncio.to_thread(process.communicate)
    took = time.perf_counter() - began
    if process.returncode or not said.startswith(f"{users} arrived, 0 handed over"):
        run.errors.append(f"sending in test mode said {said!r} {wrong[-300:]}")
    run.rows.append(
        {"step": "arrive, test mode", "units": users, "seconds": took, "per_second": users / took}
    )


def _begin(house, arguments):
    return subprocess.Popen(
        [os.environ.get("VENV_PYTHON") or "python3", *arguments],
        cwd=ROOT,
        env=house.env | {"MESSAGES_TEST": "1", "QUIET_HOURS": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def _killed(run, plan, enough):
    """Kill a planner once so many messages are written; gives how many there were."""
    process = _begin(run.house, plan)
    while (
        process.poll() is None and await _asked(run.house, "SELECT count(*) FROM messaging_message") < enough
    ):
        await asyncio.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(process.communicate)
    if process.returncode != -signal.SIGKILL:
        run.errors.append(f"a planner ended with {process.returncode} before it could be killed")
    return await _asked(run.house, "SELECT count(*) FROM messaging_message")


async def _counts(house, day):
    """What stands there, and what the batch of that day says: the house's own worker may have planned today before it was stopped."""
    ledger = "FROM messaging_ledgerline"
    return {
        "messages": await _asked(house, f"SELECT count(*) FROM messaging_message WHERE kind = '{KIND}'"),
        "people": await _asked(house, "SELECT count(DISTINCT recipient_id) FROM messaging_message"),
        "first lines": await _asked(house, f"SELECT count(DISTINCT message_id) {ledger} WHERE number = 1"),
        "lines": await _asked(house, f"SELECT count(*) {ledger}"),
        "planned by the batch": await _asked(
            house,
            f"SELECT planned FROM messaging_batch WHERE finished_at IS NOT NULL AND kind = '{KIND}' AND day = '{day}'",
        ),
    }


async def _asked(house, statement):
    if house.database:
        return json.loads(await house.database.ask(statement) or "0")
    with closing(sqlite3.connect(house.folder / "var" / "zhikao.sqlite3", timeout=20)) as database:
        return database.execute(statement).fetchone()[0]
