#!/usr/bin/env python3
"""复核一次公开抽取  Verify a public draw:  python3 verify_draw.py DOSSIER.json

Needs Python 3.8 or newer and nothing else. 退出码 0 表示全部相符，1 表示有不符。Exit code 0: everything agrees, 1: something does not.
It was written apart from the program that drew, from the description of the procedure alone.
"""

import hashlib
import json
import re
import sys
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

DIGITS = Context(prec=28, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999)
KEY = re.compile(r"[0-9a-f]{24}")
HASH = re.compile(r"[0-9a-f]{64}")
FIELDS = {"format", "frozen", "frozen_digest", "secret", "public", "revealed_at", "seed", "drawn", "inspectors", "digest"}  # fmt: skip


class Wrong(Exception):
    """不符之处 what does not agree: Chinese, English."""


def need(holds, chinese, english):
    if not holds:
        raise Wrong(chinese, english)


def sha(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def exact(text, chinese, english):
    """JSON that is spelled in the one way, so that not even a space can differ."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    need(isinstance(value, dict), chinese, english)
    need(canonical(value) == text, chinese, english)
    return value


def moment(text):
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Wrong("时间写法不对：%s" % text, "not a time: %s" % text) from None
    need(found.tzinfo is not None, "时间缺少时区：%s" % text, "a time without its zone: %s" % text)
    return found


class Verifier:
    """One pass over a dossier; each step yields what it checked, in Chinese and English, or raises Wrong."""

    def __init__(self, data):
        self.data = data

    def steps(self):
        return (self.file, self.frame, self.totals, self.halves, self.people, self.inspectors)

    def file(self):
        try:
            text = self.data.decode("utf-8")
        except UnicodeDecodeError:
            raise Wrong("文件不是 UTF-8 文本", "the file is not UTF-8 text") from None
        need(text.endswith("\n"), "文件结尾被改动", "the end of the file was changed")
        told = self.told = exact(
            text[:-1], "文件不是规范写法的 JSON", "the file is not JSON in its one spelling"
        )
        need(told.get("format") == "zhikao-draw/1" and set(told) == FIELDS, "文件格式不符", "unknown format")
        rest = {name: value for name, value in told.items() if name != "digest"}
        need(
            sha(canonical(rest)) == told["digest"],
            "文件摘要不符，内容被改动",
            "the file's digest differs: it was changed",
        )
        return "文件完整，摘要 %s" % told["digest"], "the file is whole, digest %s" % told["digest"]

    def frame(self):
        text = self.told["frozen"]
        need(
            isinstance(text, str) and sha(text) == self.told["frozen_digest"],
            "抽取名单的摘要不符",
            "the frame's digest differs",
        )
        need(text.endswith("\n"), "抽取名单结尾被改动", "the end of the frame was changed")
        first, *rest = text[:-1].split("\n")
        self.head = exact(
            first, "抽取名单的首行不是规范写法", "the head of the frame is not in its one spelling"
        )
        need(self.head.get("format") == "zhikao-frame/1", "抽取名单格式不符", "unknown format of the frame")
        self.lines, self.pool, order = [], {}, []
        for line in rest:
            parts = line.split("|")
            order.append(("PI".find(parts[0]), parts[1] if len(parts) > 1 else ""))
            if parts[0] == "P":
                need(
                    len(parts) == 5 and KEY.fullmatch(parts[1]) and KEY.fullmatch(parts[2]) and re.fullmatch("[1-9][0-9]*", parts[4]),
                    "名单中有一行写法不对：%s" % line, "a line of the frame is not well formed: %s" % line,
                )  # fmt: skip
                self.lines.append((parts[1], parts[2], parts[3], int(parts[4])))
            else:
                need(parts[0] == "I" and len(parts) == 3 and KEY.fullmatch(parts[1]), "名单中有一行写法不对：%s" % line, "a line of the frame is not well formed: %s" % line)  # fmt: skip
                self.pool[parts[1]] = set(parts[2].split(",")) if parts[2] else set()
        need(order == sorted(set(order)), "名单的次序不对或有重复", "the lines are out of order or repeated")
        return (
            "抽取名单 %d 人、可派出的检查人员 %d 人，摘要 %s" % (len(self.lines), len(self.pool), self.told["frozen_digest"]),
            "the frame has %d people and %d possible inspectors, digest %s" % (len(self.lines), len(self.pool), self.told["frozen_digest"]),
        )  # fmt: skip

    def totals(self):
        counts = {}
        for _key, _enterprise, stratum, _weight in self.lines:
            counts[stratum] = counts.get(stratum, 0) + 1
        for told in self.head["strata"]:
            need(
                told["frame"] == counts.pop(told["code"], 0) and told["universe"] == told["frame"] + told["excluded"] + told["doubled"],
                "“%s”一层人数对不上" % told["label"], "the totals of stratum %s do not reconcile" % told["code"],
            )  # fmt: skip
        need(not counts, "名单中有未列出的层", "the frame has strata that the head does not name")
        universe, excluded, doubled = (
            sum(s[name] for s in self.head["strata"]) for name in ("universe", "excluded", "doubled")
        )
        return (
            "人数相符：范围 %d = 名单 %d + 排除 %d + 同一人的其他任职 %d" % (universe, len(self.lines), excluded, doubled),
            "the totals reconcile: universe %d = frame %d + excluded %d + further posts of the same people %d" % (universe, len(self.lines), excluded, doubled),
        )  # fmt: skip

    def halves(self):
        told, head = self.told, self.head
        need(
            re.fullmatch(r"[0-9a-f]{32,}", told["secret"]),
            "密值不足 128 位",
            "the secret has fewer than 128 bits",
        )
        need(
            sha(told["secret"]) == head["commitment"],
            "密值与事先公布的承诺不符",
            "the secret does not fit the commitment",
        )
        need(
            isinstance(told["public"], str) and told["public"].strip(),
            "缺少公开数",
            "the public half is missing",
        )
        need(
            moment(head["frozen_at"]) < moment(head["source_at"]) <= moment(told["revealed_at"]),
            "时间次序不对：应先冻结，再产生公开数，再抽取", "the times are out of order: first frozen, then the public half, then drawn",
        )  # fmt: skip
        need(
            HASH.fullmatch(told["seed"]) and sha("%s:%s" % (told["secret"], told["public"])) == told["seed"],
            "种子不是由密值和公开数得出的", "the seed does not follow from the two halves",
        )  # fmt: skip
        return (
            "承诺、公开数（%s：%s）与种子 %s 相符" % (head["source"], told["public"], told["seed"]),
            "commitment, public half (%s) and seed %s agree" % (told["public"], told["seed"]),
        )

    def people(self):
        expected = []
        for stratum in self.head["strata"]:
            mine = [line for line in self.lines if line[2] == stratum["code"]]
            ordered = sorted(mine, key=self._place)
            listed, taken = [], {}
            for key, enterprise, _stratum, _weight in ordered:
                taken[enterprise] = taken.get(enterprise, 0) + 1
                if not self.head["per_enterprise"] or taken[enterprise] <= self.head["per_enterprise"]:
                    listed.append(key)
            chosen, places = stratum["chosen"], stratum["chosen"] + stratum["reserves"]
            need(
                len(listed) >= chosen,
                "“%s”一层人数不够" % stratum["label"],
                "stratum %s has too few" % stratum["code"],
            )
            for rank, key in enumerate(listed[:places], 1):
                expected.append([stratum["code"], rank, "chosen" if rank <= chosen else "reserve", key])
        need(
            self.told["drawn"] == expected,
            "抽取结果与重新计算的不同",
            "the list differs from the one computed again",
        )
        chosen = sum(1 for one in expected if one[2] == "chosen")
        self.drawn = {one[3] for one in expected}
        return (
            "重新计算得到同样的 %d 名抽中人员和 %d 名后备" % (chosen, len(expected) - chosen),
            "computing again gives the same %d chosen and %d reserves" % (chosen, len(expected) - chosen),
        )

    def _place(self, line):
        """-ln(1 - (H + 1/2) / 2**256) / weight, then the hash, then the key."""
        told = sha("%s:%s" % (self.told["seed"], line[0]))
        u = DIGITS.divide(Decimal(2**257 - 2 * int(told, 16) - 1), Decimal(2**257))
        return DIGITS.divide(DIGITS.minus(DIGITS.ln(u)), Decimal(line[3])), told, line[0]

    def inspectors(self):
        visited = {enterprise for key, enterprise, _stratum, _weight in self.lines if key in self.drawn}
        free = [key for key, conflicts in self.pool.items() if not conflicts & visited]
        free.sort(key=lambda key: (sha("%s:%s" % (self.told["seed"], key)), key))
        wanted = self.head["inspectors"]
        need(len(free) >= wanted, "没有回避情形的检查人员不够", "too few inspectors without a conflict")
        need(
            self.told["inspectors"] == free[:wanted],
            "检查人员与重新计算的不同",
            "the inspectors differ from those computed again",
        )
        return (
            "检查人员 %d 名相符，%d 名因回避未参加抽取" % (wanted, len(self.pool) - len(free)),
            "the %d inspectors agree; %d were left out for a conflict" % (wanted, len(self.pool) - len(free)),
        )


def main(arguments):
    # A console of another encoding shall not keep anybody from reading the English half.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    if len(arguments) != 1:
        print(__doc__)
        return 1
    try:
        with open(arguments[0], "rb") as file:
            verifier = Verifier(file.read())
    except OSError as problem:
        print("✗ 不能读取文件 cannot read the file: %s" % problem)
        return 1
    for step in verifier.steps():
        try:
            chinese, english = step()
        except Wrong as wrong:
            print("✗ %s\n  %s" % wrong.args)
            return 1
        except (
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            IndexError,
            ArithmeticError,
            RecursionError,
        ) as problem:
            print("✗ 文件内容不完整\n  the file is not complete: %r" % problem)
            return 1
        print("✓ %s\n  %s" % (chinese, english))
    head = verifier.head
    print("全部相符：%s（%s）\nEverything agrees." % (head["check"], head["organ"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
