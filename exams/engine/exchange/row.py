"""One row of a sheet, the problems that it finds, and what to do about each of them."""

from ..items.base import letter
from ..words import N_
from . import columns
from .cells import Wrong
from .drafts import Problem

ADVICE = {
    "stem_empty": N_("请填写题干"),
    "material_empty": N_("请填写案例材料"),
    "options_too_few": N_("请至少填写选项A和选项B"),
    "option_empty": N_("请填写该选项，或者把后面的选项前移"),
    "option_duplicate": N_("请修改或者删去其中一个"),
    "key_missing": N_("请填写正确答案"),
    "key_unknown": N_("请改为现有选项的字母"),
    "key_not_one": N_("请只留一个字母，或者把题型改为多选"),
    "key_too_few": N_("请补充字母，或者把题型改为单选"),
    "blanks_differ": N_("请让题干里的 ____ 与答案里用 || 隔开的空一样多"),
    "answer_empty": N_("请补充答案，或者删去多余的 |"),
}
ANY_ADVICE = N_("请更正后重新导入")


class Row:
    """One row by column names, with the sheet's list of problems at hand."""

    def __init__(self, number, values, notes, problems):
        self.number, self.values, self.notes = number, values, notes
        self.problems, self.faults = problems, 0

    def text(self, column):
        """Give a cell, empty where there is none."""
        return self.values.get(column, "")

    def wrong(self, column, template, advice, **params):
        """Note a problem of this row."""
        self.faults += 1
        self.problems.append(Problem(self.number, column, template, advice, params))

    def read(self, column, reader, *args):
        """Read one cell; what is wrong with it becomes a problem and the value None."""
        try:
            return reader(self.text(column), *args)
        except Wrong as wrong:
            self.wrong(column, wrong.template, wrong.advice, **wrong.params)
            return None

    def options(self):
        """Give the filled option cells by letter."""
        found = {}
        for name, text in self.values.items():
            index = columns.option_index(name)
            if index is not None and text:
                found[letter(index)] = text
        return found
