"""What an operator must know of the running house: figures, and of each whether it is an alarm and what to do about it."""

import platform
import socket
from dataclasses import dataclass

import django
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboards.queries.system import version
from exams.models import Attempt
from exams.queries import pool
from operations import machine, metrics
from operations import queries as queue

SAVE = "exams:save"
RECENT = 300  # seconds over which the latency of saves is told
APART = 30  # seconds between two counts that are kept for that
MOST_FAILED = 20
SWEPT_AFTER = timezone.timedelta(minutes=3)  # the sweep comes every minute
COMPOSED_AFTER = timezone.timedelta(minutes=10)


@dataclass(frozen=True)
class Line:
    """One figure of the page; with an advice it is an alarm."""

    label: str
    value: str
    sub: str = ""
    advice: str = ""

    @property
    def told(self):
        """Figure and name in one."""
        return f"{self.label} · {self.value}"

    @property
    def tone(self):
        """Red where something is to be done."""
        return "stop" if self.advice else ""


def figures(now):
    """Everything that is counted, in a fixed number of queries: {attempts, papers, queue, machine}."""
    running = Q(state=Attempt.State.IN_PROGRESS)
    late = running & Q(deadline__lt=now - SWEPT_AFTER, paused_at__isnull=True)
    size, free = machine.database_disk()
    backup = machine.last_backup()
    return {
        "attempts": Attempt.objects.filter(running).aggregate(running=Count("pk"), overdue=Count("pk", filter=late)),
        "papers": {"lacking": pool.lacking(now).filter(published_at__lt=now - COMPOSED_AFTER).count()},
        "queue": queue.figures(now),
        "machine": {
            "disk_free": machine.disk_free(),
            "database_bytes": size,
            "database_free": free,
            "clock_offset": machine.clock_offset(),
            "backup_age": (now - backup["at"]).total_seconds() if backup else None,
        },
    }  # fmt: skip


def page(now):
    """What the operator's page shows."""
    found = figures(now)
    found["saves"] = recent_saves(now)
    lines = [tell(found, settings.ALARMS) for tell in TELLERS]
    return {
        "lines": lines,
        "alarms": [line for line in lines if line.advice],
        "failed": [_failure(task) for task in queue.failed()[:MOST_FAILED]],
        "failed_count": found["queue"]["failed"],
        "versions": [
            (_("版本"), version()),
            (
                _("数据库"),
                f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}",
            ),
            (_("框架"), f"Django {django.get_version()}"),
            (_("语言"), f"Python {platform.python_version()}"),
            (_("节点"), socket.gethostname()),
        ],
        "limits": [(f"ALARM_{name.upper()}", f"{limit:g}") for name, limit in settings.ALARMS.items()],
    }


# --- Each figure in words -----------------------------------------------------------------------------------------------


def _queue(found, alarms):
    queued, advice = found["queue"], []
    if not queued["workers"]:
        advice.append(
            _("没有后台进程在运行。请检查 bin/serve 是否以 WORKER=0 启动，或 bin/manage work 服务是否停止。")
        )
    elif queued["age"] > alarms["queue_seconds"]:
        advice.append(_("任务积压。请看日志中哪项任务耗时最长；必要时再开一个 bin/manage work。"))
    if queued["failed"] > alarms["failed_tasks"]:
        advice.append(_("有任务多次重试仍失败。请看下方的错误，排除原因后按“再试一次”。"))
    return Line(
        _("后台任务"),
        _("待办 %(ready)s · 失败 %(failed)s") % {name: queued[name] for name in ("ready", "failed")},
        _("最早的已等 %(age)s · 执行中 %(running)s · 稍后 %(later)s · 进程 %(workers)s")
        % {"age": lasting(queued["age"]), **{name: queued[name] for name in ("running", "later", "workers")}},
        "".join(advice),
    )


def _attempts(found, alarms):
    seen = found["attempts"]
    advice = _("有答卷到时后仍未收卷。成绩不受影响，打开该场次页面即可收卷；请检查后台进程。")
    return Line(
        _("进行中的答卷"),
        str(seen["running"]),
        _("逾期未收 %(overdue)s") % {"overdue": seen["overdue"]},
        advice if seen["overdue"] > alarms["overdue_attempts"] else "",
    )


def _papers(found, alarms):
    lacking = found["papers"]["lacking"]
    advice = _("有场次的试卷没有组满，考试仍可进行。题库可能已不满足蓝图，请到场次的组卷蓝图查看缺哪些题。")
    return Line(_("缺卷的场次"), str(lacking), advice=advice if lacking > alarms["lacking_sessions"] else "")


def _clock(found, alarms):
    offset = found["machine"]["clock_offset"]
    advice = _("本机与数据库的时钟不一致，截止时间会有偏差。请在两台机器上检查 NTP 对时。")
    return Line(
        _("时钟差"),
        _("%(ms)s 毫秒") % {"ms": round(offset * 1000)},
        _("本机与数据库之间"),
        advice if abs(offset) > alarms["clock_seconds"] else "",
    )


def _disk(found, alarms):
    free = found["machine"]["disk_free"]
    advice = _("数据目录所在磁盘快满了。请清理旧备份和日志，或扩大磁盘；写满后答案将无法保存。")
    return Line(
        _("磁盘剩余"),
        filesizeformat(free),
        str(settings.VAR_DIR),
        advice if free < alarms["disk_gigabytes"] * machine.GIGABYTE else "",
    )


def _database(found, alarms):
    size, free = found["machine"]["database_bytes"], found["machine"]["database_free"]
    seen = free is not None
    advice = _("数据库所在磁盘快满了。请立即扩大磁盘或清理；写满后答案将无法保存。")
    return Line(
        _("数据库大小"),
        filesizeformat(size),
        _("所在磁盘剩余 %(free)s") % {"free": filesizeformat(free)}
        if seen
        else _("所在磁盘在别的机器上，请在那里监测"),
        advice if seen and free < alarms["disk_gigabytes"] * machine.GIGABYTE else "",
    )


def _backup(found, alarms):
    age = found["machine"]["backup_age"]
    if age is None:
        return Line(
            _("最近备份"), _("没有"), advice=_("还没有备份。请运行 bin/manage backup，并安排每天自动运行。")
        )
    advice = _("最近一次备份太旧。请检查定时备份，并立即运行 bin/manage backup。")
    return Line(
        _("最近备份"),
        _("%(age)s前") % {"age": lasting(age)},
        advice=advice if age > alarms["backup_hours"] * 3600 else "",
    )


def _saves(found, alarms):
    saves = found["saves"]
    if not saves["count"]:
        return Line(_("保存耗时"), "—", _("最近没有保存"))
    late = saves["p95"] * 1000
    advice = _("保存答案变慢。请看数据库与磁盘的负载；作答仍暂存在考生本机，不会丢失。")
    return Line(
        _("保存耗时"),
        _("%(ms)s 毫秒") % {"ms": round(late, 1)},
        _("95%% 快于此值 · 一半快于 %(half)s 毫秒 · %(count)s 次")
        % {"half": round(saves["p50"] * 1000, 1), "count": round(saves["count"])},
        advice if late > alarms["save_milliseconds"] else "",
    )


TELLERS = (_attempts, _saves, _queue, _papers, _backup, _disk, _database, _clock)


def lasting(seconds):
    """A length of time in its largest unit."""
    for size, word in ((86400, _("%(n)s 天")), (3600, _("%(n)s 小时")), (60, _("%(n)s 分钟"))):
        if seconds >= size:
            return word % {"n": int(seconds // size)}
    return _("%(n)s 秒") % {"n": int(seconds)}


def recent_saves(now):
    """Count and quantiles, in seconds, of this node's saves in the last minutes.

    The counters only grow, so what was counted before is kept in the cache for those minutes and taken away.
    """
    _statuses, buckets = metrics.requests_of(SAVE)
    key, at = f"operator:saves:{socket.gethostname()}", now.timestamp()
    kept = [(when, seen) for when, seen in cache.get(key, []) if when > at - RECENT]
    # A server that was started anew counts from nothing.
    kept = [(when, seen) for when, seen in kept if all(seen[b] <= buckets.get(b, 0) for b in seen)]
    before = kept[0][1] if kept else {}
    if not kept or kept[-1][0] <= at - APART:
        cache.set(key, [*kept, (at, buckets)], RECENT)
    fresh = {bound: count - before.get(bound, 0) for bound, count in buckets.items()}
    return {
        "count": max(fresh.values(), default=0),
        "p50": metrics.quantile(fresh, 0.5),
        "p95": metrics.quantile(fresh, 0.95),
    }


def _failure(task):
    return {
        "pk": task.pk,
        "name": queue.name_of(task.task_path),
        "at": task.finished_at,
        "tries": len(task.worker_ids),
        "error": task.traceback.strip().rpartition("\n")[2][:300],
        "trace": task.traceback,
    }
