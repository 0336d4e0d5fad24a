"""Training files as the rows of a workbook, a chapter a sheet, in Chinese."""

NONE = [{"说明": "本年度没有记录。"}]
CHAPTERS = {
    "courses": (
        "课程",
        {"课程": "name", "版次": "edition", "开始": "from", "完成": "to", "状态": "state", "学完课时": "lessons", "全部课时": "lessons_all",
         "本年度核定（分钟）": "minutes", "全课（分钟）": "minutes_all"},
    ),
    "trainings": (
        "其他培训",
        {"类别": "label", "名称": "name", "开始": "from", "完成": "to", "学时（分钟）": "minutes", "备注": "note"},
    ),
    "exams": (
        "考试",
        {"日期": "on", "考试": "name", "第几次": "attempt", "得分": "points", "满分": "max_points", "结果": "state"},
    ),
    "spot_checks": (
        "抽查考核",
        {"日期": "on", "名称": "name", "组织机关": "organ", "编号": "serial", "得分": "points", "结果": "state"},
    ),
    "certificates": (
        "合格证明",
        {"编号": "number", "名称": "title", "签发": "from", "有效期至": "until", "状态": "state"},
    ),
}  # fmt: skip


def sheets(files):
    """The chapters of files for a workbook: {title: rows}; takes them as they are told on paper, see `printing_files`."""
    found = {"人员": [_person(**one) for one in files]}
    for chapter, (title, columns) in CHAPTERS.items():
        rows = [
            _who(one["it"]) | {heading: row[name] for heading, name in columns.items()}
            for one in files
            for row in one["it"][chapter]
        ]
        found[title] = rows or NONE
    return found


def _who(it):
    return {"姓名": it["person"]["name"], "证件号码": it["person"]["id"]}


def _person(it, version, confirmed):
    return _who(it) | {
        "岗位": "；".join(f"{row['label']} {row['span']}" for row in it["posts"]),
        "年度": it["year"],
        "核定学时（分钟）": it["minutes"],
        "本人确认": confirmed["at"] if confirmed else "",
        "档案编号": version.serial,
        "内容摘要": version.digest,
    }
