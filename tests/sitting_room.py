"""What the stories of the sitting page in a browser share: seats whose attempts have begun, and looking behind the screen."""

import base64
import json
import time
from types import SimpleNamespace

import pytest

from tests.product import PASSWORD

PHONE = {"width": 360, "height": 740}
WITHIN = 5  # seconds until what was done outside is on the screen

# Sixteen people whose attempts have begun, each signed in: [[username, attempt, session key, device cookie], …].
SEATS = """
import json
from datetime import date
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from accounts.models import Post
from accounts.sessions import SessionStore
from exams import devices
from exams.actions import attempts, sessions
from exams.models import ExamSession, Registration
room = ExamSession.objects.get(code="general-standing")
taken = ("officer", "director", "principal")
posts = Post.objects.filter(kind__in=("officer", "director"), ended_on=None).exclude(person__username__in=taken)
seats = []
for n, post in enumerate(posts.exclude(registrations__session=room).order_by("pk")[:16]):
    person = post.person
    person.password = make_password({password!r})
    person.save()
    registration = sessions.register(room, post, by=None, source=Registration.Source.MANAGER)
    attempt = attempts.start(registration, by=person, device=devices.fingerprint(f"device-{{n}}"))
    login = SessionStore()
    login.update({{SESSION_KEY: str(person.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                  HASH_SESSION_KEY: person.get_session_auth_hash()}})
    login.create()
    seats.append([person.username, attempt.pk, login.session_key, f"device-{{n}}"])
print(json.dumps(seats))
"""

# Every state that the page shows goes to the story, with the positions that are answered on the screen at that moment.
WITNESS = """
addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector("[data-saved]");
  if (!place) return;
  const shown = () => [...document.querySelectorAll(".question input[name^=q]")]
    .filter((input) => input.type === "text" ? input.value : input.checked)
    .map((input) => Number(input.name.split("/")[0].slice(1)));
  const tell = () => window.witness(place.dataset.state, shown());
  new MutationObserver(tell).observe(place, { attributes: true, attributeFilter: ["data-state"] });
});
"""
# What lies in the browser's storage: [bytes of a record, …].
SHELF = """() => new Promise((done) => {
  const asked = indexedDB.open("zhikao", 1);
  asked.onsuccess = () => {
    if (!asked.result.objectStoreNames.contains("shelf")) return done([]);
    asked.result.transaction("shelf").objectStore("shelf").getAll().onsuccess = (event) => {
      asked.result.close();
      done(event.target.result.map((record) => [...new Uint8Array(record.data)]));
    };
  };
})"""
STATE = "state => document.querySelector('[data-saved]').dataset.state === state"


@pytest.fixture(scope="module")
def seats(product):
    """Begun attempts, one for each story that asks."""
    names = ("username", "attempt", "login", "device")
    return (
        SimpleNamespace(**dict(zip(names, seat, strict=True)))
        for seat in product.ask(SEATS.format(password=PASSWORD))
    )


def signed_in(context, product, seat, device=True):
    """The context with the cookies of the seat's person, and of her device."""
    cookies = {"zhikao_session": seat.login} | ({"zhikao_device": seat.device} if device else {})
    context.add_cookies([{"name": n, "value": v, "url": product.address} for n, v in cookies.items()])
    return context


def path_of(seat):
    return f"/exams/attempts/{seat.attempt}/"


@pytest.fixture
def desk(browser, product, seats):
    """A candidate at her page; whatever the page complains of fails the story."""
    seat = next(seats)
    context = browser.new_context(viewport=PHONE, base_url=product.address, accept_downloads=True)
    signed_in(context, product, seat)
    complaints = []
    context.on("page", lambda page: page.on("pageerror", lambda error: complaints.append(str(error))))
    yield SimpleNamespace(seat=seat, context=context, path=path_of(seat))
    context.close()
    assert complaints == []


def opened(desk):
    """The sitting page, ready."""
    page = desk.context.new_page()
    page.goto(desk.path)
    page.wait_for_function(STATE, arg="saved")
    return page


def wait_for(page, state):
    page.wait_for_function(STATE, arg=state, timeout=20_000)


def position(page, number):
    return int(page.locator(f".question[data-number='{number}']").get_attribute("data-position"))


def say(page, number, nth=0):
    """Answer the question shown as `number` by its nth option, or by a text; gives what was said as the page names it."""
    page.evaluate("n => document.querySelector(`[data-cell='${n}']`).click()", number)
    question = page.locator(f".question[data-number='{number}']")
    if question.locator("input[type=text]").count():
        question.locator("input[type=text]").first.fill(f"口令{number}-{nth}")
        return f"口令{number}-{nth}"
    box = question.locator("input[name^=q]").nth(nth)
    box.check()
    return box.get_attribute("value")


def stored(product, seat):
    """What the server holds, oldest first: [(number, position, payload), …]."""
    rows = product.rows(
        "SELECT number, position, payload FROM exams_response WHERE attempt_id = ? ORDER BY number",
        seat.attempt,
    )
    return [(number, place, json.loads(payload)) for number, place, payload in rows]


def positions(product, seat):
    return [place for _number, place, _payload in stored(product, seat)]


def seconds_until(page, selector, since):
    """How long after a moment something stood on the screen."""
    page.locator(selector).first.wait_for(state="visible", timeout=15_000)
    return time.time() - since


def key_of(page):
    return base64.b64decode(json.loads(page.locator("#sitting-config").inner_text())["shelfKey"])
