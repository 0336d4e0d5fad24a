"""When two answers to a blank are the same: six switches, each on or off for every blank.

Both the accepted spelling and what was typed go through the same steps, so a step need not be a perfect
reading of Chinese; it must only bring equal answers together and keep different ones apart.
"""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from ..words import N_

SWITCHES = {
    "width": N_("全半角"),
    "space": N_("空格"),
    "case": N_("大小写"),
    "numerals": N_("中文数字"),
    "units": N_("单位"),
    "script": N_("简繁"),
}
DEFAULT_SWITCHES = ("width", "space", "case", "numerals")

DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
QUOTES = {ord("“"): '"', ord("”"): '"', ord("‘"): "'", ord("’"): "'"}
INVISIBLE = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]+")

# Characters of quality supervision whose simplified form is unambiguous; reading every text right would
# take a dictionary of words, and this table makes no such claim.
TRADITIONAL = (
    "產國質業檢驗監責負員總長銷標準認證許規則條處罰風險單報達經營機構廠賣買購進貨價額萬億兩個時間電動車輛氣熱鍋爐壓縮纜線絕緣"
    "樣選題試場書記錄會議導領綜關係實際應當為從與對這過還發現問異複請歲歷屆滿號碼類別損壞補償務權執術據備設計製圖層紙結編寫讀"
    "學習練訓養護衛傳輸節約環廢棄鋼鐵銅鋁鋅錫銀膠紡織絲綿纖維顏淺軟寬輕燈燒煙傷兒婦藥醫嬰齡雙開閉啟斷極陽陰強頻譜溫濕塵滲農飼"
    "糧種園樓牆門廳廚櫃廂艙橋軌飛網絡盤庫檔戶頭臺灣廣東陝遼寧蘇滬贛閩貴雲肅龍於後貳陸"
)
SIMPLIFIED = (
    "产国质业检验监责负员总长销标准认证许规则条处罚风险单报达经营机构厂卖买购进货价额万亿两个时间电动车辆气热锅炉压缩缆线绝缘"
    "样选题试场书记录会议导领综关系实际应当为从与对这过还发现问异复请岁历届满号码类别损坏补偿务权执术据备设计制图层纸结编写读"
    "学习练训养护卫传输节约环废弃钢铁铜铝锌锡银胶纺织丝绵纤维颜浅软宽轻灯烧烟伤儿妇药医婴龄双开闭启断极阳阴强频谱温湿尘渗农饲"
    "粮种园楼墙门厅厨柜厢舱桥轨飞网络盘库档户头台湾广东陕辽宁苏沪赣闽贵云肃龙于后贰陆"
)
TO_SIMPLIFIED = str.maketrans(TRADITIONAL, SIMPLIFIED)

# The first spelling of a row is the one kept. Spellings are compared without regard to case.
UNITS = (
    ("kg", "公斤", "千克", "kilogram"),
    ("g", "克"),
    ("mg", "毫克"),
    ("t", "吨", "公吨"),
    (
        "km/h",
        "公里/小时",
        "公里/时",
        "千米/小时",
        "千米/时",
        "公里每小时",
        "千米每小时",
        "公里每时",
        "kmh",
        "kph",
    ),
    ("m/s", "米/秒", "米每秒"),
    ("km", "公里", "千米"),
    ("m", "米", "公尺"),
    ("cm", "厘米", "公分"),
    ("mm", "毫米"),
    ("μm", "um", "微米"),
    ("m2", "m²", "平方米", "平米", "㎡"),
    ("m3", "m³", "立方米", "立方"),
    ("L", "升", "公升"),
    ("mL", "毫升"),
    ("°C", "℃", "摄氏度", "度C"),
    ("kW", "千瓦"),
    ("W", "瓦", "瓦特"),
    ("V", "伏", "伏特"),
    ("kV", "千伏"),
    ("A", "安", "安培"),
    ("mA", "毫安"),
    ("Ah", "安时", "A·h", "A.h"),
    ("Wh", "瓦时", "W·h", "W.h"),
    ("kWh", "千瓦时", "kW·h", "kW.h"),
    ("Hz", "赫", "赫兹"),
    ("Ω", "欧", "欧姆"),
    ("N", "牛", "牛顿"),
    ("Pa", "帕", "帕斯卡"),
    ("kPa", "千帕"),
    ("MPa", "兆帕"),
    ("h", "小时", "时", "个小时", "hour", "hours"),
    ("min", "分钟", "minute", "minutes"),
    ("s", "秒", "秒钟", "second", "seconds"),
    ("d", "天", "日", "day", "days"),
    ("个月", "月", "month", "months"),
    ("年", "周年", "year", "years"),
    ("元", "元整", "圆", "yuan", "RMB"),
    ("%", "个百分点"),
)


UNIT_OF = {spelling.casefold(): row[0] for row in UNITS for spelling in row}
_SPELLINGS = sorted(UNIT_OF, key=len, reverse=True)  # the longest first: km/h is not km
UNIT_AFTER_NUMBER = re.compile(
    r"(?<=[0-9零〇一二三四五六七八九十百千万亿两])\s?("
    + "|".join(re.escape(one) + ("(?![A-Za-z])" if one[-1].isascii() else "") for one in _SPELLINGS)
    + ")",
    re.IGNORECASE,
)

DIGITS = {
    **{sign: value for value, sign in enumerate("零一二三四五六七八九")},
    **{sign: value for value, sign in enumerate("壹贰叁肆伍陆柒捌玖", 1)},
    "〇": 0,
    "○": 0,
    "两": 2,
}
TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}
SCORES = str.maketrans({"廿": "二十", "卅": "三十"})
_DIGIT, _TIMES = "".join(DIGITS), "".join([*TENS, *MYRIADS])
_NUMBER = rf"(?:[0-9]|[{_DIGIT}十拾])(?:[{_DIGIT}{_TIMES}]|[0-9]|[.点](?=[0-9{_DIGIT}]))*"
NUMBER = re.compile(_NUMBER)
PART_OF = re.compile(rf"(百|千|万|{_NUMBER})分之({_NUMBER}|百)")
TOKEN = re.compile(rf"[0-9]+(?:\.[0-9]+)?|[{_DIGIT}{_TIMES}]")
THOUSANDS_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
PREFIXED_UNITS = "克米瓦帕伏焦卡赫安"  # 五千克 is five kilograms: here 千 belongs to the unit
SHARES = {"百": "%", "千": "‰", "万": "/10000"}


def normalise(text, switches=DEFAULT_SWITCHES):
    """Give the text that an answer is compared by; outer white space never counts, for nobody can see it."""
    text = text.strip()
    for switch, step in STEPS.items():
        if switch in switches:
            text = step(text)
    return text.strip()


def _width(text):
    return unicodedata.normalize("NFKC", text).translate(DASHES | QUOTES)


def _space(text):
    return INVISIBLE.sub("", text)


def _script(text):
    return text.translate(TO_SIMPLIFIED)


def _numerals(text):
    text = THOUSANDS_COMMA.sub("", text.translate(SCORES))
    return NUMBER.sub(_number_at, PART_OF.sub(_share_at, text))


def _share_at(found):
    whole, part = found.groups()
    part = "100" if part == "百" else arabic(part)
    return part + (SHARES[whole] if whole in SHARES else f"/{arabic(whole)}")


def _number_at(found):
    run, following = found[0], found.string[found.end() : found.end() + 1]
    if len(run) > 1 and run[-1] in "百千" and following and following in PREFIXED_UNITS:
        return arabic(run[:-1]) + run[-1]
    return arabic(run)


def arabic(run):
    """Give a run of Chinese (or mixed) numerals in Arabic digits; what is no number stays as it is."""
    if run.isascii():
        return run
    whole, point, rest = run.partition("点")
    if point:
        scale = rest[-1:] if rest[-1:] in TENS or rest[-1:] in MYRIADS else ""
        decimals = rest.removesuffix(scale)
        if not all(sign in DIGITS or sign.isdecimal() for sign in decimals):
            return run
        try:
            value = Decimal(f"{arabic(whole)}.{_positional(decimals)}")
        except InvalidOperation:
            return run
        return _plain(value * (TENS | MYRIADS)[scale]) if scale else f"{value:f}"
    if not any(sign in TENS or sign in MYRIADS for sign in run):
        return _positional(run)
    value = _valued(TOKEN.findall(run))
    return run if value is None else _plain(value)


def _positional(run):
    return "".join(str(DIGITS.get(sign, sign)) for sign in run)


def _valued(tokens):
    total = section = Decimal(0)
    number, scale, largest, zero = None, 1, 1, False
    for token in tokens:
        if token in TENS:
            section += (1 if number is None else number) * TENS[token]
            number, scale, zero = None, TENS[token], False
        elif token in MYRIADS:
            section += number or 0
            times = MYRIADS[token]
            total = (total + section) * times if times > largest else total + section * times
            section, number, scale, zero = Decimal(0), None, times, False
            largest = max(largest, times)
        elif number is not None and not zero:
            return None  # two numbers side by side, such as 三五十
        else:
            zero = DIGITS.get(token) == 0
            number = None if zero else Decimal(DIGITS.get(token, token))
            if zero:
                scale = 1
    # A last digit after a large scale means the next smaller one: 一百五 is 150, 一万五 is 15000.
    short = number is not None and scale > 10 and number < 10
    return total + section + (number or 0) * (scale // 10 if short else 1)


def _plain(value):
    return f"{value.normalize():f}"


def _units(text):
    whole = UNIT_OF.get(text.strip().casefold())
    return whole or UNIT_AFTER_NUMBER.sub(lambda found: UNIT_OF[found[1].casefold()], text)


STEPS = {
    "width": _width,
    "space": _space,
    "script": _script,
    "numerals": _numerals,
    "units": _units,
    "case": str.casefold,
}
