"""The pages of many learners, and courses given to thousands at once."""

import asyncio
import re
import time

from bench.candidate import expect
from bench.client import Browser

PAGES = (
    ("team, 5,000 people", "manager", "/learning/"),
    ("team, everybody", "manager of all", "/learning/"),
    ("team, late only", "manager of all", "/learning/?state=late"),
    ("paths, everybody", "manager of all", "/learning/paths/"),
    ("hours of the district", "district", "/learning/hours/"),
    ("hours, one course", "district", "/learning/hours/?course=bench-0"),
    ("hours of the city", "city", "/learning/hours/"),
    ("hours, the list behind", "district", "/learning/hours/people/?unit=TJ-XQ"),
    ("a learner's home", "learner", "/"),
    ("a learner's courses", "learner", "/courses/"),
)
TIMES, MOST_MS, MOST_SECONDS = 20, 300, 30
NUMBER = re.compile(r"已安排 (\d+) / (\d+) 人次")


async def learning(run):
    """Everybody's pages one after the other, each so many times; then five courses for a quarter of all through the page's own act."""
    told = run.told = run.house.python("-m", "bench.school", given={"people": run.options.users})
    run.notes.append(
        f"{told['people']:,} learners, {told['credits']:,} credits; {told['days']} days closed in {told['closing_seconds']:.1f} s"
    )
    pool = run.pool(4)
    for name, who, address in PAGES:
        browser = Browser(pool, run.record, {"zhikao_session": told["cookies"][who], "csrftoken": "b" * 32})
        for _ in range(4):  # each process has its templates, each connection its plans
            expect(await browser.get(address, "warm"), 200)
        await run.step(name, (asked(browser, address, name) for _ in range(TIMES)), 1)
        if run.rows[-1]["p50_ms"] > MOST_MS:
            run.errors.append(f"{name}: {run.rows[-1]['p50_ms']} ms")
    await given(run, pool)
    await pool.close()


async def asked(browser, address, name):
    """One look at a page."""
    expect(await browser.get(address, name), 200)


async def given(run, pool):
    """The assignment: from the request to the last enrolment, with what the page told in between."""
    told = run.told
    browser = Browser(pool, run.record, {"zhikao_session": told["cookies"]["manager"], "csrftoken": "b" * 32})
    began = time.perf_counter()
    made = run.house.python("-m", "bench.school", given={"give": told["fresh"]})
    dry = time.perf_counter() - began
    seen, state, began = set(), "waiting", time.perf_counter()
    while state == "waiting" and time.perf_counter() - began < 600:
        await asyncio.sleep(0.5)
        answer = expect(await browser.get(f"/learning/bulk/{made['pk']}/", "progress"), 200)
        if found := NUMBER.search(answer.text):
            seen.add(int(found[1]))
        else:
            state = "over"
    took = time.perf_counter() - began
    told = run.house.python("-m", "bench.school", given={"look": made["pk"]})
    run.notes.append(
        f"assignment: {told['given']:,} of {made['total']:,} enrolments in {took:.1f} s (counting and asking {dry:.1f} s with the start of "
        f"Python), {len(seen)} figures of progress seen on its page, differing {told['differing']}"
    )
    if told["state"] != "done" or told["given"] != made["total"] or told["differing"]:
        run.errors.append(f"assignment: {told}")
    if took > MOST_SECONDS:
        run.errors.append(f"assignment took {took:.1f} s")
