"""Many rows at once: as many statements as the database needs, and each row knows its key."""

from audit.log import record_many
from audit.models import AuditEvent


def test_eight_thousand_rows_are_appended_in_their_order_with_few_statements(
    cast, django_assert_max_num_queries
):
    acts = [("story.told", cast.officer, {"n": n}) for n in range(8000)]
    with django_assert_max_num_queries(100):
        made = record_many(acts, by=cast.city)
    rows = (
        AuditEvent.objects.filter(action="story.told").order_by("pk").values_list("pk", "data", "actor_name")
    )
    assert list(rows) == [(row.pk, {"n": n}, "冯城") for n, row in enumerate(made)]


def test_nothing_is_appended_without_a_statement(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert record_many([], by=None) == []
