"""The draw: a frame frozen before a seed can be known, then the two halves, then nothing but replacements and voiding."""

import secrets

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import vault
from accounts.models import User
from audit.append import append
from audit.log import record
from audit.transitions import Refused, move
from exams.actions import sessions
from exams.models import Registration
from exams.rules import minute
from supervision import rules, universe
from supervision.actions import notices
from supervision.actions.checks import abandon, locked
from supervision.actions.sittings import call
from supervision.engine import dossier
from supervision.engine.draw import CHOSEN, Line, commitment_of, seed_of
from supervision.models import (
    Draw,
    DrawnCandidate,
    DrawnInspector,
    DrawSecret,
    Examinee,
    FrameLine,
    Replacement,
    Reveal,
    SpotCheck,
    Voiding,
)
from supervision.queries import draws as queries
from supervision.queries import sittings
from supervision.queries.inspectors import INTEREST, LAST_TIME, POST, conflicts_of, pool_of
from supervision.queries.universe import exclusions_of, survey

SECRET_BYTES = 32  # 256 bits, twice what is asked for


@transaction.atomic
def freeze(check, *, by, source, source_at, now=None):
    """Freeze the frame and commit to a secret: whoever may be drawn, and by which public number of when, is fixed from here on."""
    now, check, source = now or timezone.now(), locked(check), " ".join(source.split())
    if reason := rules.why_not_freeze(check, queries.counting(check)):
        raise Refused(reason)
    if not source:
        raise Refused(_("请写明公开数的来源。"))
    if source_at <= now:
        raise Refused(_("公开数必须在冻结之后产生，请填写将来的时间。"))
    on = timezone.localdate(now)
    reached = survey(check, on, exclusions_of(check))
    labels = universe.stratum_labels(check.strata_by, reached.counts)
    if reason := rules.why_not_hold(check, reached, labels):
        raise Refused(reason)
    with translation.override(
        "zh-hans"
    ):  # what is published does not hang on the language of who presses the button
        labels = universe.stratum_labels(check.strata_by, reached.counts)
    secret, salt = secrets.token_hex(SECRET_BYTES), secrets.token_hex(SECRET_BYTES)
    lines = {
        dossier.opaque(salt, "post", row.post): (row, dossier.opaque(salt, "enterprise", row.enterprise))
        for row in reached.rows
    }
    public = [Line(key, firm, row.stratum, row.weight) for key, (row, firm) in lines.items()]
    number = check.draws.count() + 1
    head = {
        "check": check.serial,
        "name": check.name,
        "organ": check.unit.name,
        "draw": f"{check.code}-{number}",
        "profile": f"{check.profile.code} v{check.profile.number}",
        "strata": _strata(check, reached, labels),
        "per_enterprise": check.per_enterprise,
        "inspectors": check.inspectors,
        "commitment": commitment_of(secret),
        "source": source,
        "source_at": stamp(source_at),
        "frozen_at": stamp(now),
    }
    text = dossier.freeze(head, public, _pool(check, on, salt, reached))
    draw = Draw.objects.create(
        check_of=check,
        number=number,
        code=head["draw"],
        frozen=text,
        digest=dossier.sha256(text),
        commitment=head["commitment"],
        source=source,
        source_at=source_at,
        frozen_at=now,
        frozen_by=by,
    )
    DrawSecret.objects.create(draw=draw, secret_sealed=vault.encrypt(secret), salt_sealed=vault.encrypt(salt))
    append(
        FrameLine(
            draw_id=draw.pk,
            key=key,
            post_id=row.post,
            person_id=row.person,
            enterprise_id=row.enterprise,
            stratum=row.stratum,
            weight=row.weight,
        )
        for key, (row, _firm) in sorted(lines.items())
    )
    record("draw.frozen", draw, by=by, digest=draw.digest, commitment=draw.commitment, people=len(lines))
    return draw


def stamp(moment):
    """A moment as the published texts write it: whole seconds, on the wall clock, with its zone."""
    return timezone.localtime(moment).isoformat(timespec="seconds")


def _strata(check, reached, labels):
    return [
        {
            "code": code,
            "label": labels[code],
            "universe": count.universe,
            "excluded": count.excluded,
            "doubled": count.doubled,
            "frame": count.frame,
            "chosen": check.quotas.get(code, 0),
            "reserves": check.reserves if check.quotas.get(code) else 0,
        }
        for code, count in reached.counts.items()
    ]


def _pool(check, on, salt, reached):
    """Who may be sent, by opaque keys; refused while too few are free of every conflict, for afterwards it would be too late.

    Once the seed is known nobody may be added any more, and whom the conflicts leave out depends on who is drawn. So there must
    be enough whom nothing can keep.
    """
    pool = pool_of(check.unit, on)
    firms = {row.enterprise for row in reached.rows}
    conflicts = conflicts_of(pool, check.unit, on)
    met = {person: set(conflicts.get(person, ())) & firms for person in pool}
    if sum(not held for held in met.values()) < check.inspectors:
        raise Refused(_too_few(check, pool, met, conflicts))
    return {
        dossier.opaque(salt, "inspector", person): [dossier.opaque(salt, "enterprise", firm) for firm in held]
        for person, held in met.items()
    }


def _too_few(check, pool, met, conflicts):
    words = {
        LAST_TIME: _("上次检查过其中的企业"),
        POST: _("曾在其中的企业任职"),
        INTEREST: _("申报过利害关系"),
    }
    told = [
        _("%(name)s（%(why)s）")
        % {"name": pool[person], "why": _("、").join(words[w] for w in words if w in {conflicts[person][e] for e in held})}
        for person, held in met.items()
        if held
    ]  # fmt: skip
    free = len(pool) - len(told)
    sentence = _(
        "需要 %(wanted)s 名检查人员，本机构及下级不需回避的监管人员只有 %(free)s 名，名单未冻结。"
    ) % {
        "wanted": check.inspectors,
        "free": free,
    }
    if told:
        sentence += _("应当回避：%(told)s。") % {"told": _("；").join(told)}
    return sentence + _("请增加监管人员的授权，或缩小抽取范围。")


@transaction.atomic
def reveal(draw, *, by, public, now=None):
    """Enter the public half and draw: the seed is made of both, the list is written down, the secret is shown. It happens once."""
    now, check = now or timezone.now(), locked(draw.check_of)
    draw = Draw.objects.select_related("reveal", "voiding", "kept").get(pk=draw.pk)
    if reason := rules.why_not_reveal(draw, now):
        raise Refused(reason)
    public = " ".join(public.split())
    if not public:
        raise Refused(_("请录入公开数。"))
    secret, salt = vault.decrypt(draw.kept.secret_sealed), vault.decrypt(draw.kept.salt_sealed)
    if dossier.sha256(draw.frozen) != draw.digest or commitment_of(secret) != draw.commitment:
        raise Refused(
            _("保存的名单或密值与公布的摘要不符，没有抽取。请报告系统管理员，并由第二人作废这次抽取。")
        )
    seed = seed_of(secret, public)
    drawn, inspectors = dossier.outcome(draw.frozen, seed)
    Reveal.objects.create(
        draw=draw,
        public=public,
        secret=secret,
        seed=seed,
        dossier=dossier.write(
            draw.frozen,
            secret=secret,
            public=public,
            revealed_at=stamp(now),
            seed=seed,
            drawn=drawn,
            inspectors=inspectors,
        ),
        by=by,
        at=now,
    )
    lines = dict(draw.lines.filter(key__in=[one.key for one in drawn]).values_list("key", "pk"))
    append(
        DrawnCandidate(draw_id=draw.pk, line_id=lines[one.key], stratum=one.stratum, rank=one.rank, role=one.role)
        for one in drawn
    )  # fmt: skip
    people = {dossier.opaque(salt, "inspector", pk): pk for pk in User.objects.values_list("pk", flat=True)}
    append(
        DrawnInspector(draw_id=draw.pk, rank=rank, key=key, person_id=people[key])
        for rank, key in enumerate(inspectors, start=1)
    )
    chosen = sum(one.role == CHOSEN for one in drawn)
    record("draw.revealed", draw, by=by, public=public, seed=seed, chosen=chosen)
    move(check, to=SpotCheck.State.DRAWN, by=by, drawn_at=now, facts={"draw": draw.code})
    return Draw.objects.select_related("reveal").get(pk=draw.pk)


@transaction.atomic
def void(draw, *, by, why, now=None):
    """Void a draw with a reason, as a second person; what was drawn stays to be seen, and ends the check: it is never drawn again."""
    now, check, why = now or timezone.now(), locked(draw.check_of), why.strip()
    draw = Draw.objects.select_related("reveal", "voiding").get(pk=draw.pk)
    if not why:
        raise Refused(_("请写明作废的理由。"))
    if reason := rules.why_not_void(check, draw, by):
        raise Refused(reason)
    Voiding.objects.create(draw=draw, why=why[:200], by=by, at=now)
    record("draw.voided", draw, by=by, why=why)
    if rules.is_revealed(draw):
        abandon(check, by=by, why=_("抽取作废：%(why)s") % {"why": why}, now=now)
    return draw


@transaction.atomic
def replace(out, *, by, why, now=None):
    """Put the next reserve of her stratum in a person's place, with the reason; a registration is withdrawn and her substitute registered."""
    now, why = now or timezone.now(), why.strip()
    check = locked(out.draw.check_of)
    if reason := rules.why_not_replace(check):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明替补的理由。"))
    listed = queries.listed(out.draw)
    if out not in listed:
        raise Refused(_("此人已不在名单上。"))
    into = queries.next_reserve(out.draw, out.stratum)
    if into is None:
        raise Refused(_("这一层的后备人员已经用完，名单没有改动。"))
    made = Replacement.objects.create(out=out, into=into, why=why[:200], by=by, at=now)
    record("draw.replaced", out.draw, by=by, out=out.line.key, into=into.line.key, why=why)
    if check.session_id:
        gone = list(Examinee.objects.filter(drawn=out, round=0).select_related("registration__candidate"))
        if any(row.paper_state for row in sittings.sat(gone).values()):
            raise Refused(_("此人已有纸质成绩，不能替补。"))
        for one in gone:
            sessions.withdraw(
                one.registration, by=by, why=notices.REPLACED.format(why=why), now=now, keeper=check
            )
        post = into.line.post
        held = sessions.register(
            check.session, post, by=by, source=Registration.Source.REGULATOR, now=now, keeper=check
        )
        notices.follow(check, gone, call(check, [held], now=now), by=by, why=why, now=now)
    return made


@transaction.atomic
def register(check, *, by, opens_at, closes_at, papers_wanted=12, is_held=None, now=None):
    """Hold the exam: a session is planned and published, and those on the list are registered in it. From here on they see it.

    Unless said otherwise, in a hall everybody is checked in at the door and begins at a word; on site not.
    """
    now, check = now or timezone.now(), locked(check)
    if reason := rules.why_not_register(check):
        raise Refused(reason)
    draw = queries.counting(check)
    gone = [
        one.line.person.name
        for one in queries.listed(draw)
        if one.line.post.ended_on and one.line.post.ended_on <= timezone.localdate(now)
    ]
    if gone:
        raise Refused(
            _("%(names)s 已离任，请先由后备人员替补；还没有登记任何人。") % {"names": _("、").join(gone)}
        )
    session = sessions.plan(
        check.exam,
        by=by,
        code=f"spot-{check.code}",
        name=check.name,
        unit=check.unit,
        opens_at=opens_at,
        closes_at=closes_at,
        place=check.place,
        papers_wanted=papers_wanted,
        is_held=check.mode == SpotCheck.Mode.HALL if is_held is None else is_held,
    )
    sessions.publish(session, by=by, now=now)
    posts = [one.line.post for one in queries.listed(draw)]
    held = sessions.register_many(session, posts, by=by, source=Registration.Source.REGULATOR, now=now)
    call(check, held, now=now)
    SpotCheck.objects.filter(pk=check.pk).update(session=session)
    check.session = session
    record("spotcheck.registered", check, by=by, people=len(posts), opens=minute(opens_at))
    return check
