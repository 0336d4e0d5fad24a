"""One spot check from its plan to those whom it registers, on the pages, by three people; then verified by a stranger."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exams.models import ExamSession, Registration
from supervision import verify_draw
from supervision.models import Draw, DrawnCandidate, SpotCheck
from supervision.tests import stories

WHEN = "%Y-%m-%dT%H:%M"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def at(name, *arguments):
    return reverse(f"supervision:{name}", args=arguments)


def test_a_spot_check_is_planned_approved_frozen_drawn_verified_and_registered(cast, tmp_path):
    stories.crowd(cast, 8)
    stories.inspectors(cast)
    profile, blueprint = stories.profile(), stories.blueprint(cast)
    district, city = signed_in(cast.district), signed_in(cast.city)
    day = timezone.localdate() + timedelta(days=7)

    plan = {
        "unit": cast.xiqing.pk, "name": "西青区电动自行车抽查考核", "profile": profile.pk, "blueprint": blueprint.pk,
        "mode": "hall", "place": "二楼会议室", "starts_on": day.isoformat(), "ends_on": day.isoformat(), "inspectors": 2,
        "u_kinds": ["director", "officer"], "u_categories": ["1501"], "u_trade": "produces", "strata_by": "kind",
        "reserves": 2, "per_enterprise": 0, "w_high": 1, "w_middle": 1, "w_never": 1, "w_failed": 1,
        "quota-officer": "3", "quota-director": "1",
    }  # fmt: skip
    shown = district.post(at("preview"), plan).content.decode()
    assert "质量安全员" in shown and "质量安全总监" in shown
    answer = district.post(at("check_new"), plan)
    check = SpotCheck.objects.get()
    assert answer.url == at("check", check.code)
    assert (check.serial, check.state, check.quotas) == (
        f"抽查〔{day.year}〕1号",
        "planned",
        {"officer": 3, "director": 1},
    )

    # who planned it does not approve it
    district.post(at("approve", check.code))
    check.refresh_from_db()
    assert check.state == "planned"
    city.post(at("approve", check.code))
    check.refresh_from_db()
    assert (check.state, check.approved_by, check.exam.kind) == ("approved", cast.city, "spot_check")

    soon = timezone.localtime() + timedelta(minutes=2)
    district.post(at("freeze", check.code), {"source": stories.LOTTERY, "source_at": soon.strftime(WHEN)})
    draw = Draw.objects.get()
    stranger = Client()
    page = stranger.get(at("public_draw", draw.code)).content.decode()
    assert draw.commitment in page and draw.digest in page and draw.kept.secret_sealed not in page
    assert stranger.get(at("public_dossier", draw.code)).status_code == 404

    # too early
    district.post(at("reveal", check.code), {"public": stories.NUMBERS})
    assert not DrawnCandidate.objects.exists()
    # two minutes pass; what was frozen cannot be changed, so the story lets the clock go on instead
    from supervision.actions import draws

    draws.reveal(draw, by=cast.district, public=stories.NUMBERS, now=soon + timedelta(minutes=1))
    check.refresh_from_db()
    assert check.state == "drawn"
    roles = list(DrawnCandidate.objects.order_by("pk").values_list("stratum", "rank", "role"))
    assert roles == [
        ("director", 1, "chosen"),
        *[("officer", rank, "chosen") for rank in (1, 2, 3)],
        *[("officer", rank, "reserve") for rank in (4, 5)],
    ]

    # the office reads names, strangers read keys
    listed = district.get(at("listed", check.code, 1)).content.decode()
    assert "李䶮" in listed
    page = stranger.get(at("public_draw", draw.code)).content.decode()
    keys = DrawnCandidate.objects.values_list("line__key", flat=True)
    assert all(key in page for key in keys) and "李䶮" not in page

    # a stranger verifies it with Python alone
    file = tmp_path / "dossier.json"
    file.write_bytes(stranger.get(at("public_dossier", draw.code)).content)
    program = tmp_path / "verify_draw.py"
    program.write_bytes(b"".join(stranger.get(at("verifier"))))
    told = subprocess.run(
        [sys.executable, "-I", str(program), str(file)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout
    assert "Everything agrees." in told.stdout
    assert program.read_bytes() == Path(verify_draw.__file__).read_bytes()

    # nobody of the enterprise has seen anything so far
    officer = signed_in(cast.officer)
    assert check.name not in officer.get(reverse("exams:mine")).content.decode()
    opens = timezone.localtime() + timedelta(days=7)
    district.post(
        at("register", check.code),
        {
            "opens_at": opens.strftime(WHEN),
            "closes_at": (opens + timedelta(hours=3)).strftime(WHEN),
            "papers_wanted": 2,
        },
    )
    check.refresh_from_db()
    assert check.session.state == ExamSession.State.PUBLISHED
    registered = Registration.objects.filter(session=check.session)
    assert {r.source for r in registered} == {"regulator"}
    chosen = DrawnCandidate.objects.filter(role="chosen").values_list("line__person_id", flat=True)
    assert set(registered.values_list("candidate_id", flat=True)) == set(chosen)
    assert district.get(at("check", check.code)).status_code == 200
