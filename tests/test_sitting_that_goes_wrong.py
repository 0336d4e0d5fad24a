"""The sitting page when answers of the server get lost, are refused, or have no place to wait."""

import base64
import json
import time
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.product import IN_A_BROWSER
from tests.sitting_room import desk, key_of, opened, position, positions, say, seats, stored, wait_for  # noqa: F401 fixtures are found by their names

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


def test_the_emergency_file_holds_every_answer_and_opens_with_the_key_alone(desk, product):
    page = desk.context.new_page()
    page.clock.install()
    page.goto(desk.path)
    page.clock.run_for(500)
    first = say(page, 1)
    page.clock.run_for(1000)
    wait_for(page, "saved")
    desk.context.set_offline(True)
    second = say(page, 2)
    page.clock.run_for(30_000)
    wait_for(page, "unsaved")
    assert page.locator(".sitting-column [data-rescue]").is_hidden()
    page.clock.run_for(40_000)
    page.locator(".sitting-column [data-rescue]").wait_for(state="visible")
    with page.expect_download() as download:
        page.locator(".sitting-column [data-file]").click()
    assert download.value.suggested_filename == f"应急答卷-{desk.seat.attempt}.zkda"
    text = Path(download.value.path()).read_text()
    assert first not in text and second not in text
    file = json.loads(text)
    assert (file["format"], file["attempt"], sorted(file)) == (
        1,
        desk.seat.attempt,
        ["attempt", "data", "format", "iv", "made_at"],
    )
    iv, data = base64.b64decode(file["iv"]), base64.b64decode(file["data"])
    inside = json.loads(
        AESGCM(key_of(page)).decrypt(iv, data, f"zhikao-answers:{desk.seat.attempt}".encode())
    )
    one, two = str(position(page, 1)), str(position(page, 2))
    assert [entry["position"] for entry in inside["entries"]] == [int(two)]
    assert inside["entries"][0]["number"] == inside["last"] + 1 == 2
    assert len(inside["answers"]) == 50
    said = {place: answer for place, answer in inside["answers"].items() if answer != [{}, False]}
    assert set(said) == {one, two}
    assert second in json.dumps(said[two], ensure_ascii=False)
    head = product.rows("SELECT link FROM exams_response WHERE attempt_id = ?", desk.seat.attempt)
    assert [(inside["head"],)] == head


def set_deadline(product, seat, seconds):
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + seconds))
    product.rows("UPDATE exams_attempt SET deadline = ? WHERE id = ?", moment, seat.attempt)


def test_time_granted_in_the_last_second_is_noticed_and_otherwise_the_page_hands_in_by_itself(desk, product):
    set_deadline(product, desk.seat, 4)
    page = desk.context.new_page()
    page.goto(desk.path)
    set_deadline(product, desk.seat, 7)  # nobody told the page
    say(page, 1)
    desk.context.set_offline(True)
    page.wait_for_function("() => document.querySelector('[data-time] b').textContent === '00:00'")
    desk.context.set_offline(False)
    page.wait_for_function("() => document.querySelector('[data-time] b').textContent !== '00:00'")
    say(page, 2)
    page.wait_for_url("**/result/")
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
