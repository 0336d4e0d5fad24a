"""Keeping the papers of a post."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Post, PostPaper
from audit.append import append
from audit.context import signed
from audit.log import record
from audit.transitions import Refused

MOST_PAPERS = 40  # at one post


@transaction.atomic
def attach(post, paper, *, role, by):
    """Add a file to a post; the same file in the same role is kept once."""
    Post.objects.select_for_update(of=("self",)).get(pk=post.pk)  # two at once: numbers follow one another
    kept = list(PostPaper.objects.filter(post=post).order_by("number"))
    for known in kept:
        if (known.digest, known.role) == (paper.digest, role):
            return known
    if len(kept) >= MOST_PAPERS:
        raise Refused(_("一次任职最多保存 {most} 份文件。").format(most=MOST_PAPERS))
    if not default_storage.exists(paper.path):
        default_storage.save(paper.path, ContentFile(paper.data))
    [made] = append(
        [
            PostPaper(
                post=post,
                number=len(kept) + 1,
                role=role,
                name=paper.name,
                kind=paper.kind,
                size=len(paper.data),
                digest=paper.digest,
                added_by=signed(by)[:100],
            )
        ]
    )
    record("post.paper_added", post, by=by, number=made.number, role=role, digest=paper.digest)
    return made
