"""What is filled in on the day of a check."""

from django import forms
from django.utils.translation import gettext as _


class BadgesForm(forms.Form):
    """One field for each drawn inspector: the number of the badge that she showed; empty for who did not come."""

    def __init__(self, *args, draw, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {f"badge-{one.person_id}": one.person for one in draw.inspectors.select_related("person")} if draw else {}  # fmt: skip
        for name, person in self.people.items():
            self.fields[name] = forms.CharField(
                label=_("%(name)s 的执法证号") % {"name": person.name}, max_length=40, required=False
            )

    def badges(self):
        """{person: number} of those who came."""
        return {person: self.cleaned_data[name] for name, person in self.people.items()}
