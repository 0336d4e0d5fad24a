"""The attack list: what a hostile visitor tries on the running product, and what it must come to. Each story is one attack.

They run over HTTP against a server with the demo city of its own; nothing here knows the product's code but its addresses.
"""

import io
import os
import re
import time
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.urls import NoReverseMatch, reverse

from exams.tests.crawling import routes, unpacked, view_name
from tests.attacking import AWAY, SIGN_IN, Visitor, back, begun
from tests.product import PASSWORD

pytestmark = [
    pytest.mark.browser,  # they start the product, on SQLite
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="the attacked product runs on SQLite"),
    pytest.mark.xdist_group("attacks"),
]
DESKS = ("officer", "manager", "district", "editor", "reviewer", "admin")
LEAVES = ("/accounts/logout/", "/i18n/")  # what a crawl does not press

SCRIPT = "<script>alert(1)</script>"
PICTURE = "\"'><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture(scope="module")
def visitors(target):
    """One visitor of each desk, signed in."""
    return {who: Visitor(target, who) for who in DESKS}


def state(target):
    """What no attack may change: roles, accounts, results, states."""
    tables = {
        "grants": "SELECT user_id, role, unit_id, starts_on, ends_on FROM accounts_rolegrant",
        "accounts": "SELECT id, username, is_active, must_change_password, phone_hash, id_hash FROM accounts_user",
        "posts": "SELECT person_id, enterprise_id, kind, ended_on FROM accounts_post",
        "results": "SELECT attempt_id, number, points, passed FROM exams_result",
        "attempts": "SELECT id, state, deadline, current_result_id FROM exams_attempt WHERE state <> 'in_progress'",
        "certificates": "SELECT number, state, expires_on FROM certificates_certificate",
        "items": "SELECT id, state, current_id FROM exams_item",
        "sessions": "SELECT id, state, cut_score FROM exams_examsession",
    }
    return {name: sorted(target.rows(sql), key=str) for name, sql in tables.items()}


@cache
def forms_of(visitor):
    """Every form that a visitor is shown, one for each address that it leads to; read once for all attacks."""
    found = {}
    for answer in visitor.crawl(most=150, keep=lambda path: not path.startswith(LEAVES)):
        if answer.is_page and answer.status == 200:
            for form in answer.forms():
                if not form.action.startswith(LEAVES):
                    found.setdefault((view_name(form.action), form.method), form)
    return list(found.values())


# --- Whose row is it ----------------------------------------------------------------------------------------------------


def test_no_number_in_an_address_leads_to_a_foreign_row(target, visitors):
    """Every address with a number × the numbers of all rows, as a manager and as a candidate of one enterprise."""
    foreign = {
        word
        for row in target.rows(
            "SELECT u.name, u.id_mask, u.phone_mask FROM accounts_user u WHERE EXISTS (SELECT 1 FROM accounts_post p WHERE p.person_id = u.id)"
            " AND u.id NOT IN (SELECT p.person_id FROM accounts_post p WHERE p.enterprise_id IN"
            " (SELECT p.enterprise_id FROM accounts_post p JOIN accounts_user o ON o.id = p.person_id WHERE o.username = 'officer'))"
        )
        for word in row
        if word
    }
    known = {
        word
        for row in target.rows(
            "SELECT u.name, u.id_mask, u.phone_mask FROM accounts_user u WHERE u.id IN (SELECT p.person_id FROM accounts_post p WHERE p.enterprise_id IN"
            " (SELECT p.enterprise_id FROM accounts_post p JOIN accounts_user o ON o.id = p.person_id WHERE o.username = 'officer'))"
        )
        for word in row
    }
    foreign = {word for word in foreign - known if len(word) > 2}
    assert len(foreign) > 50
    most = target.rows("SELECT max(id) FROM accounts_user")[0][0]
    tried = 0
    for who in ("officer", "manager"):
        for name, converters in routes():
            if len(converters) != 1 or name.startswith("account_"):
                continue
            for number in range(1, most + 1, max(1, most // 12)):
                with suppress(NoReverseMatch):
                    answer = visitors[who].get(reverse(name, args=[number]))
                    tried += 1
                    assert answer.status in (200, 302, 401, 403, 404, 405, 429), (name, number)
                    text = unpacked(answer.body)
                    assert not {word for word in foreign if word in text}, (who, name, number)
    assert tried > 200


def test_nothing_that_a_form_did_not_ask_for_is_written(target, visitors):
    """Mass assignment: every form, as it stands, with fields added that would give its sender more than she has."""
    extra = {
        "role": "admin", "roles": "admin", "is_active": "0", "is_staff": "1", "is_superuser": "1", "unit": "1", "user": "1",
        "person": "1", "by": "1", "id": "1", "pk": "1", "state": "approved", "score": "100", "points": "100", "passed": "1",
        "current_result": "1", "must_change_password": "", "id_number": "11010519491231002X", "extra_minutes": "600", "username": "root",
    }  # fmt: skip
    before, sent = state(target), 0
    for who in ("officer", "manager"):
        for form in forms_of(visitors[who]):
            if form.method != "post" or form.action.startswith("/accounts/password"):
                continue
            one_press = form.action.endswith(("/password/", "/slip/", "/slips/"))
            if one_press or form.action.startswith("/me/delegations/"):  # one press is the whole act
                continue
            empty = dict.fromkeys(
                form.fields, ""
            )  # an act that needs a word refuses; what it does not ask for is ignored
            answer = visitors[who].post(form.action, {**empty, **extra})
            sent += 1
            assert answer.status < 500, (who, form.action)
    after = state(target)
    after["accounts"] = [row for row in after["accounts"] if row in before["accounts"]] or after["accounts"]
    assert sent >= 8
    assert {name: after[name] == before[name] for name in before} == dict.fromkeys(before, True)


def test_no_form_works_without_its_token(target, visitors):
    sent = 0
    for who in DESKS:
        before = state(target)
        for form in forms_of(visitors[who]):
            if form.method == "post":
                answer = visitors[who].post(form.action, form.fields, token=False)
                sent += 1
                assert answer.status == 403, (who, form.action)
        assert state(target) == before
    assert sent > 30


def is_harmless(answer):
    """Whether a browser would run nothing of what was typed."""
    return not answer.is_page or (SCRIPT not in answer.text and "<img src=x" not in answer.text)


# --- What is typed and shown again ---------------------------------------------------------------------------------------


def test_what_an_address_says_is_never_run(visitors):
    """Reflected: each list and page with a script in every parameter that its forms and links know."""
    names = {
        "q",
        "page",
        "state",
        "district",
        "category",
        "gap",
        "kind",
        "ask",
        "next",
        "session",
        "sort",
        "on",
    }
    attack = SCRIPT + PICTURE
    shown = 0
    for who, visitor in visitors.items():
        for answer in visitor.crawl(most=40, keep=lambda path: not path.startswith(LEAVES)):
            asked = names | {name for form in answer.forms() if form.method == "get" for name in form.fields}
            path = answer.at.split("?")[0]
            came = visitor.get(f"{path}?{urlencode(dict.fromkeys(sorted(asked), attack))}")
            shown += "alert(1)" in came.text
            assert came.status < 500, (who, path)
            assert is_harmless(came), (who, path)
    assert shown  # it was shown somewhere, harmless


def test_what_was_typed_is_never_run(target, visitors):
    """Stored: a script in every text field of every form; afterwards nobody is shown it as one."""
    typed = 0
    for visitor in visitors.values():
        for form in forms_of(visitor):
            if form.method != "post" or not form.texts or form.action.startswith("/accounts/"):
                continue
            for attack in (SCRIPT + PICTURE, FORMULA):
                answer = visitor.post(form.action, {**form.fields, **dict.fromkeys(form.texts, attack)})
                typed += 1
                assert answer.status < 500, form.action
                assert not answer.is_page or (
                    SCRIPT not in answer.text and "<img src=x" not in answer.text
                ), form.action
    assert typed > 30
    people = target.rows("SELECT id FROM accounts_user WHERE username IN ('officer', 'manager')")
    for sql in (  # what forms refuse is put there behind their back: names of people, units, items, reasons
        "UPDATE accounts_user SET name = ? WHERE username = 'officer'",
        "UPDATE accounts_unit SET name = ? WHERE kind = 'enterprise' AND id IN (SELECT min(unit_id) FROM accounts_enterprise)",
        "UPDATE exams_examsession SET name = ? WHERE id = (SELECT min(id) FROM exams_examsession)",
        "UPDATE exams_itembank SET name = ? WHERE id = (SELECT min(id) FROM exams_itembank)",
    ):
        target.rows(sql, f"{SCRIPT}{PICTURE}")
    assert people
    harmless = 0
    for who, visitor in visitors.items():
        for answer in visitor.crawl(most=120, keep=lambda path: not path.startswith(LEAVES)):
            if answer.is_page:
                harmless += "&lt;script&gt;alert(1)" in answer.text
                assert is_harmless(answer), (who, answer.at)
    assert harmless > 5


def test_no_page_lets_a_script_stand_in_it(visitors):
    """The second wall: every page forbids inline script, and has none."""
    for visitor in visitors.values():
        for answer in visitor.crawl(most=40, keep=lambda path: not path.startswith(LEAVES)):
            if answer.at.startswith("/static/"):
                continue  # our own files, of which no visitor wrote a line
            policy = answer.headers["Content-Security-Policy"]
            if "sandbox" in policy:  # a picture that somebody uploaded: nothing at all may run
                assert "default-src 'none'" in policy and "script-src" not in policy, answer.at
            else:
                assert "default-src 'self'" in policy and "unsafe" not in policy, answer.at
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            if answer.is_page:
                for tag in re.findall(r"<script\b[^>]*>", answer.text):
                    assert "src=" in tag or 'type="application/json"' in tag, (answer.at, tag)
                assert not re.search(r"<[^>]+\son[a-z]+=", answer.text), answer.at


def test_no_cell_of_an_export_is_a_formula(target, visitors):
    target.rows("UPDATE accounts_user SET name = ? WHERE username = 'principal'", FORMULA)
    target.rows(
        "UPDATE exams_examsession SET name = ? WHERE id = (SELECT max(id) FROM exams_examsession)",
        "@SUM(1+1)",
    )
    looked = 0
    for who, visitor in visitors.items():
        for answer in visitor.crawl(most=150, keep=lambda path: not path.startswith(LEAVES)):
            kind = answer.headers.get_content_type()
            if "spreadsheet" in kind:
                looked += 1
                with zipfile.ZipFile(io.BytesIO(answer.body)) as book:
                    for sheet in (name for name in book.namelist() if name.startswith("xl/worksheets/")):
                        assert b"<f>" not in book.read(sheet), (who, answer.at)
            elif kind == "text/csv":
                looked += 1
                for cell in re.split(r'[,\r\n]+"?', answer.text.lstrip("\ufeff")):
                    assert not cell.startswith(("=", "@", "\t=", "+", "-cmd")), (who, answer.at, cell)
    assert looked >= 3


# --- Files ----------------------------------------------------------------------------------------------------------------


def bomb():
    """A small zip that would unpack to a gigabyte."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            for _ in range(256):
                file.write(b"0" * (1 << 22))
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


def climbing():
    """A zip whose names lead out of every folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in (
            "../../../../tmp/zhikao-owned",
            "/tmp/zhikao-owned",
            "..\\..\\zhikao-owned",
            "items.csv",
        ):
            archive.writestr(name, "owned")
    return packed.getvalue()


def test_no_upload_hurts(target, visitors):
    """Every form with a file: a bomb, names that climb, a script that calls itself a picture, nothing at all, ten megabytes of noise."""
    attacks = [
        ("bomb.xlsx", bomb()),
        ("../../../etc/passwd", climbing()),
        ("items.zip", climbing()),
        ("picture.svg", f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>".encode()),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40),
        ("empty.xlsx", b""),
        ("noise.csv", b"\xff\xfe\x00" * 3_500_000),
        ("loop.xlsx", b"<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><a>&c;</a>"),
    ]
    before = {path.relative_to(target.var) for path in (target.var / "media").rglob("*")}
    people = target.rows("SELECT count(*) FROM accounts_user")
    sent = 0
    for who, visitor in visitors.items():
        for form in forms_of(visitor):
            for field in form.files:
                for name, body in attacks:
                    began = time.monotonic()
                    answer = visitor.post(form.action, form.fields, files=[(field, name, body)])
                    sent += 1
                    assert answer.status < 500, (who, form.action, name)
                    assert time.monotonic() - began < 20, (who, form.action, name)
                    assert not answer.is_page or SCRIPT not in answer.text
    assert sent >= 16
    assert visitors["admin"].get("/healthz").status == 200
    assert target.rows("SELECT count(*) FROM accounts_user") == people
    assert not list(Path("/tmp").glob("zhikao-owned*"))
    after = {path.relative_to(target.var) for path in (target.var / "media").rglob("*")}
    kept = [target.var / path for path in after - before]
    assert not [path for path in kept if path.suffix in (".html", ".xlsx", ".zip", ".csv")]
    assert not [
        path
        for path in kept
        if path.suffix == ".svg" and re.search(rb"<script|\son\w+=|javascript:", path.read_bytes())
    ]


# --- Getting in -----------------------------------------------------------------------------------------------------------


def same(answer):
    """A page without what differs each time."""
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.text)


def test_a_stranger_does_not_learn_whose_account_exists(target):
    """Wrong password, no such name, and the lost password: the same words, and about the same time."""
    pages, times = [], []
    for name in ("reviewer", "nobody-at-all"):
        visitor = Visitor(target)
        visitor.get(SIGN_IN)
        began = time.monotonic()
        answer = visitor.sign_in(name, "not the password 1")
        times.append(time.monotonic() - began)
        pages.append(same(answer).replace(f'value="{name}"', ""))
    assert pages[0] == pages[1]
    assert max(times) < 10 * min(times) + 1
    lost = []
    for address in ("reviewer@example.invalid", "nobody-at-all@example.invalid"):
        visitor = Visitor(target)
        answer = visitor.post("/accounts/password/reset/", {"email": address})
        lost.append((answer.status, answer.location, same(answer).replace(address, "")))
    assert lost[0] == lost[1]


def test_guessing_passwords_is_stopped(target):
    visitor = Visitor(target)
    for n in range(5):
        assert visitor.sign_in("reviewer", f"guess number {n}").status == 200
    assert visitor.sign_in("reviewer", PASSWORD).status == 200  # the right one comes too late
    assert "zhikao_session" not in visitor.cookies or visitor.get("/people/").status == 302
    assert Visitor(target, "city").get("/people/").status == 200  # others are unharmed


def test_a_session_that_was_known_before_is_worth_nothing_afterwards(target):
    """Fixation: a cookie planted before the sign-in does not become the session, and the old one is dead after signing out."""
    visitor = Visitor(target)
    visitor.cookies["zhikao_session"] = planted = "a" * 32
    assert visitor.sign_in("city", PASSWORD).status == 302
    mine = visitor.cookies["zhikao_session"]
    assert mine != planted
    thief = Visitor(target)
    thief.cookies["zhikao_session"] = planted
    assert thief.get("/people/").status == 302
    thief.cookies["zhikao_session"] = mine
    assert thief.get("/people/").status == 200  # it is the session
    visitor.post("/accounts/logout/", {})
    assert thief.get("/people/").status == 302  # until its owner signs out


def test_cookies_are_kept_from_scripts_and_other_sites(target):
    visitor = Visitor(target)
    visitor.get(SIGN_IN)
    answer = visitor.post(SIGN_IN, {"login": "station", "password": PASSWORD})
    cookie = next(one for one in answer.headers.get_all("Set-Cookie") if one.startswith("zhikao_session"))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


# --- Addresses that lie ---------------------------------------------------------------------------------------------------


def test_what_was_begun_elsewhere_by_an_attacker_ends_in_no_other_browser(target, elsewhere):
    """A way back that is planted: its state is unknown there, so nobody is signed in as the attacker, or linked with her account."""
    attacker, victim, nobody = Visitor(target, "manager"), Visitor(target, "officer"), Visitor(target)
    elsewhere.asked.clear()
    links = begun(attacker, "/me/outside/weixin/connect/")
    for state in (links, begun(Visitor(target)), "", "x" * 16, "\r\nSet-Cookie: x=y"):
        for visitor in (victim, nobody):
            assert back(visitor, "attacker", state).status == 403, state
    assert target.rows("SELECT count(*) FROM socialaccount_socialaccount") == [(0,)]
    assert elsewhere.asked == []  # nobody can make us ask the other side either
    assert nobody.get("/me/").location.startswith(SIGN_IN)
    known = begun(nobody)
    key = nobody.cookies["zhikao_session"]
    assert nobody.sign_in("officer", PASSWORD).status == 302
    assert nobody.cookies["zhikao_session"] != key
    back(nobody, "attacker", known)
    assert ">officer</dd>" in nobody.get("/me/").text  # and not whoever the attacker is


def test_nobody_comes_back_from_elsewhere_into_another_house(target):
    owner = Visitor(target, "officer")
    assert back(owner, "owner", begun(owner, "/me/outside/weixin/connect/")).location == "/me/outside/"
    for goal in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        visitor = Visitor(target)
        came = back(visitor, "owner", begun(visitor, next=goal), next=goal)
        assert (came.status, came.location) == (302, "/"), goal
    assert Visitor(target).get(AWAY).status == 405  # a link or a picture on another page begins nothing
    assert Visitor(target).post(AWAY, {}, token=False).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "127.0.0.1@evil.example"]
)
def test_a_foreign_host_is_refused(target, host):
    answer = Visitor(target).get(SIGN_IN, Host=host)
    assert answer.status == 400
    assert host not in answer.text


def test_a_forwarded_host_changes_no_address(target):
    answer = Visitor(target).get("/people/", X_Forwarded_Host="evil.example", X_Forwarded_Proto="https")
    assert "evil" not in answer.location + answer.text
    reset = Visitor(target)
    reset.get(SIGN_IN)
    reset.post(
        "/accounts/password/reset/",
        {"email": "city@example.invalid"},
        headers={"X-Forwarded-Host": "evil.example"},
    )
    mails = [path.read_text(errors="replace") for path in (target.var / "mail").rglob("*") if path.is_file()]
    assert not any("evil.example" in mail for mail in mails)


@pytest.mark.parametrize(
    "goal",
    ["https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "http:evil.example",
     "javascript:alert(1)", "/%09/evil.example", "https:evil.example", "http://127.0.0.1@evil.example/"],
)  # fmt: skip
def test_nobody_is_sent_to_another_house(target, goal):
    visitor = Visitor(target)
    came = [visitor.sign_in("station", PASSWORD, next=goal)]
    came += [
        visitor.post("/i18n/setlang/", {"language": "en", "next": goal}),
        visitor.post("/accounts/logout/", {"next": goal}),
        visitor.get(f"/accounts/login/?next={goal.replace(chr(92), '%5C')}"),
    ]
    for answer in came:
        assert re.match(r"(/(?![/\\])[^\\]*)?$", answer.location), (goal, answer.location)


@pytest.mark.parametrize("path", ["/media/", "/media/../secret_key", "/static/../../secret_key", "/static/%2e%2e/%2e%2e/secret_key",
                                  "/static/..%2f..%2fzhikao.sqlite3", "/.git/config", "/secret_key", "//etc/passwd"])  # fmt: skip
def test_no_file_of_the_house_can_be_fetched(target, path):
    answer = Visitor(target).get(path)
    assert answer.status in (302, 400, 404)
    assert b"SQLite" not in answer.body
    assert (target.var / "secret_key").read_text().strip() not in answer.text
