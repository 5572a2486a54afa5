"""What somebody shows at a gate, and what is decided about it: the words between scenarios and the doorkeeper."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edgeguard import contract


class Means(StrEnum):
    """How one may ask to be let in."""

    FACE = "face"
    CARD = "card"
    PIN = "pin"
    QR = "qr"
    PLATE = "plate"
    GUARD = "guard"


class Outcome(StrEnum):
    """Last part of the event's code too: ACCESS.FACE.GRANTED, VEHICLE.PLATE.EXPIRED."""

    GRANTED = "granted"
    DENIED = "denied"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SPOOF = "spoof"


class Reason(StrEnum):
    """Why, in one word; docs/access.md says what each means."""

    LISTED = "listed"
    ONE_DOUBTFUL_CHARACTER = "one_doubtful_character"
    OPENED_BY_GUARD = "opened_by_guard"
    PASSED_BACK = "passed_back"  # in without out, at a gate that opens all the same

    NOT_LISTED = "not_listed"
    FEW_READS = "few_reads"
    DENIED_LIST = "denied_list"
    NOT_TAKEN_HERE = "not_taken_here"
    OTHER_GATE = "other_gate"
    NOT_YET = "not_yet"
    OVER = "over"
    OUTSIDE_HOURS = "outside_hours"
    CLOCK_SET_BACK = "clock_set_back"

    NOT_ALIVE = "not_alive"
    LIVENESS_UNKNOWN = "liveness_unknown"
    NO_CONSENT = "no_consent"
    FIRST_ANOTHER_MEANS = "first_another_means"
    SOMEBODY_ELSE = "somebody_else"
    SEVERAL_FACES = "several_faces"  # nobody can say which one is meant

    FOREIGN_CODE = "foreign_code"
    USED_UP = "used_up"
    REVOKED = "revoked"
    WRONG_PIN = "wrong_pin"
    LOCKED = "locked"
    NOT_GONE_OUT = "not_gone_out"

    DIRECTORY_LOST = "directory_lost"  # gone, damaged or full: nobody can be asked


OUTCOMES: dict[Reason, Outcome] = dict.fromkeys(Reason, Outcome.DENIED) | {
    Reason.LISTED: Outcome.GRANTED,
    Reason.ONE_DOUBTFUL_CHARACTER: Outcome.GRANTED,
    Reason.OPENED_BY_GUARD: Outcome.GRANTED,
    Reason.PASSED_BACK: Outcome.GRANTED,
    Reason.NOT_LISTED: Outcome.UNKNOWN,
    Reason.FEW_READS: Outcome.UNKNOWN,
    Reason.FOREIGN_CODE: Outcome.UNKNOWN,
    Reason.SEVERAL_FACES: Outcome.UNKNOWN,
    Reason.NOT_YET: Outcome.EXPIRED,
    Reason.OVER: Outcome.EXPIRED,
    Reason.CLOCK_SET_BACK: Outcome.EXPIRED,
    Reason.NOT_ALIVE: Outcome.SPOOF,
}


@dataclass(frozen=True, slots=True)
class CardClaim:
    """The number a reader told, as digits or hexadecimal; separators and case do not matter."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PinClaim:
    """Typed at a keypad: `number` says who (a flat's number, say), `pin` proves it."""

    number: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class QrClaim:
    """The text of a code held before the camera. One claim for each time it is shown: every claim is a use."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PlateClaim:
    """A plate as the looks of one track agreed on it.

    `char_conf` 0..1 per character, empty where the reader does not tell or is in no doubt; `votes`: looks that read
    the same; `others`: what else it may be by what was read, likeliest first, for the guard and for a neighbour listed.
    """

    text: str
    votes: int = 1
    char_conf: tuple[float, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FaceClaim:
    """A search (1:N, `after` None) or a comparison with one person (1:1, `after`: what that person showed first).

    `ref`: who it is taken for, None for nobody. `alive`: what liveness says, None where nothing looked.
    The figures are for the record; the recognizers have compared them already.
    """

    ref: str | None
    alive: bool | None
    similarity: float | None = None
    threshold: float | None = None
    after: "CardClaim | PinClaim | QrClaim | PlateClaim | None" = None


@dataclass(frozen=True, slots=True)
class GuardClaim:
    """A guard opens; `by`: who, for the record; `note`: why."""

    by: str
    note: str = ""


Claim = CardClaim | PinClaim | QrClaim | PlateClaim | FaceClaim | GuardClaim

MEANS: dict[type[Claim], Means] = {
    CardClaim: Means.CARD,
    PinClaim: Means.PIN,
    QrClaim: Means.QR,
    PlateClaim: Means.PLATE,
    FaceClaim: Means.FACE,
    GuardClaim: Means.GUARD,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """`list_name`: resident, visitor, contractor or denied; `subject_ref`: pseudonym of the person or the vehicle.

    `candidates`: plates for a guard to choose from; they stay on the box.
    """

    reason: Reason
    means: Means
    gate: str
    at: datetime
    list_name: str | None = None
    subject_ref: str | None = None
    candidates: tuple[str, ...] = field(default=(), repr=False)

    @property
    def outcome(self) -> Outcome:
        return OUTCOMES[self.reason]

    @property
    def opens(self) -> bool:
        return self.outcome is Outcome.GRANTED

    def told(self) -> contract.Decision:
        """As an event tells it: without a name, a plate or a number."""
        return contract.Decision(
            outcome=self.outcome, reason=self.reason, list_name=self.list_name, subject_ref=self.subject_ref
        )
