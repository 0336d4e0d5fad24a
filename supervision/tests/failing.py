"""Builders of what follows a fail: a published check with a notice at each step."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from supervision.actions import minutes, publishing, rectifying, retaking, sittings
from supervision.models import Rectification
from supervision.queries import minutes as minutes_of
from supervision.queries import sittings as queries
from supervision.tests import stories
from tests import build

MEASURES = "重新学习进货查验制度，逐项对照自查。"
LATER = timedelta(days=60)  # after which nobody may object to what was published today
LESSON = {"topic": "知识点1", "on": "2026-11-20", "hours": "2", "teacher": "钱工"}


def house(cast, items=24, drawn=4):
    """A crowd in Jinhai, inspectors, and a blueprint over a bank that bears two papers without a common item."""
    stories.crowd(cast, 6)
    cast.sent = stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", truefalse=items, each=0)
    cast.blueprint = build.make_blueprint(cast, bank, {"truefalse": drawn}, "spot")
    return cast


def failed(cast, shares=(1, 0), rule=None, check=None):
    """Concluded and signed by all: the first passed, the second failed, unless the shares say otherwise."""
    check = check or stories.called(cast, **stories.lean(cast.blueprint, len(shares), rule=rule))
    check = stories.concluded(cast, shares, check)
    stories.sealed(check)
    return check


def absent(cast, blueprint, rule):
    """The officer, the director and the principal of Jinhai called to a check to which nobody came: {person: examinee}."""
    kinds = {"kinds": ["officer", "director", "principal"]}
    check = stories.called(cast, **stories.lean(blueprint, 3, rule), universe=kinds)
    check = stories.concluded(cast, (None, None, None), check)
    stories.sealed(check)
    found = {one.registration.candidate: one for one in called(check)}
    for one in found.values():
        one.check_of = check
    return found


def published(check):
    """The check, published by the city."""
    publishing.publish(check, by=User.objects.get(username="city"))
    check.refresh_from_db()
    return check


def called(check, round=0):
    """The examinees of a round in their order."""
    return list(queries.examinees(check, round=round))


def issued(cast, examinee, **more):
    """A notice of the district."""
    words = {"facts": "抽查考核不合格。", "demands": "补训并参加补考。", "contact": "王科长 022-0000 0000"}
    return rectifying.issue(examinee, by=cast.district, **words | more)


def served(cast, examinee):
    """Given to the manager in person."""
    one = issued(cast, examinee)
    return rectifying.serve(one, by=cast.district, how="in_person", served_at=timezone.now(), receiver="赵敏")


def reported(cast, examinee):
    """Reported on by the manager."""
    return rectifying.report(served(cast, examinee), by=cast.manager, measures=MEASURES, training=[LESSON])


def accepted(cast, examinee):
    """Looked after by the district and found in order."""
    return rectifying.recheck(reported(cast, examinee), by=cast.district, is_accepted=True, found="已整改")


def closed(cast, examinee):
    """Struck off by the city."""
    return rectifying.strike_off(accepted(cast, examinee), by=cast.city)


def excused(cast, examinee):
    """Her outcome was changed by the city: she need not have come; no notice about her has a ground any more."""
    return sittings.amend(examinee, by=cast.city, why="住院证明属实", conclusion="excused")


def amended(cast, examinee):
    """Her outcome was changed by the city: she passed."""
    return sittings.amend(examinee, by=cast.city, why="评分有误", conclusion="passed")


def revoked(cast, examinee):
    """A notice that lost its ground and was revoked by the city."""
    one = issued(cast, examinee)
    excused(cast, examinee)
    return rectifying.revoke(one, by=cast.city, why="结果已更改")


def retake(cast, check, minutes=60):
    """A retake that opened a minute ago."""
    now = timezone.now()
    return retaking.call_retake(
        check,
        by=cast.district,
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(minutes=minutes),
        papers_wanted=2,
    )


def retaken(cast, check, shares=(1,)):
    """A retake that everybody sat, concluded and signed."""
    made = retake(cast, check)
    for one, share in zip(called(check, made.round), shares, strict=True):
        if share is not None:
            stories.sat(one, share)
    done = retaking.conclude_retake(made, by=cast.district, now=made.session.closes_at)
    told(cast, check, made.round)
    return done


def told(cast, check, round):
    """The results of a retake signed and published."""
    minutes.draw_up(check, by=cast.district)
    for one in called(check, round):
        confirmed(one)
    publishing.publish(check, by=cast.city, round=round)


def confirmed(examinee):
    """Everybody signs the newest minutes of an examinee."""
    stories.signed(minutes_of.newest_of(examinee).row)


def row(one):
    """The notice as it lies in the database."""
    return Rectification.objects.get(pk=one.pk)
