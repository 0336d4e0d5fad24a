"""Keeping a file with what it proves."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from audit.append import append
from audit.log import name_of, record
from audit.transitions import Refused
from supervision.models import Evidence

MOST = 20  # files at one thing


def attach(check, subject, papers, *, by):
    """Add prepared files (accounts.papers.prepare) to a thing of a case; the same file is kept once. Gives all its files."""
    name = name_of(subject)
    kept = {row.digest: row for row in Evidence.objects.filter(subject=name)}
    fresh = {paper.digest: paper for paper in papers if paper.digest not in kept}
    if len(kept) + len(fresh) > MOST:
        raise Refused(_("一处最多保存 {most} 份文件。").format(most=MOST))
    for paper in fresh.values():
        if not default_storage.exists(paper.path):
            default_storage.save(paper.path, ContentFile(paper.data))
    rows = append(
        Evidence(
            check_of_id=check.pk,
            subject=name,
            name=paper.name,
            kind=paper.kind,
            size=len(paper.data),
            digest=paper.digest,
            by_id=by.pk,
        )
        for paper in fresh.values()
    )
    for row in rows:
        record("evidence.added", row, by=by, subject=name, digest=row.digest)
    return [*kept.values(), *rows]
