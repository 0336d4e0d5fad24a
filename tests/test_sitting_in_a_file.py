"""The emergency answer file: what it holds, who can read it, and that nothing is erased before it lies in one."""

import base64
import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.product import IN_A_BROWSER
from tests.sitting_room import (  # noqa: F401 fixtures are found by their names
    SHELF,
    blocked,
    desk,
    key_of,
    opened,
    position,
    positions,
    say,
    seats,
    set_deadline,
    shown_at,
    stored,
    wait_for,
)

pytestmark = IN_A_BROWSER


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
        page.locator(".sitting-column [data-rescue] [data-file]").click()
    assert download.value.suggested_filename == f"应急答卷-{desk.seat.attempt}.zkda"
    text = Path(download.value.path()).read_text()
    assert first not in text and second not in text
    file = json.loads(text)
    assert (file["format"], file["attempt"], file["session"], sorted(file)) == (
        "zhikao-answers/2",
        desk.seat.attempt,
        "general-standing",
        ["attempt", "box", "format", "session"],
    )
    inside = opened_box(page, file)
    assert sorted(inside) == ["attempt", "entries", "head", "last", "made_at"]
    assert (inside["attempt"], inside["last"]) == (desk.seat.attempt, 1)
    one, two = inside["entries"]  # in the order of the paper
    assert {one["position"], two["position"]} == {position(page, 1), position(page, 2)}
    waits, arrived = sorted((one, two), key=lambda entry: entry["number"], reverse=True)
    assert sorted(waits) == ["at", "flagged", "number", "payload", "position"]
    assert (waits["number"], waits["position"]) == (2, position(page, 2))
    assert (arrived["number"], arrived["position"]) == (1, position(page, 1))
    assert first in json.dumps(arrived["payload"]) or first in ("true", "false")
    assert second in json.dumps(waits["payload"], ensure_ascii=False)
    assert 0 < waits["at"] - arrived["at"] < inside["made_at"] - arrived["at"] < 200_000
    head = product.rows("SELECT link FROM exams_response WHERE attempt_id = ?", desk.seat.attempt)
    assert [(inside["head"],)] == head


def opened_box(page, file):
    """The emergency file opened with the key of the attempt, as the house does it."""
    box = base64.b64decode(file["box"])
    bound = f"zhikao-answers/2:{file['attempt']}".encode()
    return json.loads(AESGCM(key_of(page)).decrypt(box[:12], box[12:], bound))


# The house reads what the page wrote.
READ = """
import json
from pathlib import Path
from exams.actions import filing
from exams.models import ExamSession
file = filing.read(Path({path!r}).read_bytes(), ExamSession.objects.get(code="general-standing"))
print(json.dumps([[entry["number"], entry["position"]] for entry in file.entries]))
"""


def test_what_came_too_late_stays_until_it_lies_in_a_file(desk, product):
    page = opened(desk)
    say(page, 1)
    wait_for(page, "saved")
    desk.context.set_offline(True)
    for number in (2, 3):
        say(page, number)
    wait_for(page, "unsaved")
    set_deadline(product, desk.seat, -600)
    desk.context.set_offline(False)
    page.locator("[data-stranded]").wait_for(state="visible")
    assert "本机还有 2 题作答没有送达" in page.locator("[data-stranded-text]").inner_text()
    assert page.locator("[data-saved]").get_attribute("data-state") == "unsaved"
    assert page.locator(".question input:not([disabled])").count() == 0
    assert page.locator("[data-stranded] a").get_attribute("href") == f"{desk.path}result/"
    assert len(page.evaluate(SHELF)) == 1
    done = page.locator("[data-stranded-done]")
    assert done.is_hidden()
    with page.expect_download() as download:
        page.locator("[data-stranded] [data-file]").click()
    inside = opened_box(page, json.loads(Path(download.value.path()).read_text()))
    taken = product.ask(READ.format(path=str(download.value.path())))
    assert taken == sorted([entry["number"], entry["position"]] for entry in inside["entries"])
    late = {position(page, number) for number in (2, 3)}
    assert {entry["position"] for entry in inside["entries"] if entry["number"] > inside["last"]} == late
    assert len(inside["entries"]) == 3
    assert len(page.evaluate(SHELF)) == 1
    done.click()
    page.wait_for_url("**/result/")
    assert page.evaluate(SHELF) == []
    assert len(stored(product, desk.seat)) == 1


def test_what_a_killed_browser_held_when_the_time_ended_is_offered_on_the_result_page(desk, product):
    page = opened(desk)
    say(page, 1)
    wait_for(page, "saved")
    desk.context.set_offline(True)
    say(page, 2)
    wait_for(page, "unsaved")
    late = position(page, 2)
    page.close(run_before_unload=False)
    set_deadline(product, desk.seat, -600)
    desk.context.set_offline(False)
    page = desk.context.new_page()
    page.goto(desk.path)
    page.wait_for_url("**/result/")
    page.locator("[data-left-text]").wait_for(state="visible")
    assert "本机还有 1 题作答没有送达" in page.locator("[data-left-text]").inner_text()
    assert page.locator("[data-left-done]").is_hidden()
    with page.expect_download() as download:
        page.locator("[data-file]").click()
    taken = product.ask(READ.format(path=str(download.value.path())))
    assert [place for _number, place in taken] == [late]
    assert len(page.evaluate(SHELF)) == 1
    page.locator("[data-left-done]").click()
    page.locator("#sitting").wait_for(state="hidden")
    assert page.evaluate(SHELF) == []
    page.reload()
    page.wait_for_timeout(500)
    assert page.locator("#sitting").is_hidden()
