"""Chapter of practice: some weeks of it, with a phone that was away for a day, wrong answers that are due, and favourites."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from config.demo import files
from config.demo.answers import mistake, right
from exams.engine.chance import rank
from practice.actions import answering, keeping, mocks
from practice.queries.items import revisions
from practice.queries.state import offered


def load(today):
    """Whoever practises: so many answers a day, so many wrong, so sure of herself."""
    for row in files.rows("practice.csv", today):
        person = User.objects.get(name=row["person"], posts__ended_on=None)
        _practise(person, list(offered(person, today).select_related("current").order_by("code")), row)
    officer = User.objects.get(username="officer")
    for item in offered(officer, today).filter(code__in=("PX-S004", "PX-M014")):
        keeping.keep(officer, item)
    _mock(officer, files.moment(f"{today - timedelta(days=2)} 20:10"))


def _practise(person, items, row):
    """Answers of one person: each day a number of items by chance that anyone can roll again."""
    number, device = 0, f"phone-{int(row['device']):016x}"
    for day in range(int(row["days"]), 0, -int(row["every"])):
        at = files.moment(f"{timezone.localdate() - timedelta(days=day)} 19:30")
        entries = []
        for item in rank(items, f"{person.name}:{day}")[: int(row["answers"])]:
            number += 1
            luck = int(rank(range(100), f"{person.name}:{number}")[0])
            entries.append(
                answering.Entry(
                    number=number,
                    revision=item.current_id,
                    payload=_payload(item, luck < int(row["wrong"])),
                    said_at=(at + timedelta(seconds=40 * len(entries))).timestamp() * 1000,
                    confidence=3 if luck % 2 else 1 + luck % 3,
                    mode="daily",
                )
            )
        # What she said in the tram arrived in the evening.
        answering.take(person, device, entries, now=at + timedelta(minutes=30))


def _payload(item, is_wrong):
    now = item.current
    if is_wrong:
        return mistake(item.type, now.body, now.key, item.code)
    return right(item.type, now.body, now.key)


def _mock(person, at):
    mock = mocks.begin(person, count=10, now=at)
    said = {
        row.pk: _payload(row.item, n in (3, 7))
        for n, row in enumerate(_with_current(revisions(mock.revisions)))
    }
    mocks.hand_in(mock, said, now=at + timedelta(minutes=8))


def _with_current(rows):
    for row in rows:
        row.item.current = row
        yield row
