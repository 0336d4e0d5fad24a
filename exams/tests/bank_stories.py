"""What the stories of the bank desk share: banks, drafts, readings."""

from decimal import Decimal
from pathlib import Path

from catalog.models import ProductCategory
from exams import workbooks
from exams.engine.exchange import Draft
from exams.models import ItemBank

SAMPLE = Path(__file__).parent / "data" / "sample_questions.csv"


def make_bank(cast, code="general", category=None):
    """A bank of the city, with the catalog's three categories of the sample at hand."""
    for number, name in (("1501", "电动自行车"), ("16", "燃气器具")):
        ProductCategory.objects.get_or_create(code=number, defaults={"name": name})
    return ItemBank.objects.create(code=code, name="通用法规题库", unit=cast.city_organ, category=category)


def single(code="S1", stem="样品从哪里随机抽取？", right="b", **more):
    """A sound single-choice draft."""
    texts = {"a": "半成品库", "b": "待销产品", "c": "送检样品"}
    facts = {
        "body": {"options": [{"id": one, "text": text} for one, text in texts.items()]},
        "key": {"options": [right]},
        "rationale": "应当随机抽取。",
        "topic": "监督抽查",
        "points": Decimal(2),
        "basis": "《中华人民共和国产品质量法》(2018年修正)",
        "clause": "第十五条",
    }
    return Draft(code=code, type="single", stem=stem, **(facts | more))


def sample(name="sample.csv", data=None):
    """The sample file, opened and read."""
    return workbooks.open_file(name, data or SAMPLE.read_bytes()).read()
