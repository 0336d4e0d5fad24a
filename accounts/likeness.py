"""How much two files look as if they were of one person, pure: names in one spelling, and reasons in words."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does

# Traditional forms that occur in names, each before its simplified one; a name is compared, never rewritten.
PAIRS = (
    "張张陳陈劉刘楊杨黃黄趙赵吳吴孫孙馬马鄭郑許许韓韩馮冯鄧邓葉叶蘇苏呂吕盧卢蔣蒋賈贾鍾钟鐘钟譚谭陸陆範范韋韦鄒邹閻阎龍龙"
    "賀贺顧顾龔龚錢钱湯汤嚴严喬乔賴赖萬万聶聂齊齐歐欧陽阳諸诸東东寧宁莊庄塗涂紀纪駱骆華华國国偉伟麗丽蘭兰鳳凤強强軍军傑杰"
    "濤涛紅红艷艳靜静潔洁瓊琼鵬鹏飛飞輝辉亞亚樹树義义興兴慶庆穎颖瑩莹雲云夢梦嬌娇愛爱寶宝貴贵財财長长順顺學学書书誌志誠诚"
    "謙谦賢贤賓宾達达遠远進进運运連连銳锐鋒锋鋼钢鐵铁錦锦鎮镇開开關关陣阵際际雙双難难電电霧雾韻韵響响頌颂顏颜願愿風风養养"
    "駿骏驥骥驊骅魯鲁鴻鸿鶴鹤鶯莺黨党點点齡龄會会倫伦備备傳传億亿優优勛勋勝胜勵励勞劳區区協协單单燁烨煒炜煥焕熱热爾尔獻献"
    "瑋玮環环瓏珑畢毕當当盡尽監监碩硕禮礼禎祯穩稳競竞筆笔節节築筑簡简純纯紹绍經经綱纲維维緒绪緯纬縱纵績绩繼继續续纓缨羅罗"
    "習习聖圣聞闻聯联聰聪聲声職职膽胆臨临與与舉举舊旧芻刍蓮莲蔭荫薈荟藍蓝藝艺蘆芦處处號号裝装補补見见規规視视親亲覺觉觀观"
    "計计記记訓训設设詩诗話话詳详語语說说調调談谈諒谅論论諾诺謀谋謝谢證证識识譯译議议護护譽誉變变豐丰貞贞貝贝負负責责貫贯"
    "貿贸費费資资賦赋質质購购贊赞贏赢趕赶躍跃車车軒轩載载輕轻輪轮轉转辦办農农邁迈還还邊边鄉乡醫医釗钊鈞钧鈴铃鉅钜銀银銘铭"
    "鋭锐錚铮鍵键鎖锁鑄铸鑒鉴門门閃闪閔闵間间闊阔陰阴隨随險险雋隽頂顶項项須须預预領领頤颐頻频題题類类顯显飄飘館馆馳驰駕驾"
    "騰腾驚惊體体鮮鲜鯤鲲鳴鸣鵑鹃鸞鸾麥麦龐庞堅坚報报場场塊块墳坟壯壮壽寿奮奋婭娅嫻娴嬋婵寬宽審审將将專专導导屆届崗岗嵐岚"
    "嶽岳師师帥帅帶带廣广廠厂彥彦後后從从恆恒悅悦愷恺憲宪懷怀戰战戲戏擁拥擇择據据揚扬撫抚擴扩敵敌數数斕斓時时晉晋晝昼暉晖"
    "暢畅曉晓曄晔曆历曠旷條条棟栋業业極极榮荣構构槍枪樂乐樓楼標标樺桦橋桥機机檢检櫻樱權权歲岁歸归殘残氣气決决沖冲況况淨净"
    "淵渊減减測测渾浑溫温準准滄沧滿满漢汉潤润澤泽濱滨瀟潇灃沣"
)
SIMPLER = {ord(old): new for old, new in zip(PAIRS[::2], PAIRS[1::2], strict=True)}
DOTS = "·•・.．‧"

PLACE, TAIL, TYPING, NUMBERLESS, SPELLING = "place", "tail", "typing", "numberless", "spelling"
REASONS = {  # beside the name; in the order of their weight: what speaks most for one person stands first
    TYPING: (60, N_("证件号码的地区一致、其余只差一两位，像是录入有误")),
    TAIL: (45, N_("手机号后四位相同")),
    PLACE: (40, N_("在同一企业任过职")),
    NUMBERLESS: (20, N_("其中一人没有登记证件号码")),
    SPELLING: (15, N_("姓名只有繁简体、全半角或空格的差别")),
}
DIFFER = (
    2  # so many of an ID number's last four may differ: one wrong digit, and the check digit that follows it
)


@dataclass(frozen=True)
class Side:
    """What is compared of one person; `number` is asked for only where the masks already look alike."""

    key: object
    name: str
    phone_mask: str = ""
    id_mask: str = ""
    places: frozenset = frozenset()
    number: object = field(default="", compare=False)  # the ID number, or a function that gives it

    @property
    def tail(self) -> str:
        """The last four of the phone, as the mask shows them."""
        return self.phone_mask[-4:] if len(self.phone_mask) >= 11 else ""


@dataclass(frozen=True)
class Likeness:
    """Two people and why they may be one, the weightiest reason first."""

    first: object
    second: object
    reasons: tuple[str, ...]

    @property
    def score(self) -> int:
        """How much speaks for it."""
        return sum(REASONS[reason][0] for reason in self.reasons)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The reasons in words, to be translated by the caller."""
        return tuple(REASONS[reason][1] for reason in self.reasons)


@lru_cache(maxsize=65536)
def spelled(name: str) -> str:
    """A name in its one spelling: half width, without spaces and dots, simplified, capitals aside."""
    plain = unicodedata.normalize("NFKC", name)
    kept = "".join(c for c in plain if not c.isspace() and c not in DOTS and unicodedata.category(c) != "Cf")
    return kept.translate(SIMPLER).casefold()


def masks_alike(first: str, second: str) -> bool:
    """Whether two masks show the same region and an end that differs little."""
    if len(first) != 18 or len(second) != 18 or first[:6] != second[:6]:
        return False
    return _differ(first[-4:], second[-4:]) <= DIFFER


def numbers_alike(first: str, second: str) -> bool:
    """Whether one of two different ID numbers looks like the other mistyped: a digit or two, as a slip of the hand makes them."""
    if len(first) != 18 or len(second) != 18 or first == second:
        return False
    if first[:14] == second[:14]:
        return _differ(first[14:], second[14:]) <= DIFFER
    # One digit of the region or the date, and the check digit with it; or two that changed places.
    return first[14:17] == second[14:17] and (
        _differ(first[:14], second[:14]) == 1 or _swapped(first[:14], second[:14])
    )


def _differ(first, second):
    return sum(a != b for a, b in zip(first, second, strict=True))


def _swapped(first, second):
    places = [i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    if len(places) != 2 or places[1] != places[0] + 1:
        return False
    at = places[0]
    return first[at] == second[at + 1] and first[at + 1] == second[at]


def reasons(first: Side, second: Side) -> tuple[str, ...]:
    """Why two people of one name may be one; empty when nothing but the name speaks for it."""
    if not spelled(first.name) or spelled(first.name) != spelled(second.name):
        return ()
    found = []
    if masks_alike(first.id_mask, second.id_mask) and numbers_alike(_number(first), _number(second)):
        found.append(TYPING)
    if first.tail and first.tail == second.tail:
        found.append(TAIL)
    if first.places & second.places:
        found.append(PLACE)
    if bool(first.id_mask) != bool(second.id_mask):
        found.append(NUMBERLESS)
    if first.name != second.name:
        found.append(SPELLING)
    return tuple(found)


def _number(side):
    return side.number() if callable(side.number) else side.number


def namesakes(names: Iterable[tuple[object, str]]) -> list[list]:
    """Groups of keys whose names are one in their one spelling."""
    groups = {}
    for key, name in names:
        groups.setdefault(spelled(name), []).append(key)
    return [keys for name, keys in groups.items() if name and len(keys) > 1]


def pairs(sides: Iterable[Side], ruled_out=frozenset()) -> list[Likeness]:
    """All pairs that look like one person, the likeliest first; `ruled_out` are pairs of keys that somebody told apart."""
    groups = {}
    for side in sides:
        groups.setdefault(spelled(side.name), []).append(side)
    found = []
    for group in groups.values():
        for first, second in combinations(sorted(group, key=lambda side: side.key), 2):
            if (first.key, second.key) in ruled_out:
                continue
            if why := reasons(first, second):
                found.append(Likeness(first.key, second.key, why))
    return sorted(found, key=lambda one: (-one.score, one.first, one.second))
