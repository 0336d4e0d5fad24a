"""The worker seals what is settled, waits for nobody and keeps nobody waiting."""

import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from audit import roots, sealing, tasks
from audit.log import record, record_many
from audit.models import AuditEvent, AuditSeal
from audit.tests.sealed import problems, seal_all, unlock
from exams.tests import together

PATIENCE = 20
only_postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="one writer at a time: nothing can be in flight"
)


@pytest.fixture(autouse=True)
def house(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(sealing, "ROWS", 10)
    tasks._seen.clear()


def told(n, cast, action="story.told"):
    return record_many([(action, cast.officer, {"n": k}) for k in range(n)], by=cast.city)


def lines():
    return roots.path().read_text().splitlines()


def verified(*arguments):
    """(what the command prints, whether it ended with an error)."""
    said = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=said)
    except CommandError as error:
        return said.getvalue().splitlines(), str(error)
    return said.getvalue().splitlines(), ""


def test_a_pass_seals_in_chunks_and_a_second_one_has_nothing_to_do(cast):
    rows = told(25, cast)
    assert tasks.seal_log.call() == 3
    assert tasks.seal_log.call() == 0
    assert list(AuditSeal.objects.order_by("number").values_list("number", "last_id", "count")) == [
        (1, rows[9].pk, 10),
        (2, rows[19].pk, 10),
        (3, rows[24].pk, 5),
    ]
    assert len(lines()) == 1


def test_a_turn_makes_no_more_seals_than_it_may_and_the_next_goes_on(cast, monkeypatch):
    monkeypatch.setattr(tasks, "SEALS", 2)
    told(45, cast)
    assert [tasks.seal_log.call() for _turn in range(4)] == [2, 2, 1, 0]
    assert problems() == []


def test_gaps_between_keys_are_no_alarm(cast):
    told(5, cast)
    with transaction.atomic():
        told(3, cast, "story.lost")
        transaction.set_rollback(True)
    seal_all()
    told(5, cast)
    seal_all()
    assert problems() == []
    assert sealing.waiting_since() is None


def test_a_pass_that_was_killed_before_the_root_was_written_is_made_good(cast, monkeypatch):
    told(5, cast)
    monkeypatch.setattr(roots, "export", killed)
    with pytest.raises(SystemExit):
        tasks.seal_log.call()
    monkeypatch.undo()
    assert (AuditSeal.objects.count(), roots.path().exists()) == (1, False)
    assert tasks.seal_log.call() == 0
    assert [line.split()[0] for line in lines()] == ["1"]


def killed(seal):
    raise SystemExit


def test_a_line_that_was_torn_by_a_power_cut_is_followed_by_a_whole_one(cast):
    told(5, cast)
    whole = seal_all()
    roots.path().write_text(f"1 {whole.last_id} abc")
    told(5, cast)
    newest = seal_all()
    assert [line.split()[2] for line in lines()] == ["abc", newest.digest]
    said, error = verified()
    assert (said[1], error) == ("封存根文件有 1 行无法读出，已略过。", "")


def test_of_two_that_seal_at_once_one_makes_the_seal(cast):
    rows = told(5, cast)
    before = sealing.newest()
    assert sealing.seal_next(before, up_to=rows[-1].pk).number == 1
    assert sealing.seal_next(before, up_to=rows[-1].pk) is None
    assert problems() == []


def test_the_command_says_how_much_it_read_and_ends_with_an_error_when_anything_differs(cast):
    rows = told(25, cast)
    seal_all()
    told(4, cast)
    (line,), error = verified()
    assert (line.partition("；用时")[0], error) == (
        "已核验审计记录 25 条、封存 3 个、封存根 1 个；最新 4 条尚未封存",
        "",
    )
    unlock()
    AuditEvent.objects.filter(pk=rows[11].pk).delete()
    said, error = verified()
    assert (said[0], error) == (f"第 2 号封存：审计记录 {rows[11].pk} 不见了。", "审计记录有 1 处问题。")


def test_an_end_that_was_cut_off_is_seen_by_the_root_that_was_kept_elsewhere(cast, tmp_path):
    rows = told(25, cast)
    seal_all()
    kept = tmp_path / "kept.txt"
    kept.write_bytes(roots.path().read_bytes())
    unlock()
    AuditSeal.objects.filter(number=3).delete()
    AuditEvent.objects.filter(pk__gt=rows[19].pk).delete()
    roots.path().unlink()
    assert verified()[1] == ""
    assert verified("--roots", str(kept))[0][0] == "封存根文件第 1 行：第 3 号封存曾经存在，现在没有了。"
    assert verified("--roots", str(tmp_path / "none.txt"))[1].startswith("没有这个文件")


def test_a_rotation_of_keys_keeps_the_seals(cast, settings):
    told(5, cast)
    seal_all()
    settings.FIELD_KEYS = {"k9": "A" * 43 + "=", **settings.FIELD_KEYS}
    told(5, cast)
    seal_all()
    assert (AuditSeal.objects.count(), problems()) == (2, [])


# --- PostgreSQL: keys are given before the commit ------------------------------------------------------------------


class Act(threading.Thread):
    """An act in a connection of its own that has written its line and commits when it is told to."""

    def __init__(self, cast):
        super().__init__(daemon=True)
        self.cast, self.written, self.may_end = cast, threading.Event(), threading.Event()

    def run(self):
        try:
            with transaction.atomic():
                self.row = record("story.slow", self.cast.officer, by=self.cast.city)
                self.written.set()
                assert self.may_end.wait(PATIENCE)
        finally:
            connections.close_all()

    def begin(self):
        self.start()
        assert self.written.wait(PATIENCE)
        return self

    def end(self):
        self.may_end.set()
        self.join(PATIENCE)
        assert not self.is_alive()


@pytest.mark.django_db(transaction=True)
@only_postgres
def test_a_row_with_a_smaller_key_that_appears_later_is_waited_for(cast):
    slow = Act(cast).begin()
    later = told(3, cast)
    assert slow.row.pk < later[0].pk
    assert [tasks.seal_log.call() for _turn in range(2)] == [0, 0]
    another = Act(cast).begin()  # one that begins meanwhile is not waited for
    slow.end()
    assert tasks.seal_log.call() == 1
    newest = sealing.newest()
    assert (newest.last_id, newest.count) == (later[-1].pk, 4)
    another.end()
    seal_all()
    assert (sealing.newest().last_id, problems()) == (another.row.pk, [])


@pytest.mark.django_db(transaction=True)
@only_postgres
def test_two_acts_wait_neither_for_each_other_nor_for_the_one_that_seals(cast):
    told(30, cast)
    one, other = (
        Act(cast).begin(),
        Act(cast).begin(),
    )  # both hold their row; neither has been kept from writing it
    with transaction.atomic():  # the sealer in the midst of its own
        before = sealing.newest()
        while made := sealing.seal_next(before, up_to=AuditEvent.objects.order_by("pk")[29].pk):
            before = made
        third = Act(cast).begin()
        assert together.waiting() == 0
        third.end()
        other.end()
        one.end()
    seal_all()
    assert (AuditSeal.objects.count(), problems()) == (4, [])


@pytest.mark.django_db(transaction=True)
@only_postgres
def test_many_acts_while_the_log_is_sealed_leave_nothing_out_and_raise_no_alarm(cast):
    over, alarms = threading.Event(), []

    def act(number):
        with transaction.atomic():
            record("story.told", cast.officer, by=cast.city, n=number)
            if number % 7 == 0:
                transaction.set_rollback(True)

    def seal():
        try:
            while not over.is_set():
                tasks.seal_log.call()
                alarms.extend(problems())
        finally:
            connections.close_all()

    sealer = threading.Thread(target=seal, daemon=True)
    sealer.start()
    together.together(700, act, threads=12)
    over.set()
    sealer.join(PATIENCE)
    seal_all()
    assert (AuditEvent.objects.filter(action="story.told").count(), alarms + problems()) == (600, [])
    assert sealing.waiting_since() is None
