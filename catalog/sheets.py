"""The first sheet of a workbook from outside, measured before it is loaded.

The reader of workbooks lays a sheet out as a full rectangle and believes what counts and references say, so a few
bytes could ask it for more memory than there is. Therefore every part that it will see is walked through first,
and it is given a new package that holds these parts and nothing else.
"""

import io
import posixpath
import re
import zipfile
from xml.parsers import expat
from xml.sax.saxutils import escape

from python_calamine import CalamineError, CalamineWorkbook

from catalog.archives import N_, Unreadable

MOST_ROWS = 20_001  # the header is one of them
MOST_COLUMNS = 60
MOST_CELLS = 600_000
MOST_TEXT = 32_000_000  # characters in all cells; one shared string may stand in many
LONGEST_STRING = 32_767  # what a cell can hold
MOST_ELEMENTS = 5_000_000
CELL = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
ROW = re.compile(r"[1-9][0-9]{0,6}")
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
SHARED = re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^<>]*)?>([0-9]{1,7})")
SOUND_COUNT = re.compile(r"[0-9]{1,7}")

NO_SHEET = N_("工作簿里没有可读的工作表。")
OTHER_KIND = N_("文件不是 .xlsx 工作簿。请在表格软件中另存为 .xlsx 或 CSV 后再上传。")
DAMAGED = N_("工作簿的内容有误，无法读取。请在表格软件中另存为 .xlsx 后再试。")
TOO_FAR = N_(
    "工作表用到第 %(row)s 行、第 %(column)s 列，超过上限（%(rows)s 行、%(columns)s 列）。"
    "请删除多余的行和列（包括只有格式的空单元格），或分成几个文件再上传。"
)
TOO_MANY = N_("工作表的单元格超过 %(most)s 个，请分成几个文件再上传。")
TOO_LONG = N_("工作表的文字超过 %(most)s 个字符，请分成几个文件再上传。")
TOO_LONG_A_CELL = N_("有的单元格文字超过 %(most)s 个字符，请缩短后再上传。")
TOO_MUCH = N_("工作簿的内容项超过 %(most)s 个，请另存为只含表格的 .xlsx 后再上传。")
DECLARED = N_("工作簿里有不允许的声明（DOCTYPE 或 ENTITY），请在表格软件中另存为 .xlsx 后再试。")

DOCUMENTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
LINK = f'<Relationship Id="%s" Type="{DOCUMENTS}/%s" Target="%s"/>'
LINKS = f'<Relationships xmlns="{PACKAGE}">%s</Relationships>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRING_START, STRING_END = '<si><t xml:space="preserve">', "</t></si>"
STRINGS = f'<sst xmlns="{MAIN}">%s</sst>'
BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENTS}">'
    '<workbookPr date1904="%d"/><sheets><sheet name="1" sheetId="1" r:id="sheet"/></sheets></workbook>'
)


def first_sheet(archive):
    """Give the rows of the first sheet, its cells as the reader has them; a sheet beyond the limits is refused."""
    if any(archive.find(name) for name in ("xl/workbook.bin", "content.xml", "mimetype")):
        raise Unreadable(OTHER_KIND)
    parts, counts_from_1904 = _needed(archive)
    shared = _Strings().over(parts["sharedStrings"])
    _Sheet([len(text) for text in shared.strings]).over(parts["worksheet"])
    parts["sharedStrings"] = shared.written()
    if parts["styles"]:
        _Walk().over(parts["styles"])
    return _load(_package(parts, counts_from_1904))


def _load(package):
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(package)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, ValueError, IndexError, OSError):
        raise Unreadable(NO_SHEET) from None
    except BaseException as problem:
        if (
            type(problem).__name__ != "PanicException"
        ):  # of the reader's own kind, which has no importable name
            raise
        raise Unreadable(DAMAGED) from None
    return [[cell.replace("\0", "") if isinstance(cell, str) else cell for cell in row] for row in rows]


# --- finding --------------------------------------------------------------------------------------------------------


def _needed(archive):
    """Give the parts that the first sheet needs, and whether its days count from 1904."""
    book = next(
        (target for _id, kind, target in _links(archive, "") if kind == "officeDocument"), "xl/workbook.xml"
    )
    links = _links(archive, book)
    content = _part(archive, book)
    if content is None:
        raise Unreadable(NO_SHEET)
    walk = _Book().over(content)
    sheets = {key: target for key, kind, target in links if kind == "worksheet"}
    chosen = next((sheets[key] for key in walk.sheets if key in sheets), None)
    parts = {"worksheet": _part(archive, chosen)}
    if parts["worksheet"] is None:
        raise Unreadable(NO_SHEET)
    for name in ("sharedStrings", "styles"):
        parts[name] = _part(archive, next((target for _id, kind, target in links if kind == name), None))
    return parts, walk.counts_from_1904


def _part(archive, path):
    name = path and archive.find(path)
    return archive.read(name) if name else None


def _links(archive, path):
    """Give (id, kind, path of the target) for what a part refers to."""
    folder, name = posixpath.split(path)
    content = _part(archive, posixpath.join(folder, "_rels", f"{name}.rels"))
    return _Links(folder).over(content).found if content else []


def _package(parts, counts_from_1904):
    kept = [name for name, content in parts.items() if content]
    links = "".join(LINK % ("sheet" if name == "worksheet" else name, name, f"{name}.xml") for name in kept)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("_rels/.rels", LINKS % (LINK % ("book", "officeDocument", "xl/workbook.xml")))
        package.writestr("xl/workbook.xml", BOOK % counts_from_1904)
        package.writestr("xl/_rels/workbook.xml.rels", LINKS % links)
        for name in kept:
            package.writestr(f"xl/{name}.xml", parts[name])
    return made.getvalue()


# --- measuring ------------------------------------------------------------------------------------------------------


class _Walk:
    """A pass over the elements of a part: no declarations, no more elements or promises than is sane."""

    def __init__(self):
        self.elements = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._declared
        self.parser.StartElementHandler = self._start

    def over(self, content):
        """Walk through the part and give this pass, which now knows what it met."""
        if content.startswith(WIDE_BOMS) or b"\0" in content[:4]:
            raise Unreadable(DAMAGED)  # what is not UTF-8 could look different to the reader
        try:
            self.parser.Parse(content, True)
        except expat.ExpatError:
            raise Unreadable(DAMAGED) from None
        return self

    def meet(self, name, attributes):
        """Take from an element what is wanted; its name comes without a prefix."""

    def _declared(self, *_what):
        raise Unreadable(DECLARED)

    def _start(self, name, attributes):
        self._count()
        if attributes:
            for promise in ("count", "uniqueCount"):  # the reader makes room for what they say
                if promise in attributes and not SOUND_COUNT.fullmatch(attributes[promise]):
                    raise Unreadable(DAMAGED)
        self.meet(name.rpartition(":")[2], attributes)

    def _count(self):
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise Unreadable(TOO_MUCH, most=MOST_ELEMENTS)


class _Links(_Walk):
    """What a part refers to."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.found = folder, []

    def meet(self, name, attributes):
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            path = posixpath.normpath(posixpath.join("/", self.folder, target)).lstrip("/")
            self.found.append((attributes.get("Id", ""), attributes.get("Type", "").rpartition("/")[2], path))


class _Book(_Walk):
    """The sheets in their order, by the id of their link."""

    def __init__(self):
        super().__init__()
        self.sheets, self.counts_from_1904 = [], False

    def meet(self, name, attributes):
        if name == "sheet":
            self.sheets += [value for key, value in attributes.items() if key.endswith(":id")]
        elif name == "workbookPr":
            self.counts_from_1904 = attributes.get("date1904") in ("1", "true")


class _Strings(_Walk):
    """The shared strings, without what says how they are pronounced."""

    def __init__(self):
        super().__init__()
        self.strings, self.is_said = [], False

    def over(self, content):
        return super().over(content) if content else self

    def written(self):
        """Give the part anew, so that the reader counts the strings just as they were counted here."""
        if not self.strings:
            return b""
        # No part can hold a NUL, so it may stand between the strings while all are escaped at once.
        text = escape("\0".join(self.strings), {"\r": "&#13;"})
        return (
            STRINGS % (STRING_START + text.replace("\0", STRING_END + STRING_START) + STRING_END)
        ).encode()

    def _start(self, name, attributes):
        if name == "t" or name == "si":  # nearly all of the part, so they go past the questions to others
            self._count()
            self.meet(name, attributes)
        else:
            super()._start(name, attributes)

    def meet(self, name, attributes):
        if name == "t":
            if self.strings and not self.is_said:
                self.parser.CharacterDataHandler = self._text
                self.parser.EndElementHandler = self._end
        elif name == "si":
            self.strings.append("")
            if len(self.strings) > MOST_CELLS:
                raise Unreadable(TOO_MANY, most=MOST_CELLS)
        elif name == "rPh":
            self.is_said = True
            self.parser.EndElementHandler = self._end

    def _text(self, text):
        self.strings[-1] += text
        if len(self.strings[-1]) > LONGEST_STRING:
            raise Unreadable(TOO_LONG_A_CELL, most=LONGEST_STRING)

    def _end(self, name):
        self.parser.CharacterDataHandler = None
        if name.endswith("rPh"):
            self.is_said = False
        if not self.is_said:
            self.parser.EndElementHandler = None


class _Sheet(_Walk):
    """How far a sheet reaches, how many cells it has, and how much shared text they will hold."""

    def __init__(self, lengths):
        super().__init__()
        self.lengths, self.columns = lengths, {}
        self.row = self.column = self.cells = self.text = 0
        self.row_text = "0"
        self.is_shared, self.value_at = False, None

    def over(self, content):
        self.content = content
        return super().over(content)

    def _start(self, name, attributes):
        # Cells and their values are nearly all of a sheet, so they go past the questions that others are asked.
        if self.value_at is not None:
            raise Unreadable(DAMAGED)  # an element inside the number of a shared string
        if name == "c":
            self._cell(attributes)
        elif name == "v":
            self._value()
        else:
            super()._start(name, attributes)

    def meet(self, name, attributes):
        if name == "c":
            self._cell(attributes)
        elif name == "v":
            self._value()
        elif name == "row":
            self._row(attributes)
        elif name == "dimension":
            for corner in attributes.get("ref", "A1").split(":"):
                self._reach(*self._place(corner))

    def _row(self, attributes):
        # A row without cells takes no room, wherever it stands, so it is the cells that are looked at.
        number = attributes.get("r")
        if number is not None and not ROW.fullmatch(number):
            raise Unreadable(DAMAGED)
        self.row, self.column = (self.row + 1 if number is None else int(number)), 0
        self.row_text = str(self.row)

    def _cell(self, attributes):
        self.cells += 1
        if self.cells > MOST_CELLS:
            raise Unreadable(TOO_MANY, most=MOST_CELLS)
        self.is_shared = attributes.get("t") == "s"
        place = attributes.get("r")
        if place is None:
            self.column += 1
        elif place.endswith(self.row_text) and place[: -len(self.row_text)] in self.columns:
            self.column = self.columns[place[: -len(self.row_text)]]  # the usual case, without a closer look
        else:
            row, self.column = self._place(place)
            self.row = max(self.row, row)
        if self.row > MOST_ROWS or self.column > MOST_COLUMNS:
            self._reach(self.row, self.column)

    def _place(self, reference):
        found = CELL.fullmatch(reference)
        if not found:
            raise Unreadable(DAMAGED)
        letters, number = found.groups()
        if letters not in self.columns:
            column = 0
            for letter in letters.upper():
                column = column * 26 + ord(letter) - 64
            self.columns[letters] = column
        return int(number), self.columns[letters]

    def _reach(self, row, column):
        if row > MOST_ROWS or column > MOST_COLUMNS:
            raise Unreadable(TOO_FAR, row=row, column=column, rows=MOST_ROWS, columns=MOST_COLUMNS)

    def _value(self):
        self._count()
        if self.is_shared:
            self.value_at = self.parser.CurrentByteIndex
            self.parser.EndElementHandler = self._end

    def _end(self, _name):
        self.parser.EndElementHandler = None
        # The bytes themselves are looked at: a comment or a reference among the digits might be read another way.
        found = SHARED.fullmatch(self.content, self.value_at, self.parser.CurrentByteIndex)
        if not found or int(found[1]) >= len(self.lengths):
            raise Unreadable(DAMAGED)
        self.value_at = None
        self.text += self.lengths[int(found[1])]
        if self.text > MOST_TEXT:
            raise Unreadable(TOO_LONG, most=MOST_TEXT)
