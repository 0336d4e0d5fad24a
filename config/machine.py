"""What the machine itself must bring: the system libraries and programs that no Python package carries.

Run by bin/setup with the bare interpreter, before anything is installed: only the standard library, and no import of
the house. It asks the dynamic loader and fontconfig, not the package manager: what can be loaded is there, whoever
brought it.
"""

import ctypes
import importlib.util
import shutil
import sys

# The Debian package that brings each thing, in the order in which they are named to people.
PYTHON = {"venv": "python3-venv", "ensurepip": "python3-venv"}
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
ANY_FONT = "fonts-dejavu-core"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PROGRAMS = {"pdffonts": "poppler-utils", "xgettext": "gettext"}
BROWSER_LIBRARIES = {"libatomic.so.1": "libatomic1"}  # the browser's driver, a node, wants it
CJK_FONT = "fonts-noto-cjk"


def has_module(name: str) -> bool:
    """Whether this interpreter brings the module."""
    return importlib.util.find_spec(name) is not None


def has_library(name: str) -> bool:
    """Whether the loader finds the library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_font(language: str = "") -> bool:
    """Whether fontconfig knows a font, any or one that covers the language."""
    try:
        config = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return False
    config.FcInitLoadConfigAndFonts.restype = ctypes.c_void_p
    config.FcPatternCreate.restype = ctypes.c_void_p
    config.FcPatternAddLangSet.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    config.FcLangSetCreate.restype = ctypes.c_void_p
    config.FcLangSetAdd.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    config.FcObjectSetCreate.restype = ctypes.c_void_p
    config.FcFontList.argtypes = [ctypes.c_void_p] * 3
    config.FcFontList.restype = ctypes.POINTER(ctypes.c_int)
    pattern = config.FcPatternCreate()
    if language:
        languages = config.FcLangSetCreate()
        config.FcLangSetAdd(languages, language.encode())
        config.FcPatternAddLangSet(pattern, b"lang", languages)
    found = config.FcFontList(config.FcInitLoadConfigAndFonts(), pattern, config.FcObjectSetCreate())
    return bool(found) and found[0] > 0  # the first member of the set is its size


def lacking_for_python() -> list[str]:
    """Packages without which nothing can be installed."""
    return _packages(PYTHON, has_module)


def lacking_for_print() -> list[str]:
    """Packages without which no certificate can be printed."""
    return _packages(LIBRARIES, has_library) + ([] if has_font() else [ANY_FONT])


def lacking_for_browser() -> list[str]:
    """Packages without which the tests with a browser, of printed pages and of the message catalogue cannot run."""
    return (
        ([] if any(shutil.which(name) for name in BROWSERS) else ["chromium"])
        + _packages(BROWSER_LIBRARIES, has_library)
        + ([] if has_font("zh-cn") else [CJK_FONT])
        + _packages(PROGRAMS, lambda name: shutil.which(name) is not None)
    )


def _packages(table: dict[str, str], is_here) -> list[str]:
    return list(dict.fromkeys(package for name, package in table.items() if not is_here(name)))


LACKING = {"python": lacking_for_python, "print": lacking_for_print, "browser": lacking_for_browser}

if __name__ == "__main__":
    print(*LACKING[sys.argv[1]]())
