from supervision.models.amending import AmendmentProposal, AmendmentRuling
from supervision.models.checks import AnnualPlan, Exclusion, Numbering, SpotCheck
from supervision.models.draws import (
    Draw,
    DrawnCandidate,
    DrawnInspector,
    DrawSecret,
    FrameLine,
    Interest,
    Replacement,
    Reveal,
    Voiding,
)
from supervision.models.evidence import Evidence
from supervision.models.failures import (
    Decision,
    Extension,
    ExtensionRuling,
    Recheck,
    Rectification,
    Report,
    Retake,
    Revocation,
    Service,
)
from supervision.models.incidents import Incident
from supervision.models.minutes import (
    Minutes,
    Objection,
    ObjectionDecision,
    Publication,
    Refusal,
    Side,
    Signature,
    Withdrawal,
)
from supervision.models.notices import AbsenceDecision, AbsenceRequest, NoticeReading, SpotNotice
from supervision.models.packages import EvidencePackage
from supervision.models.paper import PaperResult, PaperReview, PrintedForm
from supervision.models.profiles import RuleProfile
from supervision.models.sittings import Attendance, Examinee, Outcome

__all__ = [
    "AbsenceDecision",
    "AbsenceRequest",
    "AmendmentProposal",
    "AmendmentRuling",
    "AnnualPlan",
    "Attendance",
    "Decision",
    "Draw",
    "DrawSecret",
    "DrawnCandidate",
    "DrawnInspector",
    "Evidence",
    "EvidencePackage",
    "Examinee",
    "Exclusion",
    "Extension",
    "ExtensionRuling",
    "FrameLine",
    "Incident",
    "Interest",
    "Minutes",
    "NoticeReading",
    "Numbering",
    "Objection",
    "ObjectionDecision",
    "Outcome",
    "PaperResult",
    "PaperReview",
    "PrintedForm",
    "Publication",
    "Recheck",
    "Rectification",
    "Refusal",
    "Replacement",
    "Report",
    "Retake",
    "Reveal",
    "Revocation",
    "RuleProfile",
    "Service",
    "Side",
    "Signature",
    "SpotCheck",
    "SpotNotice",
    "Voiding",
    "Withdrawal",
]
