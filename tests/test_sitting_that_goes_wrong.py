"""The sitting page when answers of the server get lost, are refused, or have no place to wait."""

import time
from itertools import count

from tests.product import IN_A_BROWSER
from tests.sitting_room import (  # noqa: F401 fixtures are found by their names
    SHELF,
    blocked,
    counting,
    desk,
    events,
    key_of,
    opened,
    position,
    positions,
    press_hand_in,
    say,
    seats,
    set_deadline,
    shown_at,
    state_of,
    stored,
    wait_for,
)

pytestmark = IN_A_BROWSER


def test_a_lost_acknowledgement_stores_nothing_twice_and_another_tab_is_not_overwritten(desk, product):
    page = opened(desk)
    lost = count()

    def lose(route):
        route.fetch()
        if next(lost) == 0:
            route.abort()
        else:
            route.continue_()

    page.route("**/save/", lose, times=1)
    say(page, 1)
    wait_for(page, "unsaved")
    assert len(stored(product, desk.seat)) == 1
    wait_for(page, "saved")
    assert len(stored(product, desk.seat)) == 1

    other = opened(desk)
    theirs = say(other, 2)
    wait_for(other, "saved")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.locator(f".question[data-number='2'] input[value='{theirs}']:checked").wait_for(state="attached")
    say(page, 3)
    wait_for(page, "saved")
    assert positions(product, desk.seat) == [position(page, 1), position(page, 2), position(page, 3)]


def test_time_granted_in_the_last_second_is_noticed_and_otherwise_the_page_hands_in_by_itself(desk, product):
    set_deadline(product, desk.seat, 20)
    page = opened(desk)
    desk.context.set_offline(True)
    set_deadline(product, desk.seat, 60)  # nobody told the page, and nobody can
    say(page, 1)
    page.wait_for_function(
        "() => document.querySelector('[data-time] b').textContent === '00:00'", timeout=60_000
    )
    desk.context.set_offline(False)
    page.wait_for_function(
        "() => document.querySelector('[data-time] b').textContent !== '00:00'", timeout=60_000
    )
    say(page, 2)
    page.wait_for_url("**/result/", timeout=60_000)
    assert len(stored(product, desk.seat)) == 2
    (ended,) = product.rows("SELECT ended_by FROM exams_attempt WHERE id = ?", desk.seat.attempt)
    assert ended == ("deadline",)


def test_the_page_waits_as_long_as_it_was_told_and_one_refused_answer_holds_up_no_other(desk, product):
    page = opened(desk)
    asked = []

    def busy(route):
        asked.append(time.time())
        route.fulfill(status=429, headers={"Retry-After": "2"}, json={})

    page.route("**/save/", busy, times=1)
    page.on("request", lambda request: asked.append(time.time()) if "/check/" in request.url else None)
    say(page, 1)
    wait_for(page, "unsaved")
    wait_for(page, "saved")
    assert asked[1] - asked[0] >= 2

    bad = position(page, 2)

    def refuse(route):
        if bad in [entry["position"] for entry in route.request.post_data_json["entries"]]:
            return route.fulfill(status=422, json={"problem": "作答的格式无法识别。"})
        return route.continue_()

    desk.context.set_offline(True)
    for number in (2, 3, 4):
        say(page, number)
    page.route("**/save/", refuse)
    desk.context.set_offline(False)
    page.locator("[data-trouble]").wait_for(state="visible")
    page.wait_for_timeout(500)
    assert positions(product, desk.seat) == [position(page, n) for n in (1, 3, 4)]
    assert page.locator("[data-saved]").get_attribute("data-state") == "unsaved"
    page.unroute("**/save/")
    say(page, 2, 1)
    wait_for(page, "saved")
    assert positions(product, desk.seat) == [position(page, n) for n in (1, 3, 4, 2)]


def test_what_an_older_page_left_behind_is_taken_over_once(desk, product):
    page = opened(desk)
    true_or_false = page.locator(".question:has(input[name$='/value'])").first
    single = page.locator(".question:has(input[type=radio][name$='/options'])").first
    places = [int(one.get_attribute("data-position")) for one in (true_or_false, single)]
    kept = {
        "waiting": [
            {"number": 1, "position": places[0], "payload": {"value": True}, "flagged": False},
            {"number": 2, "position": places[1], "payload": {"options": ["b"]}, "flagged": False},
        ],
        "next": 3,
        "handingIn": False,
    }
    page.evaluate(
        "([name, kept]) => localStorage.setItem(name, JSON.stringify(kept))",
        [f"zhikao.attempt.{desk.seat.attempt}", kept],
    )
    page.reload()
    page.wait_for_function("() => document.querySelector('[data-count]').textContent === '1/50'")
    wait_for(page, "saved")
    assert stored(product, desk.seat) == [(1, places[0], {"value": True})]
    page.wait_for_function("() => Object.keys(localStorage).length === 0")


def test_without_a_storage_the_page_saves_all_the_same_and_does_not_claim_to_keep_anything(desk, product):
    desk.context.add_init_script("IDBFactory.prototype.open = () => { throw new Error('forbidden'); }")
    page = opened(desk)
    say(page, 1)
    wait_for(page, "saved")
    desk.context.set_offline(True)
    say(page, 2)
    wait_for(page, "unsaved")
    assert page.locator("[data-saved]").inner_text() == "未保存（本机也无法暂存，请不要关闭此页）"
    desk.context.set_offline(False)
    wait_for(page, "saved")
    assert positions(product, desk.seat) == [position(page, 1), position(page, 2)]


def ahead(seconds):
    """An answer of the server whose clock is wrong."""

    def wrong(route):
        answer = route.fetch()
        body = answer.json()
        route.fulfill(response=answer, json=body | {"now": body["now"] + seconds * 1000})

    return wrong


def hand_ins(page):
    """When the page handed in, and what it said with it; filled while the story goes on."""
    found = []
    note = lambda request: found.append((time.time(), request.post_data_json))  # noqa: E731 an event handler
    page.on("request", lambda request: note(request) if "/hand-in/" in request.url else None)
    return found


def test_one_clock_that_is_fast_ends_nothing_early(desk, product):
    set_deadline(product, desk.seat, 25)
    ends = time.time() + 25
    page = opened(desk)
    found = hand_ins(page)
    page.route("**/save/", ahead(15), times=1)
    say(page, 1)
    wait_for(page, "saved")
    page.wait_for_timeout(1500)
    minutes, seconds = page.locator("[data-time] b").inner_text().split(":")
    assert abs(int(minutes) * 60 + int(seconds) - (ends - time.time())) <= 5
    assert found == []
    say(page, 2)
    page.wait_for_url("**/result/")
    ((at, said),) = found
    assert ends - 1 <= at  # the deadline was set to a whole second
    assert said == {"entries": [], "auto": True}
    assert state_of(product, desk.seat) == ("submitted", "deadline")
    assert len(stored(product, desk.seat)) == 2


def test_a_page_that_was_early_goes_on_with_the_time_it_is_told(desk, product):
    set_deadline(product, desk.seat, 4)
    page = opened(desk)
    found = hand_ins(page)
    page.route("**/save/", ahead(60))
    now = int(time.time() * 1000)
    early = {"state": "early", "now": now, "deadline": now + 60_000}
    page.route("**/hand-in/", lambda route: route.fulfill(status=423, json=early), times=1)
    page.wait_for_function(
        "() => document.querySelector('[data-time] b').textContent > '00:30'", timeout=60_000
    )
    assert [said["auto"] for _at, said in found] == [True]
    set_deadline(product, desk.seat, 60)
    page.unroute("**/save/")
    say(page, 1)
    wait_for(page, "saved")
    assert state_of(product, desk.seat)[0] == "in_progress"
    assert page.locator(".question input:not([disabled])").count() > 0


def test_a_slow_storage_loses_nothing_and_the_page_does_not_call_it_saved(desk, product):
    page = opened(desk)
    desk.context.set_offline(True)
    say(page, 1)
    wait_for(page, "unsaved")
    first, meant = position(page, 1), shown_at(page, position(page, 1))
    page.close(run_before_unload=False)
    desk.context.set_offline(False)
    release = blocked(desk)
    page = desk.context.new_page()
    page.goto(desk.path)
    wait_for(page, "saving")
    page.wait_for_timeout(2500)
    assert page.locator("[data-saved]").inner_text() == "保存中"
    say(page, 2)
    second = position(page, 2)
    press_hand_in(page)
    page.wait_for_timeout(3000)
    assert positions(product, desk.seat) == [second]  # the storage keeps nothing from the server
    assert page.locator("[data-saved]").inner_text() == "保存中"
    assert state_of(product, desk.seat)[0] == "in_progress"
    release()
    page.wait_for_url("**/result/")
    assert sorted(positions(product, desk.seat)) == sorted([first, second])
    assert counting(events(product, desk.seat))[first] == meant
    assert page.evaluate(SHELF) == []


# A record that nobody can open, beside those of the page.
STRANGE = """attempt => new Promise((done) => {
  const asked = indexedDB.open("zhikao", 1);
  asked.onsuccess = () => {
    const work = asked.result.transaction("shelf", "readwrite");
    work.objectStore("shelf").put({ iv: new Uint8Array(12), data: new Uint8Array([1, 2, 3]).buffer }, [attempt, "strange"]);
    work.oncomplete = () => { asked.result.close(); done(); };
  };
})"""


def test_a_record_that_cannot_be_read_is_never_deleted(desk, product):
    page = opened(desk)
    page.evaluate(STRANGE, desk.seat.attempt)
    page.reload()
    wait_for(page, "saved")
    say(page, 1)
    wait_for(page, "saved")
    assert positions(product, desk.seat) == [position(page, 1)]
    assert page.evaluate(SHELF) == [[1, 2, 3]]


def test_a_hand_in_that_an_earlier_page_was_asked_for_is_asked_for_again(desk, product):
    page = opened(desk)
    desk.context.set_offline(True)
    say(page, 1)
    press_hand_in(page)
    page.locator(".sitting-column [data-waiting]").wait_for(state="attached")
    wait_for(page, "unsaved")
    page.close(run_before_unload=False)
    desk.context.set_offline(False)
    page = desk.context.new_page()
    page.goto(desk.path)
    page.locator("#hand-in[open]").wait_for()
    assert "此前在这份答卷上按过交卷" in page.locator("#hand-in").inner_text()
    wait_for(page, "saved")
    page.wait_for_timeout(1000)
    assert positions(product, desk.seat) == [position(page, 1)]
    assert state_of(product, desk.seat)[0] == "in_progress"
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/result/")


CONNECTIONS = """
const open = IDBFactory.prototype.open;
window.connections = [];
IDBFactory.prototype.open = function (...all) {
  const asked = open.apply(this, all);
  asked.addEventListener("success", () => window.connections.push(asked.result));
  return asked;
};
"""


def test_a_storage_whose_connection_was_dropped_is_opened_again(desk, product):
    desk.context.add_init_script(CONNECTIONS)
    page = opened(desk)
    desk.context.set_offline(True)
    say(page, 1)
    wait_for(page, "unsaved")
    (before,) = page.evaluate(SHELF)
    page.evaluate("window.connections.forEach((one) => one.close())")
    say(page, 2)
    page.wait_for_timeout(500)
    assert page.locator("[data-saved]").inner_text() == "未保存（离线，已暂存本机）"
    (after,) = page.evaluate(SHELF)
    assert len(after) > len(before)
    page.close(run_before_unload=False)
    desk.context.set_offline(False)
    page = opened(desk)
    assert len(stored(product, desk.seat)) == 2


def test_while_the_storage_does_not_answer_nothing_is_called_kept(desk):
    page = opened(desk)
    release = blocked(desk)
    desk.context.set_offline(True)
    say(page, 1)
    wait_for(page, "unsaved")
    page.get_by_text("未保存（本机也无法暂存，请不要关闭此页）").wait_for(timeout=60_000)
    release()
    page.get_by_text("未保存（离线，已暂存本机）").wait_for()
    assert len(page.evaluate(SHELF)) == 1


def refusing(bad):
    """A server that does not take the answer at a position."""

    def refuse(route):
        if bad in [entry["position"] for entry in route.request.post_data_json["entries"]]:
            return route.fulfill(status=422, json={"problem": "作答的格式无法识别。"})
        return route.continue_()

    return refuse


def test_a_hand_in_does_not_go_on_without_an_answer_that_was_refused(desk, product):
    page = opened(desk)
    desk.context.set_offline(True)
    for number in (1, 2):
        say(page, number)
    press_hand_in(page)
    refuse = refusing(position(page, 2))
    page.route("**/save/", refuse)
    page.route("**/hand-in/", refuse)
    desk.context.set_offline(False)
    page.locator("[data-refused]").wait_for(state="visible")
    assert "作答的格式无法识别。" in page.locator("[data-ask-why]").inner_text()
    assert page.locator("[data-refused-list]").inner_text() == "2"
    page.wait_for_timeout(1000)
    assert positions(product, desk.seat) == [position(page, 1)]
    assert state_of(product, desk.seat)[0] == "in_progress"
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/result/")


def test_typing_neither_shortens_a_told_wait_nor_keeps_an_answer_back(desk, product):
    page = opened(desk)
    saves = []
    page.on("request", lambda request: saves.append(time.time()) if "/save/" in request.url else None)
    number = int(page.locator(".question:has(input[type=text])").first.get_attribute("data-number"))
    say(page, number)
    wait_for(page, "saved")
    field = page.locator(f".question[data-number='{number}'] input[type=text]").first

    def type_for(seconds):
        until = time.time() + seconds
        while time.time() < until:
            field.press("a")
            page.wait_for_timeout(200)

    saves.clear()
    began = time.time()
    type_for(5)
    assert saves[0] - began <= 3
    assert len(saves) >= 2
    wait_for(page, "saved")

    saves.clear()
    page.route(
        "**/save/", lambda route: route.fulfill(status=429, headers={"Retry-After": "4"}, json={}), times=1
    )
    type_for(6)
    wait_for(page, "saved")
    assert saves[1] - saves[0] >= 4
