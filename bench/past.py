"""A million finished attempts of former years, and thousands that run, made by the database itself.

`python -m bench.past`; reads {"attempts": n} or {"running": n}.
"""

import json
import sys
from datetime import timedelta

import django

django.setup()

from django.core.management.color import no_style  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from exams.models import Registration, Result  # noqa: E402

EACH = 20  # attempts of one person: rather more than anybody sits

ATTEMPTS = """
INSERT INTO exams_attempt (registration_id, number, paper_id, layout, origin, device, started_at, deadline, state,
    submitted_at, ended_by, released_at, seal, current_result_id)
SELECT r.id, n, (SELECT min(id) FROM exams_paper), '{{"order": [], "options": {{}}}}', '', '', '2025-01-01 09:00+00',
    '2025-01-01 10:00+00', 'submitted', '2025-01-01 09:50+00', 'candidate', '2025-01-01 09:50+00', '',
    (SELECT coalesce(max(id), 0) FROM exams_result) + row_number() OVER (ORDER BY n, r.id)
FROM exams_registration r JOIN accounts_user u ON u.id = r.candidate_id CROSS JOIN {series} WHERE u.username LIKE 'past-%'
"""
RESPONSES = """
INSERT INTO exams_response (attempt_id, number, position, payload, flagged, saved_at, previous, link)
SELECT a.id, n, n, '{{"value": true}}', false, '2025-01-01 09:30+00', n - 1, ''
FROM exams_attempt a CROSS JOIN {series} WHERE a.origin = ''
"""
RESULTS = """
INSERT INTO exams_result (id, attempt_id, number, points, max_points, percent, passed, why, scored_at)
SELECT current_result_id, id, 1, 80, 100, 80, true, '', '2025-01-01 09:50+00' FROM exams_attempt WHERE origin = ''
"""
LOG = """
INSERT INTO audit_auditevent (at, actor_name, action, target, target_label, data, request_id, address)
SELECT '2025-01-01 09:50+00', '', 'attempt.submitted', 'exams.attempt:' || id, '', '{{}}', '', '' FROM exams_attempt WHERE origin = ''
"""
ENTRIES = """
INSERT INTO accounts_recordentry (person_id, kind, subject, number, occurred_on, title, facts, recorded_by, recorded_at)
SELECT r.candidate_id, 'result', 'attempt:' || a.id, 1, '2025-01-01', '旧考试', '{{}}', '', '2025-01-01 09:50+00'
FROM exams_attempt a JOIN exams_registration r ON r.id = a.registration_id WHERE a.origin = ''
"""
RUNNING = """
INSERT INTO exams_attempt (registration_id, number, paper_id, layout, origin, device, started_at, deadline, state, ended_by, seal)
SELECT r.id, 1, (SELECT min(id) FROM exams_paper), '{"order": [], "options": {}}', 'button', '', %s, %s, 'in_progress', '', ''
FROM exams_registration r JOIN accounts_user u ON u.id = r.candidate_id WHERE u.username LIKE 'running-%%'
"""


def registered(name, count):
    """So many people, registered for the first session that there is."""
    like = Registration.objects.select_related("session", "post").order_by("pk").first()
    people = User.objects.bulk_create(
        [User(username=f"{name}-{n}", name=f"旧人{n}") for n in range(count)], batch_size=2000
    )
    Registration.objects.bulk_create(
        [
            Registration(session=like.session, candidate=one, post=like.post, source=like.source)
            for one in people
        ],
        batch_size=1000,
    )


def run(wanted):
    """So many begun a moment ago; nobody has looked at the tables since, as at nine o'clock."""
    registered("running", wanted)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(RUNNING, [now, now + timedelta(hours=12)])
    print(json.dumps({"running": wanted}))


def main(wanted):
    """Fill the tables."""
    registered("past", max(1, wanted // EACH))
    # An attempt names its result and the result its attempt: the database looks at both when the transaction ends.
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, count in ((ATTEMPTS, EACH), (RESPONSES, 4), (RESULTS, 0), (LOG, 0), (ENTRIES, 0)):
            cursor.execute(statement.format(series=_series(count)))
        for statement in connection.ops.sequence_reset_sql(no_style(), [Result]):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # at rest, as tables are that grew over years, not in a minute
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("CHECKPOINT")
    print(json.dumps({"attempts": wanted}))


def _series(count):
    if connection.vendor == "postgresql":
        return f"generate_series(1, {count}) AS n"
    return f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s) AS s"


if __name__ == "__main__":
    given = json.load(sys.stdin)
    run(given["running"]) if "running" in given else main(given["attempts"])
