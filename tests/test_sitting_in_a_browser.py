"""The sitting page against everything that may happen to it: no network, a killed browser, a lost login, another device."""

import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.product import CHROMIUM, FLAGS, IN_A_BROWSER, PASSWORD, ROOT
from tests.sitting_room import (  # noqa: F401 fixtures are found by their names
    PHONE,
    SHELF,
    WITHIN,
    WITNESS,
    counting,
    desk,
    events,
    opened,
    path_of,
    position,
    positions,
    say,
    seats,
    seconds_until,
    shown_at,
    signed_in,
    stored,
    wait_for,
)

pytestmark = IN_A_BROWSER


class Persistent:
    """A browser with a profile of its own on the disk, which may be killed and started again."""

    def __init__(self, play, product, seat, folder):
        self.play, self.product, self.seat, self.folder = play, product, seat, folder
        self.seen = []  # (state, words, what is answered on the screen, highest number at the server)

    def start(self):
        context = self.play.chromium.launch_persistent_context(
            self.folder, executable_path=CHROMIUM, args=FLAGS, viewport=PHONE, base_url=self.product.address
        )
        context.expose_function("witness", self._witness)
        context.add_init_script(WITNESS)
        self.context = signed_in(context, self.product, self.seat)
        return context

    def _witness(self, state, words, shown):
        numbers = [number for number, _place, _payload in stored(self.product, self.seat)]
        shown = {int(place): sorted(said) for place, said in shown.items()}
        self.seen.append((state, words, shown, max(numbers, default=0)))

    def kill(self):
        """As when the power fails: no page hears of it."""
        for line in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = line.read_bytes().split(b"\0")
            except OSError:
                continue
            if f"--user-data-dir={self.folder}".encode() in command and not any(
                part.startswith(b"--type=") for part in command
            ):
                os.kill(int(line.parent.name), signal.SIGKILL)
                return
        raise AssertionError("the browser was not found")


def test_twenty_minutes_without_network_and_a_killed_browser_lose_nothing(play, product, seats, tmp_path):
    seat = next(seats)
    browser = Persistent(play, product, seat, tmp_path / "profile")
    page = browser.start().new_page()
    page.clock.install()
    page.goto(path_of(seat))
    numbers = iter(range(1, 51))
    kinds = page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('.question')].map(q => [q.dataset.number, q.querySelector('input[name^=q]').type]))"
    )
    text = next(int(n) for n, kind in kinds.items() if kind == "text")
    order, said, meant = [], [], {}

    def answer(number, nth=0):
        place = position(page, number)
        said.append(say(page, number, nth))
        order.append(place)
        meant[place] = shown_at(page, place)

    for number in [next(numbers) for _ in range(3)]:
        answer(number)
        page.clock.run_for(1000)
        wait_for(page, "saved")
    assert positions(product, seat) == order

    browser.context.set_offline(True)
    offline = [text, *(n for n in (next(numbers) for _ in range(8)) if n != text)]
    for number in offline:
        answer(number)
        page.clock.run_for(1000)
    first_thought = meant[order[4]]
    say(page, offline[1], 1)  # a change of mind: the later one counts, the earlier never left
    order.append(order.pop(4))
    meant[order[-1]] = shown_at(page, order[-1])
    assert meant[order[-1]] != first_thought
    wait_for(page, "unsaved")
    for _minute in range(20):
        page.clock.run_for(60_000)
        page.wait_for_timeout(20)
    assert page.locator("[data-saved]").get_attribute("data-state") == "unsaved"
    assert positions(product, seat) == order[:3]

    # What lies on the device tells nobody anything.
    (record,) = page.evaluate(SHELF)
    for word in said[3:]:
        assert word.encode() not in bytes(record)
    browser.kill()
    on_disk = b"".join(
        f.read_bytes() for f in (tmp_path / "profile").glob("Default/IndexedDB/**/*") if f.is_file()
    )
    assert len(on_disk) > 1000
    for word in [w for w in said[3:] if w not in ("true", "false")]:
        assert word.encode() not in on_disk and word.encode("utf-16-le") not in on_disk

    context = browser.start()
    page = context.new_page()
    page.goto(path_of(seat))
    wait_for(page, "saved")
    arrived = events(product, seat)
    assert [(place, words) for _number, place, words in arrived] == [(place, meant[place]) for place in order]
    assert [number for number, _place, _words in arrived] == sorted({number for number, _p, _w in arrived})
    assert page.locator("[data-count]").inner_text() == f"{len(order)}/50"
    assert page.evaluate(SHELF) == []
    context.close()

    # The page said 已保存 often enough, and never for an answer that the server did not have at that moment.
    assert {(state, words) for state, words, _shown, _until in browser.seen if "已保存" in words} == {
        ("saved", "已保存")
    }
    assert browser.seen[0][:3] == ("", "按“下一题”时保存", {})  # from the first paint on
    claims = [
        (shown, counting(arrived, until)) for _state, words, shown, until in browser.seen if "已保存" in words
    ]
    assert len(claims) >= 4
    assert [
        (shown, held) for shown, held in claims if shown != {p: w for p, w in held.items() if p in shown}
    ] == []
    assert claims[-1] == (meant, meant)
    assert "unsaved" in {state for state, _words, _shown, _until in browser.seen}


def test_the_shelf_is_empty_once_everything_has_arrived_and_modules_are_named_by_content(desk, product):
    asked = []
    desk.context.on("request", lambda request: asked.append(request.url))
    page = opened(desk)
    say(page, 1)
    wait_for(page, "saved")
    assert page.evaluate(SHELF) == []
    modules = [url for url in asked if "/static/js/sitting" in url]
    assert len(modules) == 15
    assert [url for url in modules if not re.search(r"\.[0-9a-f]{12}\.js$", url)] == []


def test_a_lost_login_is_mended_on_the_page(desk, product):
    page = opened(desk)
    page.evaluate("window.mark = 1")
    say(page, 1)
    wait_for(page, "saved")
    product.rows("DELETE FROM accounts_login WHERE session_key = ?", desk.seat.login)
    say(page, 2)
    page.locator("#login[open]").wait_for()
    assert page.locator("[data-saved]").get_attribute("data-state") == "unsaved"
    assert desk.seat.username in page.locator("#login").inner_text()
    page.fill("#login-password", "nonsense nonsense")
    page.get_by_role("button", name="登录并继续").click()
    page.locator("[data-login-problem]").wait_for(state="visible")
    assert "不正确" in page.locator("[data-login-problem]").inner_text()
    page.fill("#login-password", PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#login").wait_for(state="hidden")
    wait_for(page, "saved")
    assert page.evaluate("window.mark") == 1
    assert positions(product, desk.seat) == [position(page, 1), position(page, 2)]
    assert page.locator("[data-door]").is_hidden()


def test_when_somebody_else_is_signed_in_everything_stays_and_the_page_says_so(desk, product, seats):
    page = opened(desk)
    signed_in(desk.context, product, next(seats), device=False)
    say(page, 1)
    page.locator("#login[open]").wait_for()
    assert "不是这份答卷的考生" in page.locator("#login").inner_text()
    assert positions(product, desk.seat) == []
    page.get_by_role("button", name="稍后").click()
    assert "不是这份答卷的考生" in page.locator("[data-door]").inner_text()
    say(page, 2)
    page.get_by_role("button", name="重新登录").click()
    page.fill("#login-password", PASSWORD)
    page.keyboard.press("Enter")
    wait_for(page, "saved")
    assert positions(product, desk.seat) == [position(page, 1), position(page, 2)]


def test_another_device_takes_over_and_what_was_never_saved_arrives_after_taking_back(desk, browser, product):
    page = opened(desk)
    page.route("**/save/", lambda route: route.abort())
    say(page, 1)
    wait_for(page, "unsaved")
    context = browser.new_context(viewport=PHONE, base_url=product.address)
    second = signed_in(context, product, desk.seat, device=False).new_page()
    second.goto(desk.path)
    assert second.locator(".question").count() == 0
    since = time.time()
    second.get_by_role("button", name="在这台设备上继续作答").click()
    second.locator(".question").first.wait_for(state="attached")
    assert seconds_until(page, "[data-elsewhere]", since) <= WITHIN
    assert page.locator(".question input:not([disabled])").count() == 0
    assert page.locator("[data-elsewhere-count] b").inner_text() == "1"
    assert page.locator("[data-saved]").get_attribute("data-state") == "unsaved"
    say(second, 2)
    wait_for(second, "saved")
    page.unroute("**/save/")
    since = time.time()
    page.get_by_role("button", name="在这台设备上继续作答").click()
    page.wait_for_function("() => document.querySelectorAll('.question input:not([disabled])').length > 0")
    wait_for(page, "saved")
    assert positions(product, desk.seat) == [position(page, 2), position(page, 1)]
    assert page.locator("[data-count]").inner_text() == "2/50"
    assert seconds_until(second, "[data-elsewhere]", since) <= WITHIN
    context.close()


def taken_over(page, browser, desk, product):
    """The page of a second device that has taken the attempt over."""
    context = browser.new_context(viewport=PHONE, base_url=product.address)
    second = signed_in(context, product, desk.seat, device=False).new_page()
    second.goto(desk.path)
    second.get_by_role("button", name="在这台设备上继续作答").click()
    second.locator(".question").first.wait_for(state="attached")
    wait_for(second, "saved")
    return second


def choice(page):
    """The number of a question with options of which one is chosen."""
    return int(page.locator(".question:has(input[type=radio])").first.get_attribute("data-number"))


def taken_back(page, product):
    """The first device goes on, with what it could not send until now."""
    page.locator("[data-elsewhere]").wait_for(state="visible", timeout=60_000)
    page.get_by_role("button", name="在这台设备上继续作答").click()
    page.wait_for_function("() => document.querySelectorAll('.question input:not([disabled])').length > 0")
    page.wait_for_load_state("networkidle")
    wait_for(page, "saved")


def test_an_older_answer_of_another_device_never_replaces_a_newer_one_and_stays_within_reach(
    desk, browser, product
):
    page = opened(desk)
    number = choice(page)
    place = position(page, number)
    desk.context.set_offline(True)
    say(page, number, 0)
    wait_for(page, "unsaved")
    older = shown_at(page, place)
    second = taken_over(page, browser, desk, product)
    say(second, number, 1)
    newer = shown_at(second, place)
    second.wait_for_timeout(500)
    wait_for(second, "saved")
    desk.context.set_offline(False)
    taken_back(page, product)
    assert counting(events(product, desk.seat)) == {place: newer}
    assert shown_at(page, place) == newer
    notice = page.locator("[data-rivals]")
    assert notice.is_visible()
    assert f"第 {number} 题" in notice.inner_text()

    # Whatever happens to the page, the other answer stays within reach until she has seen to it.
    page.reload()
    wait_for(page, "saved")
    notice.locator("li button").click()
    page.wait_for_function("() => document.querySelector('[data-saved]').dataset.state === 'saved'")
    page.wait_for_timeout(500)
    wait_for(page, "saved")
    assert counting(events(product, desk.seat)) == {place: older}
    assert shown_at(page, place) == older
    notice.get_by_role("button", name="知道了").click()
    notice.wait_for(state="hidden")
    page.wait_for_timeout(300)
    assert page.evaluate(SHELF) == []
    second.context.close()


def test_a_later_answer_counts_although_another_device_was_saved_first_and_that_one_stays_within_reach(
    desk, browser, product
):
    page = opened(desk)
    number = choice(page)
    place = position(page, number)
    desk.context.set_offline(True)
    second = taken_over(page, browser, desk, product)
    say(second, number, 1)
    older = shown_at(second, place)
    second.wait_for_timeout(1000)
    wait_for(second, "saved")
    say(page, number, 0)
    newer = shown_at(page, place)
    wait_for(page, "unsaved")
    desk.context.set_offline(False)
    taken_back(page, product)
    assert [words for _number, _place, words in events(product, desk.seat)] == [older, newer]
    assert shown_at(page, place) == newer
    assert page.locator("[data-rivals] li").count() == 1
    second.context.close()


# What a supervisor does, one after the other, saying when: extend, pause, resume.
INTERVENE = """
import time
from exams.actions import interventions
from exams.models import Attempt
door = Attempt.objects.filter(pk={attempt})
def tell(): print(time.time(), flush=True); time.sleep(6)
interventions.extend(door, minutes=10, why="停电", by=None); tell()
interventions.pause(door, why="停电", by=None); tell()
interventions.resume(door, why='恢复', by=None); tell()
"""


def seconds_of(shown):
    minutes, seconds = shown.split(":")
    return int(minutes) * 60 + int(seconds)


def shown_seconds(page):
    return seconds_of(page.locator("[data-time] b").inner_text())


def test_more_time_and_a_pause_are_on_the_screen_within_five_seconds(desk, product):
    page = opened(desk)
    before, at = shown_seconds(page), time.time()
    code = INTERVENE.format(attempt=desk.seat.attempt)
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity", "0", "-c", code]
    supervisor = subprocess.Popen(command, env=product.env, stdout=subprocess.PIPE, text=True)

    since = float(supervisor.stdout.readline())
    assert seconds_until(page, "[data-notice]", since) <= WITHIN
    assert page.locator("[data-notice]").inner_text() == "考试时间已延长 10 分钟。"
    assert page.locator("[data-announce]").inner_text() == "考试时间已延长 10 分钟。"
    assert abs(shown_seconds(page) - (before + 600 - (time.time() - at))) <= 2

    since = float(supervisor.stdout.readline())
    assert seconds_until(page, "#paused", since) <= WITHIN
    assert page.locator(".question input:not([disabled])").count() == 0
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.locator("#paused").is_visible()
    standing = page.locator("[data-time] b").text_content()
    page.wait_for_timeout(1200)
    assert page.locator("[data-time] b").text_content() == standing

    since = float(supervisor.stdout.readline())
    page.locator("#paused").wait_for(state="hidden", timeout=60_000)
    assert time.time() - since <= WITHIN
    assert page.locator("[data-notice]").inner_text() == "考试已恢复，暂停的时间已补给您。"
    assert 0 <= shown_seconds(page) - (before + 600 - (time.time() - at)) <= 15  # the pause was given back
    say(page, 1)
    wait_for(page, "saved")
    assert positions(product, desk.seat) == [position(page, 1)]
    supervisor.wait(timeout=120)


def left_of(product, seat):
    """Seconds until the deadline, by the server's clock."""
    ((ends,),) = product.rows("SELECT deadline FROM exams_attempt WHERE id = ?", seat.attempt)
    return datetime.fromisoformat(ends).replace(tzinfo=UTC).timestamp() - time.time()


OTHER_CLOCK = """
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...all) { all.length ? super(...all) : super(RealDate.now() + SHIFT); }
  static now() { return RealDate.now() + SHIFT; }
};
"""


@pytest.mark.parametrize("hours", [-24, 0, 24])
def test_the_time_left_is_the_servers_whatever_the_device_takes_for_the_time(desk, product, hours):
    desk.context.add_init_script(OTHER_CLOCK.replace("SHIFT", str(hours * 3_600_000)))
    page = desk.context.new_page()
    page.route("**/sitting-page*", lambda route: (time.sleep(3), route.continue_()))  # a slow line
    page.goto(desk.path)
    wait_for(page, "saved")
    assert abs(page.evaluate("Date.now()") / 1000 - time.time() - hours * 3600) < 10
    shown, true = page.locator("[data-time] b").inner_text(), left_of(product, desk.seat)
    assert abs(true - seconds_of(shown)) <= 1.2  # shown are whole seconds
    say(page, 1)
    page.wait_for_timeout(1500)
    wait_for(page, "saved")
    shown, true = page.locator("[data-time] b").inner_text(), left_of(product, desk.seat)
    assert abs(true - seconds_of(shown)) <= 1.2
    assert positions(product, desk.seat) == [position(page, 1)]


def test_what_was_done_to_a_whole_session_makes_a_page_look_once(desk):
    page = opened(desk)
    looks = []
    page.on("request", lambda request: looks.append(time.time()) if "/check/" in request.url else None)
    page.route("**/pulse/**", lambda route: route.fulfill(json={"changed": {}, "all": 7}))
    page.wait_for_timeout(11_000)
    assert len(looks) == 1
    page.unroute("**/pulse/**")
    page.route("**/pulse/**", lambda route: route.fulfill(json={"changed": {}, "all": 8}))
    page.wait_for_timeout(8000)
    assert len(looks) == 2


def forged(route):
    """An answer that never came from the server: the page must believe it, until both sides are compared."""
    now = int(time.time() * 1000)
    route.fulfill(json={"last": 1, "head": "0" * 64, "now": now, "deadline": now + 3_000_000})


def test_what_the_page_wrongly_took_for_saved_is_found_by_comparing_and_sent_again(desk, product):
    page = opened(desk)
    page.route("**/save/", forged)
    say(page, 1)
    wait_for(page, "saved")
    page.unroute("**/save/")
    assert positions(product, desk.seat) == []
    desk.context.set_offline(True)
    say(page, 2)
    wait_for(page, "unsaved")
    desk.context.set_offline(False)
    wait_for(page, "saved")
    assert sorted(positions(product, desk.seat)) == sorted([position(page, 1), position(page, 2)])

    # The same before handing in, although a later save has arrived meanwhile.
    page.route("**/save/", forged)
    say(page, 3)
    wait_for(page, "saved")
    page.unroute("**/save/")
    say(page, 4)
    wait_for(page, "saved")
    assert position(page, 3) not in positions(product, desk.seat)
    third = position(page, 3)
    page.evaluate("document.querySelector('#hand-in').showModal()")
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/result/")
    assert third in positions(product, desk.seat)
