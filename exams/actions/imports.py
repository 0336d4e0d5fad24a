"""Bringing a whole workbook into a bank: everything or nothing, and the same file again changes nothing."""

from dataclasses import dataclass, field
from difflib import get_close_matches

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record, record_many
from audit.transitions import Refused, move
from exams import drafts, markup, pictures
from exams.actions import revisions
from exams.actions.bank import may_review, may_write
from exams.engine.exchange import Problem, columns
from exams.engine.words import N_
from exams.models import Item, Picture
from exams.queries.bank import across

LIMITS = (
    (columns.CODE, "code", 40),
    (columns.TOPIC, "topic", 80),
    (columns.BASIS, "basis", 300),
    (columns.CLAUSE, "clause", 200),
)


@dataclass
class Outcome:
    """What an import did, or would do: rows in = rows stored + rows unchanged + rows reported."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    approved: int = 0
    stored_rows: int = 0
    unchanged_rows: int = 0
    problems: list = field(default_factory=list)
    unknown: tuple = ()
    new_topics: list = field(default_factory=list)
    is_written: bool = False

    @property
    def reported_rows(self):
        """Rows of the file that are named in a problem, or that belong to an item with one."""
        return self.rows - self.stored_rows - self.unchanged_rows


def import_items(bank, reading, *, by=None, approve_by=None, dry_run=False, files=None):
    """Bring the drafts of a reading into a bank, all or nothing, by their codes; give the outcome.

    `files` maps the names of pictures that came along to their bytes. New and changed items become drafts, or,
    where `approve_by` is given and a row does not itself say that it is unchecked, they are approved by that
    reviewer, who must be another person than `by`.
    """
    _check_people(bank, by, approve_by)
    outcome = Outcome(rows=reading.rows, problems=list(reading.problems), unknown=reading.unknown)
    with transaction.atomic():
        intake = _Intake(bank, files or {})
        pairs = intake.sort(reading.drafts, outcome)
        if outcome.problems or dry_run:
            return outcome
        if pairs:
            _store(bank, pairs, intake, outcome, by, approve_by)
        outcome.is_written = True
    return outcome


def _check_people(bank, by, approve_by):
    if by is not None and not may_write(by, bank):
        raise Refused(_("只有本题库的编辑可以导入试题。"))
    if approve_by is None:
        return
    if not may_review(approve_by, bank):
        raise Refused(_("只有本题库的审核人可以批准试题。"))
    if by is not None and by.pk == approve_by.pk:
        raise Refused(_("导入人与批准人不能是同一个人。"))


@transaction.atomic
def _store(bank, pairs, intake, outcome, by, approve_by):
    for prepared in intake.prepared.values():
        pictures.store(prepared, by)
    approved = {draft.code for _item, draft in pairs if approve_by and drafts.is_vouched_for(draft)}
    items = revisions.append(
        bank,
        pairs,
        by=by,
        categories=intake.categories,
        state=lambda draft: Item.State.APPROVED if draft.code in approved else Item.State.DRAFT,
    )
    born, rewritten = [], []
    for item, (old, _draft) in zip(items, pairs, strict=True):
        (born if old is None else rewritten).append(item)
    # New items are born approved; the log still tells both steps of each.
    fresh = [item for item in born if item.code in approved]
    steps = {"why": "导入", "number": 1}
    record_many([("item.in_review", item, steps) for item in fresh], by=by)
    record_many([("item.approved", item, steps) for item in fresh], by=approve_by)
    for item in rewritten:
        if item.state in (Item.State.APPROVED, Item.State.IN_REVIEW):
            move(item, to=Item.State.DRAFT, by=by, why="导入")
        if item.code in approved:
            move(item, to=Item.State.IN_REVIEW, by=by, why="导入")
            move(item, to=Item.State.APPROVED, by=approve_by, why="导入")
    outcome.approved = len(approved)
    counts = {name: getattr(outcome, name) for name in ("rows", "new", "changed", "unchanged", "approved")}
    record("bank.import", bank, by=by, **counts)


class _Intake:
    """The bank as it is, loaded once, and what each draft means to it."""

    def __init__(self, bank, files):
        self.bank, self.files = bank, files
        self.categories = drafts.Categories()
        rows = Item.objects.filter(bank=bank).select_related("current", "topic")
        self.items = {item.code: item for item in rows.prefetch_related("categories")}
        self.topics = set(bank.topics.values_list("name", flat=True))
        self.hashes = {
            item.current.stem_hash: item.code
            for item in self.items.values()
            if item.current and item.state != Item.State.RETIRED
        }
        self.prepared, self.names, self.refusals, self.across = {}, {}, {}, {}

    def sort(self, read, outcome):
        """Give (item or None, draft) for what is new or changed; count the rest, report what cannot be."""
        self._find_pictures(read)
        pairs, topics = [], set()
        coming = {draft.code: drafts.content_hash(draft) for draft in read}
        self.across = across(self.bank, set(coming.values()))
        for draft in read:
            draft, problems = self._fit(draft, coming)
            outcome.problems += problems
            if problems:
                continue
            item = self.items.get(draft.code)
            if item and draft == drafts.draft_of(item):
                outcome.unchanged += 1
                outcome.unchanged_rows += len(draft.rows)
                continue
            pairs.append((item, draft))
            topics.add(draft.topic)
            outcome.new += item is None
            outcome.changed += item is not None
            outcome.stored_rows += len(draft.rows)
        outcome.problems.sort(key=lambda problem: problem.row)
        outcome.new_topics = sorted(topics - self.topics)
        return pairs

    def _fit(self, draft, coming):
        problems, row = [], draft.rows[0]

        def wrong(column, template, advice, **params):
            problems.append(Problem(row, column, template, advice, params))

        for column, name, most in LIMITS:
            if len(getattr(draft, name)) > most:
                wrong(column, N_("文字超过 %(most)s 个字符"), N_("请缩短"), most=most)
        for name in draft.categories:
            if not self.categories.is_everything(name) and self.categories.find(name) is None:
                near = get_close_matches(name, [row.name for row in self.categories.rows], n=1, cutoff=0.4)
                template = N_("产品类别“%(name)s”不在目录中")
                advice = N_("请改为“%(near)s”或“通用”") if near else N_("请填写目录中的名称，或者填写“通用”")
                wrong(columns.CATEGORIES, template, advice, name=name, near="".join(near))
        named = drafts.pictures_of(draft)
        for name in named:
            if name in self.refusals:
                template = N_("图片“%(name)s”：%(reason)s")
                wrong(columns.STEM, template, N_("请更换图片"), name=name, reason=self.refusals[name])
            elif name not in self.names:
                template, advice = N_("没有找到图片“%(name)s”"), N_("请把图片和表格放在同一个压缩包里")
                wrong(columns.STEM, template, advice, name=name)
        if named:
            draft = drafts.map_texts(draft, lambda text: markup.with_pictures(text, self.names))
        draft = drafts.house_form(draft, self.categories)
        item = self.items.get(draft.code)
        if item and item.type != draft.type:
            template = N_("试题 %(code)s 在题库里是另一种题型")
            wrong(columns.TYPE, template, N_("请改回原题型，或者改用新的编号"), code=draft.code)
        if item and item.state == Item.State.RETIRED and draft != drafts.draft_of(item):
            template = N_("试题 %(code)s 已停用，不能再修改")
            wrong(columns.CODE, template, N_("请改用新的编号，或者删去这一行"), code=draft.code)
        content = drafts.content_hash(draft)
        other = self.hashes.get(content)
        if other not in (None, draft.code) and coming.get(other, content) == content:
            template = N_("内容与题库中的试题 %(code)s 相同")
            wrong(columns.STEM, template, N_("请删去这一行，或者使用原编号"), code=other)
        if content in self.across:
            template = N_("练习题库与考试题库不能有相同的题：试题 %(code)s 已在另一类题库中")
            wrong(columns.STEM, template, N_("请删去这一行，或者另写一题"), code=self.across[content])
        return draft, problems

    def _find_pictures(self, read):
        wanted = dict.fromkeys(name for draft in read for name in drafts.pictures_of(draft))
        kept = Picture.objects.filter(digest__in=wanted) if wanted else ()
        self.names = {picture.digest: picture.digest for picture in kept}
        files = {name.lower(): data for name, data in self.files.items()}
        files |= {name.rpartition(".")[0]: data for name, data in files.items()} | files
        for name in wanted:
            data = files.get(name.rpartition("/")[2].lower())
            if name in self.names or data is None:
                continue
            try:
                prepared = pictures.prepare(data)
            except Refused as refusal:
                self.refusals[name] = str(refusal)
                continue
            self.prepared[prepared.digest] = prepared
            self.names[name] = prepared.digest
