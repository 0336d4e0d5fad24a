"""From the words of a legal basis to the provisions that an item rests on."""

import hashlib
import re

from catalog.models import LegalDocument, LegalProvision

ENTRIES = re.compile(r"[；;\n]+")
TITLE = re.compile(r"《(.+)》")
STANDARD = re.compile(
    r"\b(?:GB|GA|GM|YY|HJ|QB|JB|HG|FZ|JG|CJ|AQ|WS|YD|SJ|DB\d*)(?:/[TZ])?\s*\d[\d.]*(?:\s*[-—–]\s*\d{4})?"
)
BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]+条")
BETWEEN_ARTICLES = re.compile(r"[、，,和及](?=第[一二三四五六七八九十百千零〇\d]+条)")
LONGEST_PREFIX = 20
WHOLE = "全文"


def references(basis, clause):
    """Give (document entry, article) pairs.

    A clause that names its document, as in 《某法》：第三条, goes to that entry; others meet the entries in order,
    and what is over goes to the last entry.
    """
    entries = [entry.strip() for entry in ENTRIES.split(basis) if entry.strip()]
    clauses = [one.strip() for one in ENTRIES.split(clause) if one.strip()]
    if not entries:
        return []
    said = {entry: [] for entry in entries}
    for index, one in enumerate(clauses):
        named, _colon, rest = one.partition("：")
        owner = next((entry for entry in entries if rest and _names(named, entry)), None)
        said[owner or entries[min(index, len(entries) - 1)]] += _articles(rest if owner else one)
    pairs = [(entry, article) for entry in entries for article in said[entry] or [WHOLE]]
    return list(dict.fromkeys(pairs))


def _names(words, entry):
    named, title = folded(title_of(words)), folded(title_of(entry))
    return bool(named) and (named in title or title in named)


def title_of(entry):
    """Give the title in an entry: what stands in 《》, or the words without what brackets add."""
    found = TITLE.search(entry)
    return (found[1] if found else BRACKETS.sub("", entry)).strip(" ，,。")[:200] or entry[:200]


def folded(title):
    """Give what titles are compared by: no brackets, no spaces, no 中华人民共和国 in front."""
    bare = BRACKETS.sub("", title).strip("《》")
    return re.sub(r"[\s·—–-]", "", bare).removeprefix("中华人民共和国").lower()


def number_of(text):
    """Give the number of a standard in an entry, folded, or nothing."""
    found = STANDARD.search(BRACKETS.sub(lambda found: f" {found[0][1:-1]} ", text))
    return re.sub(r"\s", "", found[0]).replace("—", "-").replace("–", "-").upper() if found else ""


class Law:
    """The documents and provisions of the catalog, with those that an import adds; a few queries for any number."""

    def __init__(self):
        self.by_number, self.by_title = {}, {}
        for document in LegalDocument.objects.order_by("-in_force_to", "code"):
            self._know(document)

    def resolve(self, pairs):
        """Give the provisions' keys for each (basis, clause) of a set, adding documents and provisions not yet there."""
        wanted = {pair: references(*pair) for pair in pairs}
        entries = list(dict.fromkeys(entry for refs in wanted.values() for entry, _article in refs))
        documents, missing = {}, []
        for entry in entries:
            documents[entry] = self._find(entry) or self._new(entry)
            if documents[entry].pk is None and documents[entry] not in missing:
                missing.append(documents[entry])
        LegalDocument.objects.bulk_create(missing)
        asked = {(documents[entry].pk, article) for refs in wanted.values() for entry, article in refs}
        known = self._provisions(asked)
        unknown = sorted(asked - set(known))
        if unknown:
            LegalProvision.objects.bulk_create(
                [LegalProvision(document_id=document, article=article) for document, article in unknown],
                ignore_conflicts=True,
            )
            known = self._provisions(asked)
        return {
            pair: list(dict.fromkeys(known[documents[entry].pk, article] for entry, article in refs))
            for pair, refs in wanted.items()
        }

    @staticmethod
    def _provisions(asked):
        rows = LegalProvision.objects.filter(document__in={document for document, _article in asked})
        return {
            (document, article): pk
            for pk, document, article in rows.values_list("pk", "document", "article")
            if (document, article) in asked
        }

    def _know(self, document):
        number = number_of(document.number) or number_of(document.title)
        if number:
            self.by_number[number] = document
        self.by_title[folded(document.title)] = document

    def _find(self, entry):
        number, title = number_of(entry), title_of(entry)
        found = self.by_number.get(number) or self.by_title.get(folded(title))
        if found and number and number_of(f"{found.number} {found.title}") not in ("", number):
            return None  # another edition of the standard of this title
        return found

    def _new(self, entry):
        number, title = number_of(entry), title_of(entry)
        if any(document.title == title for document in self.by_title.values()):
            title = f"{title}（{number}）"[:200]
        code = "doc-" + hashlib.sha256(title.encode("utf-8")).hexdigest()[:12]
        document = LegalDocument(code=code, title=title, number=number)
        self._know(document)
        return document


def _articles(clause):
    for part in BETWEEN_ARTICLES.split(clause):
        found = ARTICLE.search(part)
        if found and 0 < found.start() <= LONGEST_PREFIX and "(" not in part[: found.start()]:
            part = part[found.start() :]
        yield part.strip()[:120] or WHOLE
