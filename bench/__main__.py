"""bin/bench MODE: see docs/performance.md."""

import argparse
import sys

from bench.figures import tell
from bench.modes import MODES, drive


def main():
    """Read what is wanted, run it, tell it; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(
        prog="bin/bench", description="Load on the product itself; what it stored is verified."
    )
    parser.add_argument("mode", choices=sorted(MODES))
    parser.add_argument("--db", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--users", type=int, help="simulated candidates")
    parser.add_argument("--length", type=int, choices=(16, 50, 100), default=16, help="questions on a paper")
    parser.add_argument("--at-once", type=int, default=4, help="requests under way at the same time")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=3, help="city: how long the sitting lasts")
    parser.add_argument("--every", type=int, default=20, help="city: seconds between a candidate's saves")
    parser.add_argument(
        "--past", type=int, default=1_000_000, help="growth: finished attempts of former years"
    )
    parser.add_argument(
        "--statements",
        action="store_true",
        help="PostgreSQL: count statements and name the dearest; costs a little",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", default="", help="keep the figures in this file")
    options = parser.parse_args()
    options.users = options.users or {
        "city": 12722,
        "storm": 1000,
        "save": 500,
        "bare": 500,
        "faults": 10_000,
        "growth": 316,
        "learning": 20_000,
        "reminders": 50_000,
    }.get(options.mode, 200)
    result = drive(options)
    tell(result, options.json)
    return 1 if result["errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
