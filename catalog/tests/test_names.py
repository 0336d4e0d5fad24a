"""A category is called by its name in the language of the page."""

import pytest
from django.utils import translation

from catalog.models import ProductCategory


@pytest.mark.parametrize(
    ("language", "english", "label"),
    [
        ("zh-hans", "Electric bicycles", "电动自行车"),
        ("en", "Electric bicycles", "Electric bicycles"),
        ("en", "", "电动自行车"),
        (None, "Electric bicycles", "电动自行车"),
    ],
)
def test_the_label_follows_the_page(language, english, label):
    with translation.override(language):
        assert ProductCategory(name="电动自行车", name_en=english).label == label
