"""From the outcome to its confirmation: minutes in versions, signatures that stay with theirs, refusals before two inspectors."""

import io
import json

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import RecordEntry
from audit.models import AuditEvent
from audit.transitions import Refused
from certificates.models import Certificate, Scheme
from exams.models import Attempt
from supervision.actions import minutes, sittings
from supervision.models import Minutes, Refusal, Signature
from supervision.queries import minutes as queries
from supervision.queries import sittings as sitting_queries
from supervision.tests import stories


@pytest.fixture
def house(cast, settings, tmp_path):
    """Everything for a small check; pictures lie apart."""
    settings.MEDIA_ROOT = tmp_path
    return stories.furnish(cast)


def concluded(house, shares=(1, 0)):
    return stories.concluded(house, shares, **stories.lean(house.blueprint, len(shares)))


def drawn_up(house, shares=(1, 0)):
    """The check, and its minutes in the order of the examinees."""
    check = concluded(house, shares)
    minutes.draw_up(check, by=house.district)
    kept = queries.of_check(check)
    return check, [kept[one.pk].row for one in sitting_queries.examinees(check)]


def sent(check):
    return [one.person for one in sitting_queries.attendances(check)]


def sign(row, by, side, **more):
    return minutes.sign(row, by=by, side=side, digest=more.pop("digest", row.digest), **more)


def test_minutes_say_who_was_examined_by_whom_on_what_and_with_what_outcome(house):
    check = concluded(house)
    assert len(minutes.draw_up(check, by=house.district)) == 2
    assert minutes.draw_up(check, by=house.district) == []
    first, second = (queries.newest_of(one).row for one in sitting_queries.examinees(check))
    assert (first.serial, second.serial) == (f"抽查记录〔{check.year}〕1号", f"抽查记录〔{check.year}〕2号")
    facts, person = second.facts, second.examinee.registration.candidate
    assert {key: facts[key] for key in ("form", "organ", "points", "conclusion", "conclusion_text", "version")} == {
        "form": "抽查考核记录表", "organ": check.unit.name, "points": "0", "conclusion": "failed",
        "conclusion_text": "不合格", "version": 1,
    }  # fmt: skip
    post = second.examinee.registration.post
    assert facts["person"] == {
        "name": person.name,
        "id_mask": person.id_mask,
        "post": post.get_kind_display(),
        "appointed_on": f"{post.appointed_on:%Y-%m-%d}",
    }
    assert [one["badge"] for one in facts["inspectors"]] == [
        one.badge for one in sitting_queries.attendances(check)
    ]
    assert facts["paper"]["questions"] == 4 and facts["paper"]["cut_percent"] == "60"
    assert facts["draw"]["code"] == second.examinee.drawn.draw.code
    assert facts["missed"] and "15 个工作日" in facts["rectify"] and first.facts["rectify"] == ""
    assert queries.digest_of(facts) == second.digest


def test_nothing_is_drawn_up_before_the_end(house):
    check = stories.begun(house, **stories.lean(house.blueprint, 1))
    with pytest.raises(Refused, match="考核结束后"):
        minutes.draw_up(check, by=house.district)
    assert not Minutes.objects.exists()


def test_whoever_is_wanted_signs_and_then_it_is_confirmed_entered_and_released(house):
    check, (row, _other) = drawn_up(house)
    one, two = sent(check)
    person = row.examinee.registration.candidate
    attempt = row.outcome.attempt
    assert queries.newest_of(row.examinee).standing.missing == ("examinee", "enterprise", "inspector")
    signature = sign(row, person, "examinee", image=stories.stroke(), device="wechat/android")
    assert (signature.name, signature.digest, signature.device) == (person.name, row.digest, "wechat/android")
    assert default_storage.exists(signature.path)
    with pytest.raises(Refused, match="已经签过"):
        sign(row, one, "examinee", image=stories.stroke())
    sign(row, house.manager, "enterprise", title="经理")
    sign(row, one, "inspector", image=stories.stroke())
    with pytest.raises(Refused, match="您已经签过"):
        sign(row, one, "inspector")
    assert not RecordEntry.objects.filter(kind="spot_check").exists()
    assert Attempt.objects.get(pk=attempt.pk).released_at is None
    sign(row, two, "inspector")
    assert queries.newest_of(row.examinee).standing.is_confirmed
    entry = RecordEntry.objects.get(kind="spot_check")
    assert (entry.person, entry.facts["conclusion"], entry.facts["digest"]) == (person, "passed", row.digest)
    assert Attempt.objects.get(pk=attempt.pk).released_at is not None
    assert AuditEvent.objects.filter(action="minutes.confirmed").count() == 1
    call_command("verify_attempt", "--all", stdout=io.StringIO())


def test_a_spot_check_earns_no_certificate_unless_a_scheme_says_so(house):
    Scheme.objects.create(code="training", exam_kind="self_training", issuer="故事")
    stories.sealed(concluded(house, (1,)))
    assert not Certificate.objects.exists()
    Scheme.objects.create(code="spot", exam_kind="spot_check", issuer="故事")
    stories.sealed(concluded_again(house))
    assert Certificate.objects.count() == 1


def concluded_again(house):
    rule = stories.RuleProfile.objects.get(code="small")
    return stories.concluded(house, (1,), **stories.lean(house.blueprint, 1, rule))


def test_nobody_signs_for_another(house):
    check, (row, other) = drawn_up(house)
    one, _two = sent(check)
    person, neighbour = (each.examinee.registration.candidate for each in (row, other))
    for by, side in (
        (neighbour, "examinee"),
        (house.manager, "examinee"),
        (house.stranger_manager, "enterprise"),
        (person, "enterprise"),
        (house.city, "examinee"),
        (house.city, "inspector"),
        (person, "inspector"),
    ):
        with pytest.raises(Refused, match=r"请由本人登录签字|只有到场的考核人员"):
            sign(row, by, side, name="某人")
    with pytest.raises(Refused, match="请写明签字人"):
        sign(row, one, "enterprise", name=" ")
    assert sign(row, one, "enterprise", name="钱总", title="总经理").name == "钱总"
    assert Signature.objects.count() == 1


def test_whoever_did_not_come_has_nothing_to_sign(house):
    check, (row,) = drawn_up(house, (None,))
    one, two = sent(check)
    assert queries.newest_of(row.examinee).standing.missing == ("enterprise", "inspector")
    with pytest.raises(Refused, match="不需要这一方"):
        sign(row, row.examinee.registration.candidate, "examinee")
    sign(row, house.manager, "enterprise")
    sign(row, one, "inspector")
    sign(row, two, "inspector")
    assert queries.newest_of(row.examinee).standing.is_confirmed
    assert RecordEntry.objects.get(kind="spot_check").facts["conclusion"] == "absent"


def test_a_refusal_counts_by_the_word_of_two_inspectors_with_reason_and_witness(house):
    check, (row, _other) = drawn_up(house)
    one, two = sent(check)
    for by in (house.city, house.manager):
        with pytest.raises(Refused, match="由到场的考核人员记录"):
            minutes.refuse(
                row, by=by, side="enterprise", why="不认可", witness="孙立", witness_title="园区干部"
            )
    with pytest.raises(Refused, match="请写明拒签原因"):
        minutes.refuse(row, by=one, side="enterprise", why="不认可", witness="", witness_title="")
    minutes.refuse(row, by=one, side="enterprise", why="不认可成绩", witness="孙立", witness_title="园区干部")
    with pytest.raises(Refused, match="还需另一位考核人员确认"):
        minutes.refuse(row, by=one, side="enterprise")
    standing = queries.newest_of(row.examinee).standing
    assert (standing.claimed, standing.refused) == ({"enterprise"}, frozenset())
    told = minutes.refuse(row, by=two, side="enterprise", why="别的话")
    assert (told.why, told.witness) == ("不认可成绩", "孙立")
    assert queries.newest_of(row.examinee).standing.refused == {"enterprise"}
    sign(row, row.examinee.registration.candidate, "examinee")
    sign(row, one, "inspector")
    sign(row, two, "inspector")
    assert queries.newest_of(row.examinee).standing.is_confirmed


def test_another_outcome_makes_another_version_and_its_signatures_do_not_count(house):
    check = concluded(house, (1,))
    stories.sealed(check)
    [examinee] = sitting_queries.examinees(check)
    first = queries.newest_of(examinee).row
    sittings.amend(examinee, by=house.city, why="查实由他人代考", conclusion="cancelled")
    found = queries.newest_of(examinee)
    assert (found.row.number, found.row.why, found.row.serial) == (2, "查实由他人代考", first.serial)
    assert (found.signatures, found.standing.is_confirmed) == ((), False)
    assert Signature.objects.filter(minutes=first).count() == 4
    with pytest.raises(Refused, match="有了新版本"):
        sign(first, house.manager, "enterprise")
    with pytest.raises(Refused, match="在您查看之后有了新版本"):
        sign(found.row, house.manager, "enterprise", digest=first.digest)
    stories.signed(found.row)
    told = list(RecordEntry.objects.filter(kind="spot_check").order_by("number"))
    assert [(one.number, one.facts["conclusion"]) for one in told] == [(1, "passed"), (2, "cancelled")]


def test_a_changed_fact_makes_a_version_with_its_reason_and_no_change_makes_none(house):
    check, (row, _other) = drawn_up(house)
    with pytest.raises(Refused, match="没有任何变化"):
        minutes.renew(row.examinee, by=house.district, why="核对")
    enterprise = row.examinee.registration.post.enterprise
    type(enterprise).objects.filter(pk=enterprise.pk).update(risk="high")
    [examinee] = [one for one in sitting_queries.examinees(check) if one.pk == row.examinee_id]
    with pytest.raises(Refused, match="写明制作新版本的原因"):
        minutes.renew(examinee, by=house.district, why=" ")
    made = minutes.renew(examinee, by=house.district, why="风险等级已调整")
    assert (made.number, made.facts["enterprise"]["risk"]) == (2, "高风险")
    assert queries.newest_of(examinee).row == made


def test_a_picture_is_small_clean_and_a_picture(house):
    assert minutes.picture(stories.stroke()).kind == "png"
    for data in (b"", b"no picture", b"\xff\xd8\xff" + b"0" * 100, b"0" * (minutes.LARGEST + 1)):
        with pytest.raises(Refused):
            minutes.picture(data)


def tamper(sql, *values):
    """What somebody does who holds the database: past the guard of the table."""
    with connection.cursor() as cursor:
        table = sql.split()[1]
        name = {
            "supervision_minutes": "minutes_append_only",
            "supervision_signature": "signature_append_only",
            "supervision_refusal": "refusal_append_only",
            "supervision_publication": "publication_append_only",
        }[table]
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}_update")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the commit would hold the table
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        cursor.execute(sql, values)


def verified():
    out = io.StringIO()
    try:
        call_command("verify_minutes", stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return ""


def test_every_changed_version_signature_refusal_and_picture_is_found(house):
    check = concluded(house)
    kept = stories.sealed(check)
    row = next(iter(kept.values())).row
    signature = Signature.objects.filter(image__gt="").first()
    assert verified() == ""

    facts = json.dumps(row.facts | {"points": "99"})
    cases = [
        ("UPDATE supervision_minutes SET facts = %s WHERE id = %s", (facts, row.pk), "内容与摘要不符"),
        (
            "UPDATE supervision_minutes SET facts = %s, digest = %s WHERE id = %s",
            (facts, queries.digest_of(json.loads(facts)), row.pk),
            "与封存码不符",
        ),
        ("UPDATE supervision_signature SET name = %s WHERE id = %s", ("别人", signature.pk), "签字"),
        ("UPDATE supervision_signature SET image = %s WHERE id = %s", ("0" * 64, signature.pk), "签字"),
    ]
    for sql, values, words in cases:
        with transaction.atomic():
            tamper(sql, *values)
            told = verified()
            transaction.set_rollback(True)
        assert words in told, sql
    assert verified() == ""
    default_storage.delete(signature.path)
    default_storage.save(signature.path, io.BytesIO(b"another"))
    assert "图片" in verified()
    default_storage.delete(signature.path)
    assert "图片" in verified()


def test_the_database_holds_the_rules(house):
    _check, (row, _other) = drawn_up(house)
    fields = {"minutes": row, "by": house.district, "digest": row.digest, "seal": "x", "name": "某人"}
    Signature.objects.create(side="enterprise", **fields)
    for more in ({"side": "enterprise"}, {"side": "inspector"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Signature.objects.create(**fields, **more)
    here = sitting_queries.attendances(row.examinee.check_of).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Refusal.objects.create(minutes=row, side="enterprise", attendance=here, why="不认可", witness="", witness_title="", by=house.district)  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Minutes.objects.filter(pk=row.pk).update(serial="别的")
