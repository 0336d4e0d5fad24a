"""How long it takes to seal and to verify a large log: `python -m bench.log [ROWS]`, on a migrated and empty house."""

import resource
import sys
import time
from contextlib import contextmanager

import django

django.setup()

from audit import sealing, tasks  # noqa: E402
from audit.append import append  # noqa: E402
from audit.labels import LABELS  # noqa: E402
from audit.models import AuditEvent  # noqa: E402
from audit.verifying import Verification  # noqa: E402

AT_ONCE = 5_000


def main(wanted):
    """Fill, seal, verify, tell."""
    if AuditEvent.objects.exists():
        sys.exit("this house has a log")
    with told("filled"):
        for first in range(0, wanted, AT_ONCE):
            append(row(n) for n in range(first, min(first + AT_ONCE, wanted)))
    with told("sealed"):
        while tasks.seal():
            pass
    done = Verification()
    with told("verified"):
        problems = list(done.problems())
    print(f"{done.rows} rows under {done.seals} seals, {len(problems)} problems; {sealing.newest().last_id=}")
    return bool(problems)


def row(n):
    """A line such as acts leave."""
    return AuditEvent(
        actor_id=n % 9_000 + 1,
        actor_name=f"考生{n % 9_000}",
        action=list(LABELS)[n * n % len(LABELS)],
        target=f"exams.attempt:{n}",
        target_label=f"2026 年第 {n % 40} 场 · 考生{n % 9_000}",
        data={"before": "in_progress", "after": "submitted", "why": "", "paper": str(n % 200), "number": n},
        request_id=f"{n:032x}",
        address=f"10.{n % 250}.{n // 250 % 250}.7",
        outcome="refused" if n % 50 == 0 else "done",
    )


@contextmanager
def told(what):
    """Say how long it took, on how much of a core, and the most memory so far."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{what}: {time.perf_counter() - wall:.1f} s, {time.process_time() - cpu:.1f} s CPU, {memory} MB",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
