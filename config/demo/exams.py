"""Chapter two: question banks, blueprints, exams and their sessions."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from accounts.models import Unit, User
from audit.log import record
from catalog.models import ProductCategory
from certificates.models import Scheme
from config.demo import files
from config.demo.people import sound
from exams import workbooks
from exams.actions import bank as bank_acts
from exams.actions import blueprints, sessions
from exams.actions.imports import import_items
from exams.drafts import draft_of
from exams.engine.exchange import columns
from exams.models import Blueprint, BlueprintLine, Exam, ItemBank

CITY = "TJ"
LEGAL_BASIS = (
    "《工业产品生产单位落实质量安全主体责任监督管理规定》（市场监管总局令第75号）、"
    "《工业产品销售单位落实质量安全主体责任监督管理规定》（市场监管总局令第76号）："
    "企业应当对质量安全总监、质量安全员进行培训和考核"
)
# Who acts for which organ.
PLANNERS = {CITY: "city", "TJ-XQ": "district"}


def load(today):
    """Fill the banks, make the papers' tables, open the exams."""
    city = Unit.objects.get(code=CITY)
    people = {
        user.username: user
        for user in User.objects.filter(username__in=("editor", "reviewer", "city", "district"))
    }
    banks = _banks(today, city, people["editor"], people["reviewer"])
    exams = _exams(today, city, banks, people)
    for row in files.rows("sessions.csv", today):
        by = people[PLANNERS[row["unit"]]]
        session = sessions.plan(
            exams[row["exam"]],
            by=by,
            code=row["code"],
            name=row["name"],
            unit=Unit.objects.get(code=row["unit"]),
            opens_at=files.moment(row["opens"]),
            closes_at=files.moment(row["closes"]),
            papers_wanted=int(row["papers"]),
            place=row["place"],
            is_held=row["held"] == "是",
        )
        sessions.publish(session, by=by, now=min(session.opens_at, timezone.now()) - timedelta(days=1))
    # After the papers are composed, so that every item of the banks stands in their draw.
    _propose(files.rows("proposals.csv", today), banks, people["editor"])


def _propose(rows, banks, editor):
    """What the editor has changed since and a reviewer still has to look at."""
    for row in rows:
        item = banks[row["bank"]].items.get(code=row["item"])
        old = draft_of(item)
        changed = replace(
            old, difficulty=row["difficulty"], notes=old.notes | {columns.REMARK: row["remark"]}
        )
        bank_acts.propose(bank_acts.write(item.bank, changed, by=editor, item=item), by=editor)


def _banks(today, city, editor, reviewer):
    folder = files.FIXTURES / "banks"
    pictures = {path.name: path.read_bytes() for path in sorted((folder / "pictures").iterdir())}
    categories = {category.name: category for category in ProductCategory.objects.in_force(today)}
    banks = {}
    for row in files.rows("banks.csv", today):
        bank = ItemBank.objects.create(
            code=row["code"],
            name=row["name"],
            category=categories.get(row["category"]),
            unit=city,
            description=row["description"],
            is_practice=row["practice"] == "是",
        )
        record("bank.entered", bank, by=editor)
        name = f"{bank.code}.csv"
        reading = workbooks.open_file(name, (folder / name).read_bytes()).read()
        sound(import_items(bank, reading, by=editor, approve_by=reviewer, files=pictures).problems)
        banks[bank.code] = bank
    return banks


def _exams(today, city, banks, people):
    patterns = files.data("patterns.json")
    exams = {}
    for row in files.rows("exams.csv", today):
        bank = banks[row["bank"]]
        blueprint = Blueprint(code=f"{row['code']}-paper", name=row["paper_name"], unit=city)
        lines = [_line(line, bank, banks) for line in patterns[row["pattern"]]]
        blueprint = blueprints.write(blueprint, lines, by=people["editor"])
        blueprints.publish(blueprint, by=people["editor"], on=today)
        exam = exams[row["code"]] = sessions.define(
            by=people["city"],
            code=row["code"],
            name=row["name"],
            kind=Exam.Kind.SELF_TRAINING,
            category=bank.category,
            post_kinds=row["post_kinds"].split(),
            blueprint=blueprint,
            unit=city,
            minutes=int(row["minutes"]),
            cut_score=Decimal(row["cut_score"]),
            max_attempts=int(row["max_attempts"]),
            cool_down_minutes=int(row["cool_down_minutes"]),
            policy="subset_fixed",
            policy_fixed=Decimal("0.5"),
            legal_basis=LEGAL_BASIS,
        )
        if row["certificate_months"]:
            _scheme(exam, int(row["certificate_months"]), people["city"])
    return exams


def _line(line, own, banks):
    return BlueprintLine(
        section=line["section"],
        type=line["type"],
        bank=own if line["bank"] == "own" else banks[line["bank"]],
        count=line["count"],
        points=Decimal(line["points"]),
    )


def _scheme(exam, months, by):
    scheme = Scheme.objects.create(
        code=exam.code, exam=exam, exam_kind=exam.kind, months=months, issuer=settings.ISSUER_NAME
    )
    record("scheme.entered", scheme, by=by)
