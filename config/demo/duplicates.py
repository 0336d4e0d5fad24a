"""Chapter four: people who were entered twice, and one of whom the two files were made one."""

from accounts.actions import appoint, dismiss, enter_person, merge
from accounts.models import Enterprise, User
from config.demo import files


def load(today):
    """Enter each double in the words of whoever met her the second time; where a reason stands, the files are merged."""
    city = User.objects.get(username="city")
    for row in files.rows("duplicates.csv", today):
        known = User.objects.get(name=row["与谁是同一人"], id_hash__isnull=False)
        double = enter_person(name=row["姓名"], id_number=row["身份证号"], phone=row["手机号"])
        enterprise = Enterprise.objects.select_related("unit").get(uscc=row["统一社会信用代码"])
        post = appoint(
            double,
            enterprise=enterprise,
            kind=row["岗位"],
            appointed_on=files.day(row["任职日期"]),
            by=city,
        )
        if row["离任日期"]:
            dismiss(post, ended_on=files.day(row["离任日期"]), reason="离职", by=city)
        if row["合并理由"]:
            merge(known, double, reason=row["合并理由"], by=city)
