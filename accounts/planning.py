"""What an import would do: a sheet of drafts held against what is already known. Reads only."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models.functions import Lower
from django.utils import timezone

from accounts import alike, exchange, vault
from accounts.exchange import FILL_IN, Known, Problem, Sheet, spelling
from accounts.exchange.columns import BY_FIELD, ONLY_OF_NEW, OWN_NUMBER, is_reserved
from accounts.models import Enterprise, Import, Post, Unit, User
from accounts.oneself import the_one
from accounts.queries import held_on
from accounts.reach import ELSEWHERE, Places, Reach, places_of
from catalog.models import ProductCategory

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does

CHUNK = 500
MANAGERS_OWN = {"address"}  # what a manager may say of her enterprise; by the rest she is supervised


@dataclass
class Plan:
    """What would be created, changed and ended, and every reason not to."""

    sheet: Sheet
    problems: list[Problem] = field(default_factory=list)
    new_enterprises: list = field(default_factory=list)  # [draft]
    changed_enterprises: list = field(default_factory=list)  # [(enterprise, {field: value})]
    new_people: list = field(default_factory=list)  # [(draft, username)]
    changed_people: list = field(default_factory=list)  # [(user, {field: value})]
    new_posts: list = field(default_factory=list)  # [draft]
    ended_posts: list = field(default_factory=list)  # [(post, ended_on)]
    alike: list = field(default_factory=list)  # [(draft, user, reasons)] of new people
    unchanged_posts: int = 0
    enterprises: dict = field(default_factory=dict)  # known ones by credit code
    people: dict = field(default_factory=dict)  # known ones by ID number
    organs: dict = field(default_factory=dict)  # all by code
    done: bool = False
    kept_as: Import | None = None  # under which it can be taken back

    def counts(self):
        """How much of each, for a person and for the audit line."""
        return {
            "rows": self.sheet.rows,
            "new_enterprises": len(self.new_enterprises),
            "changed_enterprises": len(self.changed_enterprises),
            "new_people": len(self.new_people),
            "changed_people": len(self.changed_people),
            "new_posts": len(self.new_posts),
            "ended_posts": len(self.ended_posts),
            "unchanged_posts": self.unchanged_posts,
        }


def known_names(on=None) -> Known:
    """Every spelling of the categories in force and of the organs."""
    categories, organs, names = {}, {}, {}
    for code, name in ProductCategory.objects.in_force(on or timezone.localdate()).values_list(
        "code", "name"
    ):
        categories |= {spelling(code): code, spelling(name): code}
    for code, name, short in Unit.objects.filter(kind=Unit.Kind.ORGAN).values_list(
        "code", "name", "short_name"
    ):
        names[code] = name
        organs |= {spelling(word): code for word in (short, name, code) if word}
    return Known(categories, organs, names)


def read_sheet(table, on=None) -> Sheet:
    """A table of text as drafts."""
    on = on or timezone.localdate()
    return exchange.read(table, known_names(on), on)


def chunks(values: Iterable, size=CHUNK):
    """A long list in pieces that a database takes in one query."""
    values = list(values)
    return [values[at : at + size] for at in range(0, len(values), size)]


def plan(sheet, *, by=None, on=None) -> Plan:
    """Hold a sheet against what is known; `by` nobody is the operator at the machine, whose reach is the whole city."""
    on = on or timezone.localdate()
    made = Plan(sheet, problems=list(sheet.problems))
    made.organs = {unit.code: unit for unit in Unit.objects.filter(kind=Unit.Kind.ORGAN)}
    reach = Reach(by, on)
    _plan_enterprises(made, reach)
    _plan_people(made, reach)
    _plan_posts(made, reach)
    _plan_alike(made, reach)
    made.problems.sort(key=lambda problem: problem.row)
    return made


def _problem(made, row, name, message, suggestion="", **params):
    made.problems.append(Problem(row, BY_FIELD[name].title, message, params, suggestion))


def _plan_enterprises(made, reach):
    for codes in chunks(made.sheet.enterprises):
        found = (
            Enterprise.objects.filter(uscc__in=codes).select_related("unit").prefetch_related("categories")
        )
        made.enterprises |= {enterprise.uscc: enterprise for enterprise in found}
    told = {(problem.row, problem.column) for problem in made.problems}
    for uscc, draft in made.sheet.enterprises.items():
        enterprise = made.enterprises.get(uscc)
        if enterprise is None:
            _plan_new(made, reach, draft, told)
        elif not reach.covers(enterprise.unit.path):
            _problem(made, draft.row, "uscc", N_("这家企业不在您的管理范围内。"))
        elif changes := _changes(enterprise, draft):
            _check_changes(made, reach, draft, enterprise, changes)
            made.changed_enterprises.append((enterprise, changes))


def _plan_new(made, reach, draft, told):
    said = {"trade": draft.produces is not None}
    for name in ONLY_OF_NEW:
        if not said.get(name, getattr(draft, name, "")) and (draft.row, BY_FIELD[name].title) not in told:
            _problem(made, draft.row, name, FILL_IN)
    if draft.organ and not reach.supervises(made.organs[draft.organ].path):
        _problem(made, draft.row, "organ", N_("您不能在这个监管机构之下登记企业。"))
    made.new_enterprises.append(draft)


def _check_changes(made, reach, draft, enterprise, changes):
    """Only those who supervise an enterprise change what decides how it is supervised."""
    if reach.supervises(enterprise.unit.path):
        if "organ" in changes and not reach.supervises(made.organs[draft.organ].path):
            _problem(made, draft.row, "organ", N_("您不能把企业划归这个监管机构。"))
        return
    names = [{"produces": "trade", "sells": "trade"}.get(name, name) for name in changes]
    for name in dict.fromkeys(name for name in names if name not in MANAGERS_OWN):
        message = N_("“{column}”由监管机构登记，企业不能通过导入修改；如有变动，请联系监管机构更正。")
        _problem(made, draft.row, name, message, column=BY_FIELD[name].title)


def _changes(enterprise, draft):
    """What the draft says otherwise than the row; the parent's code stands in the path before the unit's own."""
    now = {
        "name": enterprise.unit.name,
        "produces": enterprise.produces,
        "sells": enterprise.sells,
        "size": enterprise.size,
        "risk": enterprise.risk,
        "address": enterprise.address,
        "categories": tuple(sorted({category.code for category in enterprise.categories.all()})),
    }
    said = {name: getattr(draft, name) for name in now}
    changes = {
        name: value for name, value in said.items() if value not in (None, "", ()) and value != now[name]
    }
    if draft.organ and enterprise.unit.path.split("/")[-3] != draft.organ:
        changes["organ"] = draft.organ
    return changes


def _plan_people(made, reach):
    sheet = made.sheet
    numbers = {vault.fingerprint("id", number): number for number in sheet.people}
    for hashes in chunks(numbers):
        found = User.objects.filter(id_hash__in=hashes).select_related("merged_into")
        made.people |= {numbers[user.id_hash]: the_one(user) for user in found}
    owners = _owners(sheet.people.values())
    places = _places(
        [*made.people.values(), *(user for held in owners.values() for user in held.values())], reach
    )
    names = free_usernames()
    for number, draft in sheet.people.items():
        user = made.people.get(number)
        changes = _new_contacts(draft, user, owners) if user else {}
        may_mend = not changes or reach.may_mend(user, places[user.pk])
        is_hidden = False
        for name, message, whose in _conflicts(draft, user, owners, changes if not may_mend else {}):
            if whose is None or reach.knows(places[whose.pk]):
                _problem(made, draft.row, name, message)
            else:
                is_hidden = True
        if is_hidden:
            made.problems.append(Problem(draft.row, "", ELSEWHERE))
        if user is None:
            made.new_people.append((draft, draft.username or next(names)))
        elif changes and may_mend:
            made.changed_people.append((user, changes))


def _conflicts(draft, user, owners, forbidden):
    """What stands against the draft of a person: (column, sentence, whose data the sentence would betray)."""
    if draft.phone and (owner := owners["phone"].get(draft.phone, user)) != user:
        yield "phone", N_("这个手机号已属于另一个人。"), owner
    if draft.email and (owner := owners["email"].get(draft.email, user)) != user:
        yield "email", N_("这个邮箱已属于另一个人。"), owner
    if user is None:
        if is_reserved(draft.username):
            yield "username", OWN_NUMBER, None
        elif owner := owners["username"].get(draft.username.lower()):
            yield "username", N_("这个用户名已被使用。"), owner
        return
    if draft.name and user.name != draft.name:
        yield "person", N_("这个身份证号已登记在另一个姓名之下，请核对。"), user
    if draft.username and draft.username != user.username:
        yield "username", N_("此人已有用户名，不能通过导入修改。"), user
    for name in forbidden:
        yield name, N_("该人员已启用账号，联系方式由本人或系统管理员修改。"), user


def _plan_alike(made, reach):
    """Who of those whom the sheet would enter resembles somebody who is there: a warning, since names are not numbers."""
    places = defaultdict(set)
    for post in made.new_posts:
        if enterprise := made.enterprises.get(post.uscc):
            places[post.id_number].add(enterprise.pk)
    drafts = [(draft, places[draft.id_number]) for draft, _username in made.new_people]
    made.alike = alike.resembling(drafts, reach, _places)


def _new_contacts(draft, user, owners):
    """The phone and the e-mail that the draft says otherwise than the row; what lies with a merged account of hers is not new."""
    changes = {}
    if draft.phone and vault.fingerprint("phone", draft.phone) != user.phone_hash:
        changes["phone"] = draft.phone
    if draft.email and draft.email != user.email:
        changes["email"] = draft.email
    return {name: value for name, value in changes.items() if owners[name].get(value) != user}


def _places(people, reach):
    """Where the people stand who are met by a sheet."""
    found = defaultdict(Places)
    if not reach.runs_all:
        for pks in chunks({user.pk for user in people}):
            found |= places_of(pks, reach.on)
    return found


def _owners(drafts):
    """Who already has the phones, e-mails and usernames of the sheet."""
    found = {"phone": {}, "email": {}, "username": {}}
    phones = {vault.fingerprint("phone", draft.phone): draft.phone for draft in drafts if draft.phone}
    for hashes in chunks(phones):
        users = User.objects.filter(phone_hash__in=hashes).select_related("merged_into")
        found["phone"] |= {phones[user.phone_hash]: the_one(user) for user in users}
    for emails in chunks({draft.email for draft in drafts if draft.email}):
        users = User.objects.filter(email__in=emails).select_related("merged_into")
        found["email"] |= {user.email: the_one(user) for user in users}
    for names in chunks({draft.username.lower() for draft in drafts if draft.username}):
        users = User.objects.annotate(lower=Lower("username")).filter(lower__in=names)
        found["username"] |= {user.lower: user for user in users}
    return found


def free_usernames():
    """Staff numbers that nobody has: u10001, u10002, …; nobody else may choose a name of this form."""
    taken = User.objects.filter(username__iregex=r"^u[0-9]+$").values_list("username", flat=True)
    number = max((int(name[1:]) for name in taken.iterator()), default=0)
    number = max(number, 10000)
    while True:
        number += 1
        yield f"u{number}"


def _plan_posts(made, reach):
    known = {}
    for people in chunks(user.pk for user in made.people.values()):
        for post in Post.objects.filter(person__in=people).select_related("enterprise__unit", "person"):
            known.setdefault((post.person_id, post.enterprise_id, post.kind), []).append(post)
    for draft in made.sheet.posts:
        person, enterprise = made.people.get(draft.id_number), made.enterprises.get(draft.uscc)
        if enterprise and not reach.covers(enterprise.unit.path):
            continue  # its rows have their problem; whether somebody works there is not told
        before = known.get((person.pk, enterprise.pk, draft.kind), []) if person and enterprise else []
        same = next((post for post in before if post.appointed_on == draft.appointed_on), None)
        if same is None:
            if draft.ended_on is None and (held := next((p for p in before if p.ended_on is None), None)):
                message = N_("此人自 {day} 起已任此岗位；如为重新任职，请先登记离任。")
                _problem(made, draft.row, "appointed_on", message, held.appointed_on.isoformat(),
                         day=held.appointed_on.isoformat())  # fmt: skip
            else:
                made.new_posts.append(draft)
        elif draft.ended_on and same.ended_on is None:
            same.enterprise = enterprise  # with the name that this very sheet may give it
            made.ended_posts.append((same, draft.ended_on))
        elif draft.ended_on == same.ended_on or (draft.ended_on is None and held_on(same, reach.on)):
            made.unchanged_posts += 1
        else:
            message = N_("这次任职已登记为 {day} 离任，不能改写；重新任职请另填任职日期。")
            _problem(made, draft.row, "ended_on", message, day=str(same.ended_on))
