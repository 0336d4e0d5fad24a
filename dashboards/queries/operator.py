"""What an operator must know of the running house: figures, and of each whether it is an alarm and what to do about it."""

import logging
import platform
import socket
from dataclasses import dataclass

import django
from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import sealing
from dashboards.queries.system import version
from exams.models import Attempt
from exams.queries import pool
from messaging.queries import ledger
from operations import latency, machine
from operations import queries as queue

MOST_FAILED = 20
SWEPT_AFTER = timezone.timedelta(minutes=3)  # the sweep comes every minute
COMPOSED_AFTER = timezone.timedelta(minutes=10)
log = logging.getLogger("operations")


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


# --- What is counted ----------------------------------------------------------------------------------------------------


def _count_attempts(now):
    running = Q(state=Attempt.State.IN_PROGRESS)
    late = running & Q(deadline__lt=now - SWEPT_AFTER, paused_at__isnull=True)
    return Attempt.objects.filter(running).aggregate(running=Count("pk"), overdue=Count("pk", filter=late))


def _count_papers(now):
    return {"lacking": pool.lacking(now).filter(published_at__lt=now - COMPOSED_AFTER).count()}


def _measure_database(now):
    size, free = machine.database_disk()
    return {"bytes": size, "free": free}


def _find_backup(now):
    backup = machine.last_backup()
    return {"age": (now - backup.at).total_seconds() if backup else None}


def _find_seal(now):
    seal, waiting = sealing.newest(), sealing.waiting_since()
    return {
        "number": seal.number if seal else 0,
        "age": (now - seal.at).total_seconds() if seal else None,
        "waiting": (now - waiting).total_seconds() if waiting else 0.0,
    }


def _ask_cache(now):
    try:
        return {"answers": machine.cache_answers()}
    except Exception as problem:  # whatever is wrong with it, that is the answer
        log.warning("the cache does not answer: %s", problem)
        return {"answers": False}


FIGURES = {
    "attempts": _count_attempts,
    "saves": latency.recent,
    "queue": queue.figures,
    "running": queue.longest_running,
    "papers": _count_papers,
    "backup": _find_backup,
    "seal": _find_seal,
    "messages": lambda now: ledger.figures(now, is_test=settings.MESSAGES_TEST),
    "disk": lambda now: {"free": machine.disk_free()},
    "database": _measure_database,
    "clock": lambda now: {"offset": machine.clock_offset()},
    "cache": _ask_cache,
}


def figures(now):
    """Everything that is counted, in a fixed number of queries; None in place of what could not be told."""
    return {name: _tried(name, count, now) for name, count in FIGURES.items()}


def _tried(name, count, now):
    try:
        return count(now)
    except (
        Exception
    ):  # one figure that fails must not hide the others, least of all from whoever looks for the reason
        log.exception("figure %s could not be told", name)
        return None


def lines(found):
    """Each figure in words, in the order of the page: {name: Line}."""
    return {
        name: Line(str(label), *_told(tell, found[name], settings.ALARMS))
        for name, (label, tell) in TELLERS.items()
    }


def _told(tell, found, alarms):
    if found is None:
        return _("无法得知"), "", _("这一项读不出来，原因在日志里（figure … could not be told）。")
    return tell(found, alarms)


def page(now):
    """What the operator's page shows."""
    found = figures(now)
    told = list(lines(found).values())
    return {
        "lines": told,
        "alarms": [line for line in told if line.advice],
        "failed": [_failure(task) for task in queue.failed()[:MOST_FAILED]],
        "failed_count": found["queue"]["failed"] if found["queue"] else 0,
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


def _queue(queued, alarms):
    advice = []
    if not queued["workers"]:
        advice.append(
            _("没有后台进程在运行。请检查 bin/serve 是否以 WORKER=0 启动，或 bin/manage work 服务是否停止。")
        )
    elif queued["age"] > alarms["queue_seconds"]:
        advice.append(_("任务积压。请看日志中哪项任务耗时最长；必要时再开一个 bin/manage work。"))
    if queued["failed"] > alarms["failed_tasks"]:
        advice.append(_("有任务多次重试仍失败。请看下方的错误，排除原因后按“再试一次”。"))
    return (
        _("待办 %(ready)s · 失败 %(failed)s") % {name: queued[name] for name in ("ready", "failed")},
        _("最早的已等 %(age)s · 执行中 %(running)s · 稍后 %(later)s · 进程 %(workers)s")
        % {"age": lasting(queued["age"]), **{name: queued[name] for name in ("running", "later", "workers")}},
        "".join(advice),
    )


def _running(longest, alarms):
    if not longest["name"]:
        return "—", _("没有任务在执行"), ""
    advice = _("有任务执行过久，可能已卡住。请看日志；结束它的后台进程后，任务会被重新领取。")
    return (
        lasting(longest["age"]),
        longest["name"],
        advice if longest["age"] > alarms["running_seconds"] else "",
    )


def _attempts(seen, alarms):
    advice = _("有答卷到时后仍未收卷。成绩不受影响，打开该场次页面即可收卷；请检查后台进程。")
    return (
        str(seen["running"]),
        _("逾期未收 %(overdue)s") % {"overdue": seen["overdue"]},
        advice if seen["overdue"] > alarms["overdue_attempts"] else "",
    )


def _papers(papers, alarms):
    lacking = papers["lacking"]
    advice = _("有场次的试卷没有组满，考试仍可进行。题库可能已不满足蓝图，请到场次的组卷蓝图查看缺哪些题。")
    return str(lacking), "", advice if lacking > alarms["lacking_sessions"] else ""


def _clock(clock, alarms):
    offset = clock["offset"]
    advice = _("本机与数据库的时钟不一致，截止时间会有偏差。请在两台机器上检查 NTP 对时。")
    return (
        _("%(ms)s 毫秒") % {"ms": round(offset * 1000)},
        _("本机与数据库之间"),
        advice if abs(offset) > alarms["clock_seconds"] else "",
    )


def _disk(disk, alarms):
    free = disk["free"]
    advice = _("数据目录所在磁盘快满了。请清理旧备份和日志，或扩大磁盘；写满后答案将无法保存。")
    is_full = free < alarms["disk_gigabytes"] * machine.GIGABYTE
    return filesizeformat(free), str(settings.VAR_DIR), advice if is_full else ""


def _database(database, alarms):
    free = database["free"]
    size = filesizeformat(database["bytes"])
    if free is None:
        return size, _("所在磁盘在别的机器上，请在那里监测"), ""
    advice = _("数据库所在磁盘快满了。请立即扩大磁盘或清理；写满后答案将无法保存。")
    return (
        size,
        _("所在磁盘剩余 %(free)s") % {"free": filesizeformat(free)},
        advice if free < alarms["disk_gigabytes"] * machine.GIGABYTE else "",
    )


def _backup(backup, alarms):
    age = backup["age"]
    if age is None:
        return _("没有"), "", _("还没有备份。请运行 bin/manage backup，并安排每天自动运行。")
    advice = _("最近一次备份太旧。请检查定时备份，并立即运行 bin/manage backup。")
    return (
        _("%(age)s前") % {"age": lasting(age)},
        "",
        advice if age > alarms["backup_hours"] * 3600 else "",
    )


def _seal(seal, alarms):
    advice = _("操作日志久未封存。请看日志中 audit.seal_log 的错误，并检查后台进程是否在运行。")
    return (
        _("%(age)s前") % {"age": lasting(seal["age"])} if seal["number"] else _("没有"),
        _("第 %(number)s 号 · 最早未封存的已等 %(waiting)s")
        % {"number": seal["number"], "waiting": lasting(max(seal["waiting"], 0))},
        advice if seal["waiting"] > alarms["unsealed_minutes"] * 60 else "",
    )


def _messages(seen, alarms):
    advice = _("有一批提醒没有送到任何人。请到“消息台账”看失败的原因，并检查邮件服务器、网关和后台进程。")
    value = _("试运行：不向站外发送") if seen["is_test"] else _("24 小时发出 %(sent)s") % seen
    return (
        value,
        _("24 小时进入收件箱 %(arrived)s · 待发 %(waiting)s · 失败 %(failed)s · 无结果的批次 %(silent)s")
        % seen,
        advice if seen["silent"] > alarms["silent_batches"] else "",
    )


def _cache(cache, alarms):
    if cache["answers"]:
        return _("正常"), "", ""
    return (
        _("没有应答"),
        "",
        _("缓存没有应答，登录限次等功能受影响。请检查 Redis（REDIS_URL）；没有 Redis 时是数据库里的缓存表。"),
    )


def _saves(saves, alarms):
    since = _("最近 %(time)s") % {"time": lasting(saves["seconds"])} if saves["seconds"] else _("启动以来")
    if not saves["count"]:
        return "—", _("%(since)s没有保存") % {"since": since}, ""
    late = saves["p95"] * 1000
    advice = _("保存答案变慢。请看数据库与磁盘的负载；作答仍暂存在考生本机，不会丢失。")
    return (
        _("%(ms)s 毫秒") % {"ms": round(late, 1)},
        _("95%% 快于此值 · 一半快于 %(half)s 毫秒 · %(since)s %(count)s 次")
        % {"half": round(saves["p50"] * 1000, 1), "count": round(saves["count"]), "since": since},
        advice if late > alarms["save_milliseconds"] else "",
    )


TELLERS = {
    "attempts": (gettext_lazy("进行中的答卷"), _attempts),
    "saves": (gettext_lazy("保存耗时"), _saves),
    "queue": (gettext_lazy("后台任务"), _queue),
    "running": (gettext_lazy("执行最久的任务"), _running),
    "papers": (gettext_lazy("缺卷的场次"), _papers),
    "backup": (gettext_lazy("最近备份"), _backup),
    "seal": (gettext_lazy("操作日志封存"), _seal),
    "messages": (gettext_lazy("消息与提醒"), _messages),
    "disk": (gettext_lazy("磁盘剩余"), _disk),
    "database": (gettext_lazy("数据库大小"), _database),
    "clock": (gettext_lazy("时钟差"), _clock),
    "cache": (gettext_lazy("缓存"), _cache),
}


def lasting(seconds):
    """A length of time in its largest unit."""
    for size, word in ((86400, _("%(n)s 天")), (3600, _("%(n)s 小时")), (60, _("%(n)s 分钟"))):
        if seconds >= size:
            return word % {"n": int(seconds // size)}
    return _("%(n)s 秒") % {"n": int(seconds)}


def _failure(task):
    return {
        "pk": task.pk,
        "name": queue.name_of(task.task_path),
        "at": task.finished_at,
        "tries": len(task.worker_ids),
        "error": task.traceback.strip().rpartition("\n")[2][:300],
        "trace": task.traceback,
    }
