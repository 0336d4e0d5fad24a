"""Chapter four: spot checks, one in each state, and one whose first draw was voided."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import Unit, User
from config.demo import cases, files
from exams.models import Blueprint
from supervision.actions import checks, draws, standing
from supervision.models import AnnualPlan, RuleProfile

LOTTERY = "中国福利彩票双色球第 {number} 期开奖号码，按公告次序（演示）"
NUMBERS = "03 11 17 22 26 30 + 09"
HOUR = timedelta(hours=1)


def load(today):
    """The rules, what the organs aim at, an interest, and the checks in the order of their plans."""
    standing.enter_shipped_profiles()
    people = User.objects.in_bulk(field_name="username")
    city, district = Unit.objects.get(code="TJ"), Unit.objects.get(code="TJ-XQ")
    checks.aim(city, today.year, by=people["city"], target=90, note="企业覆盖率")
    checks.aim(district, today.year, by=people["district"], target=95)
    _interest(people, today)
    for row in files.rows("spot_checks.csv", today):
        STORIES[row["story"]](_plan(row, people), row, people, today)


def _interest(people, today):
    firm = people["principal"].posts.get().enterprise
    standing.declare(
        people["xiqing-third"],
        firm,
        by=people["xiqing-third"],
        note="配偶在该企业任职",
        starts_on=today - timedelta(days=200),
    )


def _plan(row, people):
    starts, unit = date.fromisoformat(row["starts"]), Unit.objects.get(code=row["unit"])
    return checks.plan(
        by=people[row["by"]],
        now=_at(date.fromisoformat(row["planned"])),
        unit=unit,
        annual_plan=AnnualPlan.objects.filter(unit=unit, year=starts.year).first(),
        name=row["name"],
        profile=RuleProfile.objects.newest().get(code="industrial"),
        blueprint=Blueprint.objects.get(code=row["blueprint"]),
        starts_on=starts,
        ends_on=starts,
        mode=row["mode"],
        place=row["place"],
        universe={
            name: value
            for name, value in {
                "categories": row["categories"].split(),
                "kinds": row["kinds"].split(),
                "trade": row["trade"],
            }.items()
            if value
        },
        strata_by=row["strata_by"],
        quotas=_numbers(row["quotas"]),
        weights=_numbers(row["weights"]),
        reserves=int(row["reserves"]),
        per_enterprise=int(row["per_enterprise"]),
        inspectors=2,
    )


def _numbers(words):
    return {name: int(value) for name, _, value in (one.partition(":") for one in words.split())}


def _at(day, hour=10):
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _approve(check, row, people, _today):
    return checks.approve(check, by=people[row["approved_by"]], now=check.planned_at + 24 * HOUR)


def _abandon(check, row, people, _today):
    check = _approve(check, row, people, _today)
    checks.abandon(check, by=people[row["by"]], why=row["why"], now=check.approved_at + 120 * HOUR)


def _draw(check, row, people, today):
    """Drawn the day before yesterday, by a number of the evening before."""
    return _drawn(check, row, people, _at(today - timedelta(days=3), 21))


def _drawn(check, row, people, came):
    """Drawn in the morning after its number came."""
    check = _approve(check, row, people, None)
    draw = draws.freeze(
        check,
        by=people[row["by"]],
        source=LOTTERY.format(number=came.strftime("%Y%j")),
        source_at=came,
        now=came - 11 * HOUR,
    )
    draws.reveal(draw, by=people[row["by"]], public=NUMBERS, now=came + 13 * HOUR)
    return check


def _held(story):
    """A story of what came after a draw that lies a week before the exam."""

    def tell(check, row, people, today):
        for name in ("officer", "director"):  # chance does not decide what those whom visitors play meet
            why = "本季度已由企业安排自主考试，免于重复"
            checks.exclude(check, by=people[row["by"]], person=people[name], why=why)
        came = _at(date.fromisoformat(row["starts"]) - timedelta(days=7), 21)
        story(_drawn(check, row, people, came), row, people, today)

    return tell


def _void(check, row, people, today):
    """Frozen, voided by a second person, frozen again; its number comes tomorrow evening."""
    check = _approve(check, row, people, today)
    comes = _at(today + timedelta(days=1), 21)
    for days, number in ((4, "2099001"), (1, comes.strftime("%Y%j"))):
        at = _at(today - timedelta(days=days), 9)
        draw = draws.freeze(
            check, by=people[row["by"]], source=LOTTERY.format(number=number), source_at=comes, now=at
        )
        if days == 4:
            draws.void(draw, by=people["city"], why=row["why"], now=at + 30 * HOUR)


def _leave(*_told):
    """As it was planned."""


STORIES = {
    "planned": _leave,
    "approved": _approve,
    "drawn": _draw,
    "voided": _void,
    "abandoned": _abandon,
    "called": _held(cases.called),
    "begun": _held(cases.begun),
    "concluded": _held(cases.concluded),
    "published": _held(cases.published),
    "closed": _held(cases.closed),
}
