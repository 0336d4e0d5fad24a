"""What makes minutes whole, pure: who must have signed, or refused before two inspectors."""

from dataclasses import dataclass

EXAMINEE, ENTERPRISE, INSPECTOR = "examinee", "enterprise", "inspector"
DID_NOT_COME = ("absent", "excused")
WITNESSES = 2  # inspectors whose word it takes that somebody refused


@dataclass(frozen=True)
class Standing:
    """How far one version has come."""

    signed: frozenset  # sides, inspectors apart
    refused: frozenset  # sides whose refusal counts
    claimed: frozenset  # sides of whose refusal one inspector has told so far
    missing: tuple  # sides that are still wanted, in their order
    inspectors: int  # who signed
    inspectors_missing: int

    @property
    def is_confirmed(self):
        """Whether nothing is missing."""
        return not self.missing


def sides_of(conclusion):
    """Whose word is wanted besides the inspectors': whoever did not come has nothing to sign."""
    return (ENTERPRISE,) if conclusion in DID_NOT_COME else (EXAMINEE, ENTERPRISE)


def standing(conclusion, signatures, refusals, inspectors_least):
    """How far a version is, of its signatures [(side, inspector)] and its refusals [(side, inspector)]."""
    wanted = sides_of(conclusion)
    signed = {side for side, inspector in signatures if inspector is None}
    told = {side: {who for one, who in refusals if one == side} for side in wanted}
    refused = {side for side, people in told.items() if len(people) >= WITNESSES} - signed
    inspectors = len({inspector for side, inspector in signatures if inspector is not None})
    missing = [side for side in wanted if side not in signed | refused]
    short = max(inspectors_least - inspectors, 0)
    return Standing(
        frozenset(signed),
        frozenset(refused),
        frozenset(side for side, people in told.items() if people) - signed - refused,
        (*missing, *((INSPECTOR,) if short else ())),
        inspectors,
        short,
    )
