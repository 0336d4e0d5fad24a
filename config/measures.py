"""What /metrics tells: what was measured of requests and tasks, and what the house finds when it looks at itself."""

from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from dashboards.queries import operator
from operations import metrics

SAVE = "exams:save"
# What a status of a save means; 302 is the plain form's.
OUTCOMES = {
    "200": "accepted", "302": "accepted", "400": "malformed", "403": "signed_out", "404": "foreign", "409": "behind",
    "410": "closed", "422": "refused", "423": "waiting", "429": "too_many",
}  # fmt: skip
GAUGES = {
    "zhikao_open_attempts": ("attempts", "running", "Attempts in progress."),
    "zhikao_overdue_attempts": ("attempts", "overdue", "Attempts whose time is over and which nobody has closed yet."),
    "zhikao_sessions_lacking_papers": ("papers", "lacking", "Published sessions with fewer papers than wanted."),
    "zhikao_task_queue_age_seconds": ("queue", "age", "For how long the oldest due task has waited."),
    "zhikao_task_running_age_seconds": ("running", "age", "For how long the longest running task has run."),
    "zhikao_workers": ("queue", "workers", "Background workers that are there."),
    "zhikao_disk_free_bytes": ("disk", "free", "Free bytes where the state lies."),
    "zhikao_database_bytes": ("database", "bytes", "Size of the database."),
    "zhikao_database_disk_free_bytes": ("database", "free", "Free bytes on the database's disk, if visible."),
    "zhikao_clock_offset_seconds": ("clock", "offset", "How far this clock is ahead of the database's."),
    "zhikao_last_backup_age_seconds": ("backup", "age", "Age of the last backup; absent without one."),
    "zhikao_log_unsealed_seconds": ("seal", "waiting", "For how long the oldest act has waited for its seal."),
    "zhikao_messages_waiting": ("messages", "waiting", "Messages with which something is still to be done."),
    "zhikao_silent_batches": ("messages", "silent", "Batches of reminders of which nothing came."),
    "zhikao_cache_answers": ("cache", "answers", "Whether the cache gives back what was put in."),
}  # fmt: skip
STATES = ("ready", "later", "running", "failed")


def text():
    """The measures in Prometheus' own format; one look costs a handful of queries."""
    registry = CollectorRegistry()
    registry.register(House())
    return generate_latest(metrics.collected()) + generate_latest(registry)


class House:
    """What is read at the moment of asking."""

    def describe(self):
        """Nothing is asked of the database when this is registered."""
        return []

    def collect(self):
        """Give every gauge that has a value, the queue by state, the saves by outcome."""
        found = operator.figures(timezone.now())
        for name, (part, key, told) in GAUGES.items():
            if found[part] and found[part][key] is not None:
                yield GaugeMetricFamily(name, told, value=found[part][key])
        queue = GaugeMetricFamily("zhikao_task_queue_length", "Tasks by state.", labels=["state"])
        for state in STATES if found["queue"] else ():
            queue.add_metric([state], found["queue"][state])
        yield queue
        untold = sum(part is None for part in found.values())
        yield GaugeMetricFamily(
            "zhikao_untold_figures", "Figures that could not be told; the log says why.", value=untold
        )
        yield _saves()


def _saves():
    family = CounterMetricFamily("zhikao_saves", "Saves by outcome.", labels=["outcome"])
    counts = {}
    for status, count in metrics.requests_of(SAVE)[0].items():
        outcome = OUTCOMES.get(status, "failed")
        counts[outcome] = counts.get(outcome, 0) + count
    for outcome, count in sorted(counts.items()):
        family.add_metric([outcome], count)
    return family
