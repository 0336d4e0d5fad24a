"""What a certificate is worth today: a person decided some of it, the clock decides the rest.

What a person decided outweighs the clock, and what is final outweighs what may change again:

    revoked    withdrawn for good, whatever else is true of it
    replaced   another certificate stands in its place; this one is not counted twice
    expired    its last day has passed; a suspension that outlives it no longer matters
    suspended  for the time being it does not count
    in_force   none of these

The last day is still a day of validity. Whoever was issued a certificate that starts tomorrow holds it today.
"""

from dataclasses import dataclass
from datetime import date

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does

IN_FORCE, EXPIRED, SUSPENDED, REVOKED, REPLACED = "in_force", "expired", "suspended", "revoked", "replaced"
STORED = (IN_FORCE, SUSPENDED, REVOKED)


@dataclass(frozen=True)
class Verdict:
    """A state in the words that a stranger reads."""

    code: str
    label: str
    sentence: str
    counts: bool


VERDICTS = {
    verdict.code: verdict
    for verdict in (
        Verdict(IN_FORCE, N_("有效"), N_("本证明由本平台出具，目前有效。"), True),
        Verdict(EXPIRED, N_("已过期"), N_("本证明由本平台出具，有效期已过，不再作为在岗合格的依据。"), False),
        Verdict(
            SUSPENDED,
            N_("已暂停"),
            N_("本证明由本平台出具，目前暂停使用，恢复前不作为在岗合格的依据。"),
            False,
        ),
        Verdict(REVOKED, N_("已撤销"), N_("本证明曾由本平台出具，现已撤销，不再有效。"), False),
        Verdict(REPLACED, N_("已换发"), N_("本证明已换发新证明，请以新证明为准。"), False),
    )
}


def state(
    stored_state: str, issued_on: date, expires_on: date | None, today: date, is_replaced: bool = False
) -> str:
    """The state of the certificate today; without an `expires_on` it does not lapse."""
    if stored_state not in STORED:
        raise ValueError(f"unknown stored state {stored_state!r}")
    if expires_on is not None and expires_on < issued_on:
        raise ValueError("a certificate cannot expire before it was issued")
    table = (
        (REVOKED, stored_state == REVOKED),
        (REPLACED, is_replaced),
        (EXPIRED, expires_on is not None and expires_on < today),
        (SUSPENDED, stored_state == SUSPENDED),
    )
    return next((code for code, holds in table if holds), IN_FORCE)


def verdict(
    stored_state: str, issued_on: date, expires_on: date | None, today: date, is_replaced: bool = False
) -> Verdict:
    """The state of the certificate today with its label and its sentence."""
    return VERDICTS[state(stored_state, issued_on, expires_on, today, is_replaced)]
