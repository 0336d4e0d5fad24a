"""Zip archives from outside: only what is asked for is unpacked, and never more than a budget allows."""

import io
import struct
import zipfile
import zlib

from django.utils.translation import gettext

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which Unreadable does

UNPACKED_LIMIT = 200 * 1024 * 1024
MOST_MEMBERS = 2000
MEGABYTE = 1024 * 1024
# Other methods unpack a whole block at once, however large it is.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    RuntimeError,
    NotImplementedError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
)


class Unreadable(Exception):
    """A file that holds no table; its text is a sentence for people, in their language."""

    def __init__(self, template, **params):
        self.template, self.params = template, params
        super().__init__(template)

    def __str__(self):
        text = gettext(self.template)
        return text % self.params if self.params else text


class Budget:
    """What may be unpacked of one upload, the archives inside it included."""

    def __init__(self):
        self.size, self.members = UNPACKED_LIMIT, MOST_MEMBERS

    def take(self, *, size=0, members=0):
        """Take a share, or refuse when the budget is used up."""
        self.size -= size
        self.members -= members
        if self.members < 0:
            template = N_("压缩包里的文件超过 %(most)s 个（找到 %(found)s 个），请分成几个文件再上传。")
            raise Unreadable(template, most=MOST_MEMBERS, found=MOST_MEMBERS - self.members)
        if self.size < 0:
            template = N_("文件展开后超过 %(most)s MB（至少 %(found)s MB），请拆分后再上传。")
            found = -(-(UNPACKED_LIMIT - self.size) // MEGABYTE)
            raise Unreadable(template, most=UNPACKED_LIMIT // MEGABYTE, found=found)


class Archive:
    """The members of an archive by name; nothing is unpacked before it is read."""

    def __init__(self, content, budget):
        self.budget = budget
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except DAMAGE:
            raise Unreadable(N_("压缩包或工作簿已损坏，无法打开。")) from None
        members = [info for info in self._zip.infolist() if not info.is_dir()]
        budget.take(members=len(members))
        self._infos = {_name_of(info): info for info in members}
        self._plain = {name.replace("\\", "/").lstrip("/").lower(): name for name in self._infos}

    @property
    def names(self):
        """Give the names of all members."""
        return list(self._infos)

    def find(self, path):
        """Give the name under which a part is kept, whatever its case and its strokes, or None."""
        return self._plain.get(path.lower())

    def read(self, name, most=None):
        """Unpack one member, or no more than its first `most` bytes."""
        info = self._infos[name]
        if info.flag_bits & 0x1:
            raise Unreadable(N_("文件带有密码，无法打开。请去掉密码后再上传。"))
        if info.compress_type not in METHODS:
            raise Unreadable(N_("压缩包的压缩方式不受支持，请用普通 ZIP 格式重新压缩。"))
        # The size is the archive's own claim; zipfile stops reading where the claim ends.
        size = info.file_size if most is None else min(info.file_size, most)
        self.budget.take(size=size)
        try:
            with self._zip.open(info) as member:
                return member.read(most)
        except DAMAGE:
            raise Unreadable(N_("压缩包或工作簿已损坏，无法打开。")) from None


def _name_of(info):
    # Windows archivers write Chinese names in GBK without saying so; zipfile then reads them as CP437.
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return info.filename
