"""The wallet, the list, the PDF, the desk that decides: who may, who may not."""

import io

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts import actions as accounts
from accounts.models import RecordEntry
from audit.models import AuditEvent
from certificates import actions, pdf, queries
from certificates.models import Certificate
from tests import build


@pytest.fixture
def certificate(cast):
    return build.certified(cast)


def at(name, certificate):
    return reverse(f"certificates:{name}", args=[certificate.number])


SEEING = {"officer", "manager", "station", "district", "city", "admin"}
DECIDING = {"station", "district", "city", "admin"}
CAST = [
    "officer",
    "director",
    "principal",
    "manager",
    "stranger",
    "stranger_manager",
    "station",
    "district",
    "other_district",
    "city",
    "editor",
    "reviewer",
    "admin",
]


@pytest.mark.parametrize("who", CAST)
def test_who_may_see_and_who_may_decide(cast, certificate, as_user, who):
    client = as_user(getattr(cast, who))
    assert client.get(at("certificate", certificate)).status_code == (200 if who in SEEING else 404)
    page = client.post(at("decide", certificate), {"act": "suspended", "why": "核查"})
    assert page.status_code == (302 if who in DECIDING else 404)
    assert Certificate.objects.get().state == ("suspended" if who in DECIDING else "in_force")


@pytest.mark.parametrize("who", CAST)
def test_the_form_stands_only_before_those_who_may_decide(cast, certificate, as_user, who):
    page = as_user(getattr(cast, who)).get(at("certificate", certificate))
    assert (at("decide", certificate) in page.content.decode()) == (who in DECIDING)


def test_the_holder_who_is_also_an_officer_elsewhere_decides_nothing(cast, certificate, as_user):
    for act in ("suspended", "in_force", "revoked", "replace", "", "issue"):
        assert (
            as_user(cast.officer).post(at("decide", certificate), {"act": act, "why": "x"}).status_code == 404
        )
    assert list(Certificate.objects.values_list("state", flat=True)) == ["in_force"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"act": "revoked", "why": ""}, "请写明原因。"),
        ({"act": "revoked"}, "请写明原因。"),
        ({"act": "replace", "why": " "}, "请写明原因。"),
        ({"act": "burn", "why": "核查"}, "没有这个操作。"),
        ({}, "没有这个操作。"),
    ],
)
def test_a_decision_without_its_parts_is_refused_with_a_sentence(cast, certificate, as_user, data, sentence):
    page = as_user(cast.city).post(at("decide", certificate), data, follow=True)
    assert sentence in page.content.decode()
    assert (Certificate.objects.get().state, RecordEntry.objects.filter(kind="certificate").count()) == (
        "in_force",
        1,
    )


def test_a_decision_is_shown_and_written_down(cast, certificate, as_user):
    page = as_user(cast.district).post(
        at("decide", certificate), {"act": "revoked", "why": "冒名"}, follow=True
    )
    assert "已办理，公开核验页即时更新。" in page.content.decode()
    assert "已撤销" in page.content.decode()
    assert at("decide", certificate) not in page.content.decode()
    last = RecordEntry.objects.filter(kind="certificate").order_by("-number").first()
    assert (last.facts["state"], last.facts["why"], last.recorded_by) == ("revoked", "冒名", "吴桐")


def test_a_replacement_leads_to_the_new_one(cast, certificate, as_user):
    page = as_user(cast.city).post(at("decide", certificate), {"act": "replace", "why": "更正"}, follow=True)
    new = Certificate.objects.get(replaces=certificate)
    assert page.redirect_chain == [(at("certificate", new), 302)]
    assert new.number in as_user(cast.officer).get(at("certificate", certificate)).content.decode()


@pytest.mark.parametrize("who", CAST)
def test_the_pdf_is_for_those_who_see_it(cast, certificate, as_user, who):
    page = as_user(getattr(cast, who)).get(at("pdf", certificate))
    if who not in SEEING:
        assert page.status_code == 404
        return
    assert (page.status_code, page["Content-Type"], page.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert page["Content-Disposition"] == f'inline; filename="{certificate.number}.pdf"'
    assert page["Cache-Control"] == "private, no-store"
    assert AuditEvent.objects.filter(action="certificate.printed").count() == 1


@pytest.mark.parametrize("who", CAST)
def test_the_personnel_file_is_for_its_owner_and_those_who_look_after_her(cast, certificate, as_user, who):
    page = as_user(getattr(cast, who)).get(reverse("certificates:person_file", args=[cast.officer.pk]))
    if who in SEEING:
        assert (page.status_code, page["Content-Type"], page.content[:5]) == (
            200,
            "application/pdf",
            b"%PDF-",
        )
    else:
        assert page.status_code == 404


def test_the_personnel_file_shows_what_its_reader_sees_on_the_pages(cast, certificate):
    today = build.timezone.localdate()
    accounts.dismiss(cast.post(cast.officer), ended_on=today, by=cast.manager)
    accounts.appoint(
        cast.officer, enterprise=cast.hengtong, kind="officer", appointed_on=today, by=cast.stranger_manager
    )

    def shown(viewer):
        file = queries.personnel_file(cast.officer, viewer, today)
        return (
            [post["enterprise"] for post in file["posts"]],
            sorted(entry["title"] for entry in file["entries"]),
            [one["number"] for one in file["certificates"]],
        )

    here, there = cast.jinhai.unit.name, cast.hengtong.unit.name
    everything = sorted(RecordEntry.objects.values_list("title", flat=True))
    assert shown(cast.officer) == shown(cast.city) == ([there, here], everything, [certificate.number])
    # whoever has her in post reads how she came to be what she is, but of posts and papers only her own enterprise's
    assert shown(cast.stranger_manager) == ([there], everything, [])
    own = [title for title in everything if there not in title]
    assert (shown(cast.manager), len(own)) == (([here], own, [certificate.number]), len(everything) - 1)


def test_the_wallet_holds_her_own_and_nobody_elses(cast, certificate, as_user):
    other = build.certified(cast, cast.director, session=build.make_session(cast, "other"))
    for person, own in ((cast.officer, certificate), (cast.director, other)):
        rows = as_user(person).get(reverse("certificates:wallet")).context["rows"]
        assert [row["certificate"] for row in rows] == [own]
    assert as_user(cast.stranger).get(reverse("certificates:wallet")).context["rows"] == []


LIST = "/certificates/all/"


@pytest.mark.parametrize("who", CAST)
def test_the_list_is_for_those_who_look_after_somebody(cast, certificate, as_user, who):
    page = as_user(getattr(cast, who)).get(LIST)
    if who in {"officer", "director", "principal", "stranger", "editor", "reviewer"}:
        assert page.status_code == 403
    else:
        shown = [row["certificate"] for row in page.context["rows"]]
        assert shown == ([certificate] if who in SEEING else [])


def test_the_list_is_searched_by_name_enterprise_number_and_state(cast, as_user):
    exam = build.make_exam(cast, counts={"truefalse": 2})
    made = {
        state: build.certified(cast, session=build.make_session(cast, state.replace("_", "-"), exam=exam))
        for state in ("in_force", "suspended", "revoked", "expired", "replaced", "expiring")
    }
    actions.decide(made["suspended"], to="suspended", by=cast.city, why="x")
    actions.decide(made["revoked"], to="revoked", by=cast.city, why="x")
    new = actions.replace(made["replaced"], by=cast.city, why="x")
    today = build.timezone.localdate()
    for state, days in (("expired", -1), ("expiring", 59)):
        Certificate.objects.filter(pk=made[state].pk).update(
            issued_on=today - build.timedelta(days=300), expires_on=today + build.timedelta(days=days)
        )
    client = as_user(cast.manager)

    def listed(**query):
        return {
            row["certificate"].pk: row["worth"]["code"] for row in client.get(LIST, query).context["rows"]
        }

    codes = {made[s].pk: s for s in ("in_force", "suspended", "revoked", "expired", "replaced")}
    codes |= {made["expiring"].pk: "in_force", new.pk: "in_force"}
    assert listed() == codes
    for state in ("in_force", "suspended", "revoked", "expired", "replaced"):
        assert listed(state=state) == {pk: code for pk, code in codes.items() if code == state}
    assert list(listed(state="expiring")) == [made["expiring"].pk]
    assert list(listed(q=made["revoked"].number)) == [made["revoked"].pk]
    assert listed(q="津海") == listed(q="王雨晨") == codes
    assert listed(q="没有这个人") == {}
    assert client.get(LIST, {"page": "x", "state": "odd"}).status_code == 200


def test_the_list_goes_into_a_workbook_as_filtered_masked_and_on_the_record(cast, certificate, as_user):
    build.certified(cast, cast.director, session=build.make_session(cast, "other"))
    answer = as_user(cast.manager).get(LIST, {"q": certificate.number, "export": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    [header, row] = sheet.to_python()[:-4]  # the signature stands below
    facts = dict(zip(header, row, strict=True))
    assert (facts["编号"], facts["证件号码"], facts["有效期至"], facts["状态"]) == (
        certificate.number, cast.officer.id_mask, certificate.expires_on.isoformat(), "有效"
    )  # fmt: skip
    assert cast.officer.id_number not in str(row)
    assert AuditEvent.objects.get(action="certificates.exported").data["rows"] == 1


def test_a_page_tells_days_in_one_form_and_the_public_check_as_printed(cast, certificate, client, as_user):
    printed = certificate.facts["issued_on"]
    own = as_user(cast.officer).get(at("certificate", certificate)).content.decode()
    assert (certificate.issued_on.isoformat() in own, printed in own) == (True, False)
    public = client.get(reverse("certificates:verify_code", args=[certificate.code])).content.decode()
    assert printed in public


@pytest.mark.parametrize(("who", "page"), [("officer", "people:me"), ("manager", "people:person")])
def test_without_the_printer_one_is_led_to_a_page_that_opens(cast, as_user, monkeypatch, who, page):
    def without(*_args):
        raise pdf.PdfUnavailable

    monkeypatch.setattr(pdf, "render_document", without)
    client = as_user(getattr(cast, who))
    answer = client.get(reverse("certificates:person_file", args=[cast.officer.pk]))
    assert answer.url == reverse(page, args=[] if page == "people:me" else [cast.officer.pk])
    assert client.get(answer.url).status_code == 200


@pytest.mark.parametrize(("days", "word"), [(60, "还有 61 天到期"), (0, "还有 1 天到期"), (61, ""), (-1, "")])
def test_the_wallet_counts_the_days_as_every_desk_does(cast, certificate, as_user, days, word):
    today = build.timezone.localdate()
    Certificate.objects.update(
        issued_on=today - build.timedelta(days=300), expires_on=today + build.timedelta(days=days)
    )
    text = as_user(cast.officer).get(reverse("certificates:wallet")).content.decode()
    assert (word in text, "天到期" in text) == (True, bool(word))
