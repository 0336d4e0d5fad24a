"""Browsers in words, and addresses by a mask: pure."""

from ipaddress import ip_address

# The first mark found in what a browser says of itself; apps that show pages name the browser they are made of as well.
APPS = (
    ("dingtalk", "dingtalk"),
    ("wxwork", "wecom"),
    ("micromessenger", "wechat"),
    ("qqbrowser", "qq"),
    ("ucbrowser", "uc"),
    ("huaweibrowser", "huawei"),
    ("edg", "edge"),
    ("opr/", "opera"),
    ("firefox", "firefox"),
    ("fxios", "firefox"),
    ("crios", "chrome"),
    ("chrome", "chrome"),
    ("safari", "safari"),
)
SYSTEMS = (
    ("openharmony", "harmony"),
    ("harmonyos", "harmony"),
    ("iphone", "iphone"),
    ("ipad", "ipad"),
    ("android", "android"),
    ("windows", "windows"),
    ("mac os", "mac"),
    ("linux", "linux"),
)


def browser_of(user_agent: str) -> str:
    """A code such as `chrome/windows`; empty where nothing is known."""
    text = user_agent[:500].lower()
    app = next((code for mark, code in APPS if mark in text), "")
    system = next((code for mark, code in SYSTEMS if mark in text), "")
    return f"{app}/{system}" if app or system else ""


def masked_address(address: str) -> str:
    """An address without its end: of IPv4 three numbers, of IPv6 the first three groups."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    known = getattr(known, "ipv4_mapped", None) or known
    if known.version == 4:
        return ".".join([*str(known).split(".")[:3], "*"])
    return ":".join([*known.exploded.split(":")[:3], "*"])
