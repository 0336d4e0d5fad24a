"""What leaves a bank comes back as it was."""

import pytest
from django.core.management import call_command

from exams import workbooks
from exams.actions import bank as acts
from exams.actions.imports import import_items
from exams.queries import bank as queries
from exams.tests.bank_stories import SAMPLE, make_bank, sample, single


def exported(bank, kind):
    return workbooks.write_file(queries.drafts_for_export(bank.items.all()), kind)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_brought_into_an_empty_bank_is_exported_byte_for_byte(cast, kind):
    first, second = make_bank(cast, "first"), make_bank(cast, "second")
    import_items(first, sample(), by=cast.editor)
    acts.write(
        first, single("Z1", stem="=1+1 等于几？\n\n|甲|乙|\n|-|-|\n|1|2|", rationale="'+二"), by=cast.editor
    )
    out = exported(first, kind)

    outcome = import_items(second, sample(f"x.{kind}", out), by=cast.editor)

    assert (outcome.problems, outcome.new) == ([], first.items.count())
    assert exported(second, kind) == out
    assert queries.drafts_for_export(second.items.all()) == queries.drafts_for_export(first.items.all())


def test_the_commands_make_the_same_round(cast, tmp_path):
    make_bank(cast, "first"), make_bank(cast, "second")
    call_command("import_items", str(SAMPLE), bank="first")
    for bank, name in (("first", "a.csv"), ("first", "a.xlsx"), ("second", "b.csv"), ("second", "b.xlsx")):
        if bank == "second" and name == "b.csv":
            call_command("import_items", str(tmp_path / "a.xlsx"), bank="second")
        call_command("export_items", str(tmp_path / name), bank=bank)

    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()
    assert (tmp_path / "b.xlsx").read_bytes() == (tmp_path / "a.xlsx").read_bytes()


def test_the_template_is_a_workbook_that_imports_nothing_and_complains_of_nothing():
    reading = workbooks.open_file("t.xlsx", workbooks.template(["电动自行车", "燃气器具"])).read()
    assert (reading.drafts, reading.problems, reading.unknown, reading.rows) == ([], [], (), 0)
