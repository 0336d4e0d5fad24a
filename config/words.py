"""Translations made ready to use, without gettext's programs on the machine.

polib instead of msgfmt: it comes with pip, so an ordinary user on a bare machine needs nobody's leave.
"""

import gettext
import hashlib
import os
from pathlib import Path

MARK = "X-Source-Digest"


def compile_words(source: Path, elsewhere: Path) -> list[Path]:
    """Compile every .po below `source` whose .mo is missing or old; give the files written.

    They stand beside their sources, or below `elsewhere` when the tree may not be written.
    """
    written = []
    for po in sorted(source.glob("*/LC_MESSAGES/*.po")):
        digest = hashlib.sha256(po.read_bytes()).hexdigest()
        beside = po.with_suffix(".mo")
        stray = elsewhere / beside.relative_to(source)
        if _made_from(beside) == digest:
            stray.unlink(missing_ok=True)  # it would come first, and it is older
        elif not os.access(po.parent, os.W_OK):
            if _made_from(stray) != digest:
                written.append(_compile(po, stray, digest))
        else:
            written.append(_compile(po, beside, digest))
            stray.unlink(missing_ok=True)
    return written


def _made_from(mo: Path) -> str:
    """The digest of the source that the compiled file names in its header; nothing if there is no such file."""
    try:
        with mo.open("rb") as file:
            return gettext.GNUTranslations(file).info().get(MARK.lower(), "")
    except (OSError, ValueError):
        return ""


def _compile(po: Path, mo: Path, digest: str) -> Path:
    import polib

    words = polib.pofile(str(po), encoding="utf-8")
    words.metadata[MARK] = digest
    mo.parent.mkdir(parents=True, exist_ok=True)
    draft = mo.with_name(f"{mo.name}.{os.getpid()}")
    words.save_as_mofile(str(draft))
    draft.replace(mo)  # a server that starts beside us reads the old file or the new one, never half of one
    return mo
