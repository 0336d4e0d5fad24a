"""No phone and no ID number stands in clear in the database, the logs, the files, the exports, or a page of somebody without the right."""

import base64
import io
import json
import logging
import zipfile

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Login, User
from accounts.tests import sheets
from audit.log import record
from exams.tests import crawling
from tests import build
from tests.people import PASSWORD, id_number, phone

APPOINTED = {"name": "新任职", "id_number": id_number(700), "phone": phone(7000)}
UNKNOWN = "19988887777"  # typed at the sign-in page, nobody's
FILES = r"export|\.xlsx|\.pdf|/pdf/"


@pytest.fixture
def logged(caplog):
    """What the processes would write, but for the statements of the database, which are never logged in production."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    for name in ("zhikao", "audit", "accounts", "exams", "operations", "django.request", "django.server"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    return caplog


@pytest.fixture(autouse=True)
def rooms(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path


def client_of(username):
    client = Client()
    client.post(reverse("account_login"), {"login": username, "password": PASSWORD})
    return client


def live_a_day(cast):
    """Everything by which numbers come into the house, are looked for, read and given away."""
    manager, station, officer = client_of("manager"), client_of("station"), client_of("officer")
    for typed in (phone(1), UNKNOWN, id_number(1)):
        Client().post(reverse("account_login"), {"login": typed, "password": "not the password"})
    Client().post(reverse("account_reset_password"), {"email": "officer@example.invalid"})
    file = io.BytesIO(
        sheets.csv_bytes(sheets.table(sheets.row(1), sheets.row(2), sheets.row(3, id_number="123")))
    )
    file.name = "people.csv"
    refused = station.post("/people/import/", {"file": file})
    assert station.get(refused.url).status_code == 200  # stays there, sealed, for two hours
    file = io.BytesIO(sheets.xlsx_bytes(sheets.table(sheets.row(1), sheets.row(2))))
    file.name = "people.xlsx"
    done = station.post("/people/import/", {"file": file})
    assert station.post(done.url).status_code == 302
    enterprise = reverse("people:appoint", args=[cast.jinhai.uscc])
    form = APPOINTED | {"kind": "officer", "full_time": "1", "appointed_on": "2026-03-02"}
    assert manager.post(enterprise, form).status_code == 302
    assert manager.post(enterprise, form | {"name": "别的名字"}).status_code == 422
    for text in (phone(1), id_number(1), phone(5), "123456"):
        assert manager.get("/people/", {"q": text, "export": "xlsx"}).status_code == 200
    reveal = reverse("people:reveal", args=[cast.officer.pk])
    assert id_number(1) in station.post(reveal, {"reason": "核对身份"}).content.decode()
    assert id_number(1) in officer.post("/me/data/", {"password": PASSWORD}).content.decode()
    assert officer.post("/me/data/export/", {"password": PASSWORD}).status_code == 200
    admin = client_of("admin")
    assert admin.post("/holds/", {"what": id_number(1), "reason": "投诉正在核查"}).status_code == 302
    assert admin.post("/holds/", {"what": UNKNOWN, "reason": "投诉正在核查"}).status_code == 422
    build.certified(cast, cast.officer)
    call_command("rotate_keys", stdout=io.StringIO())
    return {"manager": manager, "station": station, "officer": officer, "admin": admin}


def all_numbers():
    """Every phone and ID number that was entered or typed."""
    people = User.objects.exclude(phone_sealed="", id_sealed="")
    return {word for one in people for word in (one.phone, one.id_number) if word} | {UNKNOWN}


def dump():
    """The whole database: the bytes of the file with its free pages, or every row as text; and what is packed inside sessions."""
    if connection.vendor == "sqlite":
        kept = connection.connection.serialize().decode("utf-8", "replace")
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            rows = []
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT t::text FROM "{table}" AS t')
                rows += [row for (row,) in cursor.fetchall()]
        kept = "\n".join(rows)
    sessions = [SessionStore().decode(data) for data in Login.objects.values_list("session_data", flat=True)]
    return kept + json.dumps(sessions, default=str)


def files(folder):
    """Every file below a folder as text, packed ones unpacked."""
    return {str(path): crawling.unpacked(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def found(numbers, text):
    """How many of the numbers stand in a text, plain or in Base64; never which."""
    plain = sum(number in text for number in numbers)
    return plain + sum(
        base64.b64encode(number.encode()).decode().rstrip("=")[:-1] in text for number in numbers
    )


def test_no_number_is_anywhere_in_clear(cast, logged, rooms):
    clients = live_a_day(cast)
    numbers = all_numbers()
    assert {phone(9001), id_number(700), id_number(1), UNKNOWN} < numbers and len(numbers) > 30
    kept = dump()
    assert "津海电动车有限公司" in kept and cast.officer.phone_mask in kept
    assert found(numbers, kept) == 0
    assert "/people/" in logged.text or logged.records  # something was logged at all
    assert found(numbers, logged.text) == 0
    written = files(rooms)
    assert any("/imports/" in name for name in written) and any("/mail/" in name for name in written)
    assert {name for name, text in written.items() if found(numbers, text)} == set()
    start = [
        "/",
        "/people/",
        "/people/?export=xlsx",
        "/enterprises/",
        "/enterprises/?export=xlsx",
        "/me/",
        "/me/data/",
    ]
    start += [
        reverse("people:person", args=[cast.officer.pk]),
        "/holds/",
        "/certificates/all/",
        "/exams/results/",
    ]
    start += [reverse("certificates:person_file", args=[cast.officer.pk])]
    for who, client in clients.items():
        seen = crawling.crawl(client, start, FILES)
        assert {at for at, (_status, text) in seen.items() if found(numbers, text)} == set(), who
        masked = client.post("/me/data/export/").content
        with zipfile.ZipFile(io.BytesIO(masked)) as archive:
            assert found(numbers, archive.read("my-data.json").decode()) == 0, who
            assert found(numbers, crawling.unpacked(archive.read("my-data.xlsx"))) == 0, who


def test_the_search_would_find_one(cast, logged, rooms):
    number = {cast.officer.id_number}
    assert found(number, dump()) == 0
    record("story.leaks", cast.officer, by=None, why=f"读到 {cast.officer.id_number}")
    assert found(number, dump()) == 1
    client = Client()
    client.force_login(cast.officer)
    client.session.update({"typed": cast.officer.id_number})
    logging.getLogger("accounts").info("signing in %s", cast.officer.id_number)
    assert found(number, logged.text) == 1
    (rooms / "media").mkdir(exist_ok=True)
    (rooms / "media" / "leak.txt").write_text(
        base64.b64encode(f"a{cast.officer.id_number}".encode()).decode()
    )
    (rooms / "media" / "other.txt").write_text(cast.officer.id_number)
    assert [name.rsplit("/")[-1] for name, text in files(rooms).items() if found(number, text)] == [
        "other.txt"
    ]
