"""What was measured, and how it is told."""

import json
import os
import platform
import subprocess
from collections import Counter, defaultdict
from pathlib import Path


class Record:
    """Times, answers and bytes of requests by kind."""

    def __init__(self):
        self.times = defaultdict(list)
        self.answers = defaultdict(Counter)
        self.bytes = 0

    def note(self, kind, seconds, status, size):
        """One request."""
        self.times[kind].append(seconds)
        self.answers[kind][status] += 1
        self.bytes += size

    def told(self, kind):
        """Count and percentiles in milliseconds."""
        times = sorted(self.times[kind])
        return {
            "requests": len(times),
            **{f"p{p}_ms": round(percentile(times, p) * 1000, 1) for p in (50, 95, 99)},
            "max_ms": round(times[-1] * 1000, 1) if times else 0,
            "answers": {str(k): v for k, v in sorted(self.answers[kind].items())},
        }


def percentile(times, p):
    """The value below which p per cent lie; times are sorted."""
    return times[min(len(times) - 1, int(len(times) * p / 100))] if times else 0.0


def machine():
    """What it was measured on."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "",
    )
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "commit": commit,
        "load": os.getloadavg()[0],
    }


def table(rows):
    """Rows of dicts as aligned text."""
    if not rows:
        return ""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([_text(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(names))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _text(value):
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, dict):
        return " ".join(f"{k}×{v}" for k, v in value.items())
    return str(value)


def tell(result, path=""):
    """Print a run and keep it as JSON where wanted."""
    print(
        f"\n{result['mode']} · {result['database']} · {result['machine']['cpu']} × {result['machine']['cores']}"
    )
    print(table(result["rows"]))
    for line in result.get("notes", ()):
        print(line)
    if path:
        Path(path).write_text(json.dumps(result, ensure_ascii=False, indent=1))
