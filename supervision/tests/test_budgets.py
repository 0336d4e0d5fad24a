"""What pages of this desk cost in queries: the same for eleven people as for more."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from supervision.actions import minutes
from supervision.models import RuleProfile, SpotCheck
from supervision.queries.universe import survey
from supervision.tests import stories


def queries(act):
    with CaptureQueriesContext(connection) as told:
        act()
    return len(told)


def test_preview_case_ledger_and_list_cost_the_same_for_many(cast, as_user):
    stories.inspectors(cast)
    draw = stories.drawn(cast)
    planned = stories.planned(cast, profile=draw.check_of.profile, blueprint=draw.check_of.blueprint)
    client = as_user(cast.district)
    addresses = [
        reverse("supervision:check", args=[planned.code]),
        reverse("supervision:coverage"),
        reverse("supervision:checks"),
        reverse("supervision:listed", args=[draw.check_of.code, 1]),
    ]
    client.get(addresses[0])

    def cost():
        plan = SpotCheck(unit=cast.xiqing, universe={}, strata_by="risk", weights={})
        found = [queries(lambda: survey(plan, timezone.localdate()))]
        return found + [queries(lambda address=address: client.get(address)) for address in addresses]

    few = cost()
    stories.crowd(cast, 200, code="many")
    assert cost() == few
    assert few[0] == 3


def test_minutes_and_what_is_published_cost_the_same_for_many_people(cast, as_user, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stories.furnish(cast)
    cost, client = [], as_user(cast.city)
    for count in (2, 5):
        rule = RuleProfile.objects.filter(code="small").first()
        check = stories.published(cast, (1,) * count, **stories.lean(cast.blueprint, count, rule))
        found = [queries(lambda check=check: minutes.draw_up(check, by=cast.district))]
        for address in (
            reverse("supervision:check", args=[check.code]),
            reverse("supervision:public_result", args=[check.code]),
            reverse("supervision:public_result_file", args=[check.code, "csv"]),
            reverse("supervision:public_results"),
        ):
            client.get(address)
            found.append(queries(lambda address=address: client.get(address)))
        cost.append(found)
    assert cost[0] == cost[1]
