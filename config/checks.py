"""Settings that would hurt somebody later are told at the start, in one sentence each.

An Error keeps the house shut; a Warning is printed and the house opens. Each check is a function of the settings
alone, so a test can hand it a foolish table. SILENCED_CHECKS=config.E007 silences one, for those who know better.
"""

from base64 import b64decode
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Warning, register
from django.utils.translation import gettext_lazy as _

LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]", "::1", ".localhost", "testserver"}
KEY_BYTES = 32
SHORTEST_SECRET = 32
PUBLIC_DEMO_PASSWORD = "zhikao-demo-2026"
# WAL needs memory that all processes share, and locks that hold: file systems that come over a wire give neither.
REMOTE_FILE_SYSTEMS = {
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gfs2", "ocfs2", "davfs",
}  # fmt: skip
LOCAL_FUSE = {"fuse.fuse-overlayfs"}  # the own disk of a container without root
MOUNTS = Path("/proc/mounts")


def outside_hosts(house) -> list[str]:
    """The allowed host names that are not this machine's own."""
    return [host for host in house.ALLOWED_HOSTS if host not in LOCAL_HOSTS]


@register
def debugging_in_public(app_configs=None, house=settings, **kwargs):
    """Django's debugging pages show settings and data to whoever causes an error."""
    hosts = outside_hosts(house)
    if not (house.DEBUG and hosts):
        return []
    return [
        Error(
            _("DEBUG 已打开，而 ALLOWED_HOSTS 含有本机以外的主机名（%(hosts)s）：出错页会泄露配置和数据。")
            % {"hosts": ", ".join(hosts)},
            hint=_("去掉 DEBUG，或只允许本机访问。"),
            id="config.E001",
        )
    ]


@register
def weak_secret(app_configs=None, house=settings, **kwargs):
    """Sessions and links are only as good as the key that signs them."""
    if len(house.SECRET_KEY) >= SHORTEST_SECRET and len(set(house.SECRET_KEY)) >= 8:
        return []
    return [
        Error(
            _("SECRET_KEY 太短或太简单：至少 %(length)s 个字符，且须随机。") % {"length": SHORTEST_SECRET},
            hint=_("不设置 SECRET_KEY 时，系统自行生成并保存在 VAR_DIR 中。"),
            id="config.E002",
        )
    ]


@register
def keys_for_personal_data(app_configs=None, house=settings, **kwargs):
    """A key of another length would fail at the first person, after the doors have opened."""
    bad = [name for name, key in house.FIELD_KEYS.items() if not _is_key(key)]
    if house.FIELD_KEYS and not bad:
        return []
    return [
        Error(
            _('FIELD_KEYS 有误（%(names)s）：每把密钥须为 32 字节的 Base64，例如 {"k1": "…"}。')
            % {"names": ", ".join(bad) or _("没有密钥")},
            hint=_("生成一把密钥：openssl rand -base64 32。旧密钥要保留，否则已加密的证件号无法读出。"),
            id="config.E003",
        )
    ]


def _is_key(key) -> bool:
    try:
        return len(b64decode(key, validate=True)) == KEY_BYTES
    except (ValueError, TypeError):
        return False


@register
def address_for_strangers(app_configs=None, house=settings, **kwargs):
    """BASE_URL is printed into every certificate's QR code and cannot be called back."""
    address = urlsplit(house.BASE_URL)
    if address.scheme not in ("http", "https") or not address.hostname:
        return [
            Error(
                _("BASE_URL（%(url)s）不是完整的网址。") % {"url": house.BASE_URL},
                hint=_("写成 https://考核平台的域名 。"),
                id="config.E004",
            )
        ]
    problems = []
    if house.BEHIND_TLS and address.scheme == "http":
        problems.append(
            Error(
                _("BEHIND_TLS 已打开，而 BASE_URL（%(url)s）仍是 http：证书二维码会印上错误的网址。")
                % {"url": house.BASE_URL},
                hint=_("把 BASE_URL 改为 https 开头。"),
                id="config.E005",
            )
        )
    if address.hostname in ("127.0.0.1", "localhost", "::1", "0.0.0.0") and outside_hosts(house):
        problems.append(
            Warning(
                _("BASE_URL（%(url)s）只有本机打得开，而平台允许从别处访问：证书上的二维码别人无法核验。")
                % {"url": house.BASE_URL},
                hint=_("把 BASE_URL 设为访问者所用的网址。"),
                id="config.W001",
            )
        )
    return problems


@register
def several_nodes(app_configs=None, house=settings, **kwargs):
    """What one machine keeps in files, several machines must keep in common."""
    if house.WEB_NODES <= 1:
        return []
    if house.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return [
            Error(
                _("WEB_NODES 为 %(nodes)s，而数据库是 SQLite：多台机器不能共用一个 SQLite 文件。")
                % {"nodes": house.WEB_NODES},
                hint=_("设置 DATABASE_URL，改用 PostgreSQL。"),
                id="config.E006",
            )
        ]
    return []


@register
def visitors_behind_a_proxy(app_configs=None, house=settings, **kwargs):
    """Behind a proxy everybody comes from the proxy, unless it is trusted to say from where."""
    if not house.BEHIND_TLS or house.PROXY_COUNT:
        return []
    return [
        Warning(
            _(
                "BEHIND_TLS 已设置而 PROXY_COUNT 为 0：所有访问者都以代理的地址计，限速会互相影响，审计也记不到真实来源。"
            ),
            hint=_("把 PROXY_COUNT 设为前面代理的层数。"),
            id="config.W002",
        )
    ]


@register
def database_on_the_wire(app_configs=None, house=settings, mounts=None, **kwargs):
    """SQLite over a network loses answers sooner or later; say no while it is empty."""
    database = house.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3") or str(database["NAME"]).startswith("file:"):
        return []
    kind, point = file_system_of(Path(database["NAME"]), _mounts() if mounts is None else mounts)
    if not is_remote(kind):
        return []
    told = {"path": database["NAME"], "kind": kind}
    if point == "/":
        # The whole disk of a sandbox: nobody else mounts it, so locks and shared memory hold.
        return [
            Warning(
                _("数据库文件 %(path)s 所在的根文件系统是 %(kind)s；请确认没有别的机器同时使用它。") % told,
                id="config.W003",
            )
        ]
    return [
        Error(
            _("数据库文件 %(path)s 位于网络文件系统（%(kind)s）上，SQLite 在那里会丢失或损坏数据。") % told,
            hint=_("把 VAR_DIR 设到本机磁盘上，或设置 DATABASE_URL 改用 PostgreSQL。"),
            id="config.E007",
        )
    ]


def _mounts() -> str:
    try:
        return MOUNTS.read_text()
    except OSError:
        return ""


def file_system_of(path: Path, mounts: str) -> tuple[str, str]:
    """Kind and mount point of the file system that holds the path, by a text like /proc/mounts; the later line hides the earlier."""
    path = path.resolve()
    kind, point = "", ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        place = fields[1].encode("latin-1", "backslashreplace").decode("unicode_escape")  # \040 is a space
        if path.is_relative_to(place) and len(place) >= len(point):
            kind, point = fields[2], place
    return kind, point


def is_remote(kind: str) -> bool:
    """Whether a file system of this kind comes over a wire or out of another machine's process."""
    return kind in REMOTE_FILE_SYSTEMS or (kind.startswith("fuse.") and kind not in LOCAL_FUSE)


@register
def demo_in_public(app_configs=None, house=settings, **kwargs):
    """Everybody knows the demo's password."""
    hosts = outside_hosts(house)
    if not (house.DEMO and hosts and house.DEMO_PASSWORD == PUBLIC_DEMO_PASSWORD):
        return []
    return [
        Warning(
            _("演示账号（含系统管理员）的口令是公开的，而 ALLOWED_HOSTS 含有本机以外的主机名（%(hosts)s）。")
            % {"hosts": ", ".join(hosts)},
            hint=_("正式使用请设 DEMO=0 并换一个空的 VAR_DIR；演示请设 DEMO_PASSWORD。"),
            id="config.W004",
        )
    ]


@register
def a_pooler_without_a_way_past_it(app_configs=None, house=settings, **kwargs):
    """The lock under which nodes prepare one after another would be taken on one connection and given back on another."""
    if not house.BEHIND_POOLER or house.DIRECT_DATABASE_URL:
        return []
    return [
        Error(
            _("BEHIND_POOLER 已打开，而没有 DIRECT_DATABASE_URL：更新数据库结构、备份和恢复须绕过连接池。"),
            hint=_("DIRECT_DATABASE_URL 写数据库本身的地址，例如 postgres://zhikao@10.0.0.21:5432/zhikao 。"),
            id="config.E008",
        )
    ]


@register
def office_by_password_alone(app_configs=None, house=settings, **kwargs):
    """Whoever learns a regulator's or an administrator's password would be in."""
    hosts = outside_hosts(house)
    if house.SECOND_FACTOR or house.DEMO or not hosts:
        return []
    return [
        Warning(
            _(
                "SECOND_FACTOR 已关闭，而 ALLOWED_HOSTS 含有本机以外的主机名（%(hosts)s）：监管和管理账号只凭密码就能登录。"
            )
            % {"hosts": ", ".join(hosts)},
            hint=_("去掉 SECOND_FACTOR=0。"),
            id="config.W005",
        )
    ]


@register
def short_messages(app_configs=None, house=settings, **kwargs):
    """A code that was never sent looks to everybody like a slow telephone."""
    if house.SMS_ADAPTER == "file":
        if house.DEBUG or house.DEMO or not outside_hosts(house):
            return []
        return [
            Warning(
                _("SMS_ADAPTER 为 file：短信验证码只写入 %(file)s，谁也收不到，手机验证码登录实际不可用。")
                % {"file": house.SMS_FILE},
                hint=_("接入短信网关：SMS_ADAPTER=http，并设 SMS_URL、SMS_KEY_ID、SMS_SECRET。"),
                id="config.W010",
            )
        ]
    if house.SMS_ADAPTER != "http":
        return []
    address = urlsplit(house.SMS_URL)
    at_home = address.scheme == "http" and (address.hostname or "") in LOCAL_HOSTS
    faults = {
        "SMS_URL": not address.hostname or not (address.scheme == "https" or at_home),
        "SMS_KEY_ID": not house.SMS_KEY_ID,
        "SMS_SECRET": len(house.SMS_SECRET) < SHORTEST_SECRET,
    }
    if not any(faults.values()):
        return []
    return [
        Error(
            _("短信网关的配置有误：%(names)s。")
            % {"names": ", ".join(name for name, is_wrong in faults.items() if is_wrong)},
            hint=_("SMS_URL 须为 https 地址（本机可用 http），SMS_SECRET 至少 32 个字符。"),
            id="config.E010",
        )
    ]


@register
def accounts_elsewhere(app_configs=None, house=settings, **kwargs):
    """A way in that is half configured would send people away and never take them back."""
    wrong = [
        f"{code}.{name}"
        for code, given in house.OUTSIDE.items()
        for name, value in given.items()
        if not (_is_safe(value) if name in ("site", "open", "api") else value)
    ]
    if not wrong:
        return []
    return [
        Error(
            _("外部账号登录的配置有误：%(names)s。") % {"names": ", ".join(wrong)},
            hint=_(
                "应用标识与密钥须同时设置（企业微信还要应用 AgentId）；地址须以 https 开头（本机可用 http）。"
            ),
            id="config.E014",
        )
    ]


def _is_safe(url) -> bool:
    address = urlsplit(url)
    at_home = address.scheme == "http" and (address.hostname or "") in LOCAL_HOSTS
    return bool(address.hostname) and (address.scheme == "https" or at_home) and not url.endswith("/")
