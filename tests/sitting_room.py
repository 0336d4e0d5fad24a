"""What the stories of the sitting page in a browser share: seats whose attempts have begun, and looking behind the screen."""

import base64
import json
import time
from types import SimpleNamespace

import pytest

from tests.product import PASSWORD

PHONE = {"width": 360, "height": 740}
WITHIN = 5  # seconds until what was done outside is on the screen

# Six people whose attempts have begun, each signed in: [[username, attempt, session key, device cookie], …].
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
from exams.models import Attempt, ExamSession, Registration
room = ExamSession.objects.get(code="general-standing")
taken = ("officer", "director", "principal")
posts = Post.objects.filter(kind__in=("officer", "director"), ended_on=None).exclude(person__username__in=taken)
sitting = Attempt.objects.filter(state="in_progress").values("registration__candidate")
posts = posts.exclude(registrations__session=room).exclude(person__in=sitting)
seats = []
for n, post in enumerate(posts.order_by("pk")[:6]):
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

# Every state that the page shows goes to the story from the first paint on, with its words and with what is answered on the
# screen at that moment: witness(state, words, {position: [what was said, in one spelling]}).
WITNESS = """
const shown = () => {
  const said = {};
  for (const input of document.querySelectorAll(".question input[name^=q]")) {
    if (!(input.type === "text" ? input.value : input.checked)) continue;
    const [, place, path] = input.name.match(/^q([0-9]+)[/](.*)$/);
    (said[place] ??= []).push(`${path}=${input.value}`);
  }
  return said;
};
const told = new Set();
const tell = (place) => window.witness(place.dataset.state, place.textContent, shown());
new MutationObserver(() => {
  const place = document.querySelector("[data-saved]");
  if (!place || told.has(place)) return;
  told.add(place);
  tell(place);
  new MutationObserver(() => tell(place)).observe(place, { attributes: true, attributeFilter: ["data-state"], childList: true, characterData: true, subtree: true });
}).observe(document, { childList: true, subtree: true });
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
# Keeps the browser's storage busy until `release()`: whoever else wants it waits.
BLOCK = """() => new Promise((done) => {
  const asked = indexedDB.open("zhikao", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("shelf");
  asked.onsuccess = () => {
    const shelf = asked.result.transaction("shelf", "readwrite").objectStore("shelf");
    let isFree = false;
    window.release = () => (isFree = true);
    const spin = () => (isFree ? asked.result.close() : (shelf.get("nothing").onsuccess = spin));
    spin();
    done();
  };
})"""
STATE = "state => document.querySelector('[data-saved]').dataset.state === state"


@pytest.fixture(scope="module")
def seats(product):
    """Begun attempts, one for each story that asks."""

    def found():
        names = ("username", "attempt", "login", "device")
        while some := product.ask(SEATS.format(password=PASSWORD)):
            for seat in some:
                yield SimpleNamespace(**dict(zip(names, seat, strict=True)))

    return found()


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
    page.wait_for_function(STATE, arg=state, timeout=60_000)


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


def shown_at(page, place):
    """What the screen shows as the answer at a position, as the witness spells it."""
    return sorted(
        page.evaluate(
            """place => [...document.querySelectorAll(`.question input[name^="q${place}/"]`)]
            .filter((input) => input.type === "text" ? input.value : input.checked)
            .map((input) => `${input.name.slice(`q${place}/`.length)}=${input.value}`)""",
            place,
        )
    )


def blocked(desk):
    """The browser's storage as slow as can be; calling the result lets it go."""
    other = desk.context.new_page()
    other.goto("/healthz")
    other.evaluate(BLOCK)
    return lambda: other.evaluate("window.release()")


def press_hand_in(page):
    """Ask for the hand-in and confirm it."""
    page.evaluate("document.querySelector('#hand-in').open || document.querySelector('[data-ask]').click()")
    page.get_by_role("button", name="确认交卷").click()


def state_of(product, seat):
    """(state, how it ended) of an attempt."""
    return product.rows("SELECT state, ended_by FROM exams_attempt WHERE id = ?", seat.attempt)[0]


def set_deadline(product, seat, seconds):
    """The time of an attempt ends so many seconds from now; nobody tells its page."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + seconds))
    product.rows("UPDATE exams_attempt SET deadline = ? WHERE id = ?", moment, seat.attempt)


def stored(product, seat):
    """What the server holds, oldest first: [(number, position, payload), …]."""
    rows = product.rows(
        "SELECT number, position, payload FROM exams_response WHERE attempt_id = ? ORDER BY number",
        seat.attempt,
    )
    return [(number, place, json.loads(payload)) for number, place, payload in rows]


def spelled(payload, path=""):
    """An answer as the witness spells it: ["options=…"] for what is ticked, ["blanks/1=…"] for what is written."""
    if isinstance(payload, dict):
        return sorted(one for name, inner in payload.items() for one in spelled(inner, f"{path}/{name}"))
    if isinstance(payload, list):
        return sorted(f"{path[1:]}={one}" for one in payload)
    return [f"{path[1:]}={json.dumps(payload) if isinstance(payload, bool) else payload}"]


# What the server got for an attempt, as its page names it, oldest first: [[number, position, payload], …].
EVENTS = """
import json
from exams import tokens
from exams.models import Attempt
from exams.queries import responses
attempt = Attempt.objects.get(pk={attempt})
said = responses.events(attempt)
print(json.dumps([[e.number, e.position, tokens.closed(attempt.pk, e.position, e.payload)] for e in said]))
"""


def events(product, seat):
    """What the server got, oldest first: [(number, position, what was said as the witness spells it), …]."""
    found = product.ask(EVENTS.format(attempt=seat.attempt))
    return [(number, place, spelled(payload)) for number, place, payload in found]


def counting(said, until=None):
    """What counts of it, up to a number: {position: what was said}."""
    counts = {place: words for number, place, words in said if until is None or number <= until}
    return {place: words for place, words in counts.items() if words}


def positions(product, seat):
    return [place for _number, place, _payload in stored(product, seat)]


def seconds_until(page, selector, since):
    """How long after a moment something stood on the screen."""
    page.locator(selector).first.wait_for(state="visible", timeout=60_000)
    return time.time() - since


def key_of(page):
    return base64.b64decode(json.loads(page.locator("#sitting-config").inner_text())["shelfKey"])
