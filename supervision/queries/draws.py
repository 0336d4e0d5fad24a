"""Reads of a draw: which one counts, who is on the list now, who comes next."""

from django.db.models import Exists, OuterRef, Q

from supervision.models import Draw, DrawnCandidate, FrameLine, Replacement, SpotCheck


def of_check(check):
    """The draws of a check, the newest first, with what became of them."""
    return (
        Draw.objects.filter(check_of=check)
        .select_related("reveal", "voiding", "frozen_by", "reveal__by", "voiding__by")
        .defer("frozen", "reveal__dossier")
        .order_by("-number")
    )


def counting(check):
    """The draw of a check that was not voided, or None."""
    return (
        Draw.objects.filter(check_of=check, voiding__isnull=True)
        .select_related("reveal", "voiding")
        .order_by("-number")
        .first()
    )


def listed(draw):
    """Who is on the list now: those chosen but for the replaced, and those who stand in for them."""
    return list(
        DrawnCandidate.objects.filter(
            Q(role=DrawnCandidate.Role.CHOSEN) | Q(stands_in__isnull=False), draw=draw, replaced__isnull=True
        )
        .select_related("line__post__enterprise__unit", "line__person", "line__post__person", "draw")
        .order_by("pk")
    )


def next_reserve(draw, stratum):
    """The reserve of a stratum who comes next, or None."""
    return (
        DrawnCandidate.objects.filter(
            draw=draw, stratum=stratum, role=DrawnCandidate.Role.RESERVE, stands_in__isnull=True
        )
        .select_related("line__post__person", "draw")
        .order_by("rank")
        .first()
    )


def everybody(draw):
    """All places of a list with the people behind them, and who stands in for whom; for the office."""
    return (
        DrawnCandidate.objects.filter(draw=draw)
        .select_related("line__person", "line__post__enterprise__unit", "replaced__into__line", "stands_in__out__line")
        .order_by("pk")
    )  # fmt: skip


def replacements(draw):
    """The replacements of a draw in their order."""
    return Replacement.objects.filter(out__draw=draw).select_related("out__line", "into__line").order_by("pk")


def public():
    """What strangers may see: every draw there ever was, the newest first."""
    return Draw.objects.select_related("check_of__unit", "reveal", "voiding").order_by("-frozen_at", "-pk")


def ever_drawn():
    """Lines of frames whose people were drawn by a draw that counts, substitutes included."""
    drawn = DrawnCandidate.objects.filter(
        Q(role=DrawnCandidate.Role.CHOSEN) | Q(stands_in__isnull=False),
        line=OuterRef("pk"),
        replaced__isnull=True,
        draw__voiding__isnull=True,
    )
    return FrameLine.objects.filter(Exists(drawn)).exclude(draw__check_of__state=SpotCheck.State.ABANDONED)
