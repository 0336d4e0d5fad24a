"""Fields of forms that take what a browser's own pickers send, and refuse with a sentence what would break what comes after."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

EARLIEST, LATEST = date(1950, 1, 1), date(2999, 12, 31)
WHEN = "%Y-%m-%dT%H:%M"
KEY_DIGITS = 18  # what a key of a row has at most
FAR = _("日期应在 1950 年至 2999 年之间。")


class DayInput(forms.DateInput):
    """A day, by the browser's own picker."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day of our time: reckoning from one at the end of the calendar would leave it."""

    widget = DayInput
    default_validators = [MinValueValidator(EARLIEST, FAR), MaxValueValidator(LATEST, FAR)]


class MomentInput(forms.DateTimeInput):
    """A day and a time, by the browser's own picker."""

    input_type = "datetime-local"

    def __init__(self, attrs=None):
        super().__init__(attrs, format=WHEN)


class MomentField(forms.DateTimeField):
    """A moment of our time, as the browser's own picker writes it."""

    widget = MomentInput
    input_formats = [WHEN]

    def to_python(self, value):
        """Look at the year before the time zone is reckoned with."""
        if isinstance(value, str) and value[:4].isdecimal():
            year = int(value[:4])
            if not EARLIEST.year <= year <= LATEST.year:
                raise ValidationError(FAR, code="far")
        return super().to_python(value)


class SeveralField(forms.ModelMultipleChoiceField):
    """Several rows by their keys; what no key can be is asked of no database."""

    def clean(self, value):
        """A number longer than any key would be an error of the database, not a choice that is not offered."""
        for one in value if isinstance(value, list | tuple) else ():
            if len(str(one)) > KEY_DIGITS:
                raise ValidationError(
                    self.error_messages["invalid_choice"],
                    code="invalid_choice",
                    params={"value": str(one)[:20]},
                )
        return super().clean(value)
