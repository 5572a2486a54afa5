"""Who decides at one gate: the directory, asked by the gate's rules, its face recognizers and its readers of cards."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from edgeguard.access import Decision, Directory, Doorkeeper, GateRules, Means, Reason
from edgeguard.access.claims import MEANS, CardClaim, Claim, FaceClaim, PinClaim
from edgeguard.access.vehicles import pseudonym
from edgeguard.agent.faces import door_gallery, likeness
from edgeguard.errors import DirectoryError, GalleryError
from edgeguard.recognizers import Gallery, Match, Template, TemplateSpec

log = logging.getLogger(__name__)

# Whoever showed a card has gone by then: it opens nothing late.
CLAIM_LIVES_S = 3.0
# More than a reader gives in that time; the oldest is given up.
CLAIMS_KEPT = 8


@dataclass(frozen=True, slots=True)
class _Presented:
    claim: Claim
    at_s: float
    answer: "Future[Decision]"


class GateDesk:
    """The `Keeper` of a gate, and the `Matcher` of its faces, as soon as `spec` says what they are compared by.

    `present` is for any thread, all else for one. `in_clear` tells whether plates may leave the box as they are.
    """

    def __init__(
        self,
        directory: Directory,
        rules: GateRules,
        *,
        in_clear: Callable[[], bool],
        monotonic_s: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._doorkeeper = Doorkeeper(directory)
        self._rules = rules
        self.spec: TemplateSpec | None = None
        self._in_clear = in_clear
        self._monotonic_s = monotonic_s
        self._lock = Lock()
        self._presented: deque[_Presented] = deque(maxlen=CLAIMS_KEPT)
        self._answers: dict[int, Future[Decision]] = {}
        self._awaited: str | None = None
        self._gallery: tuple[int, Gallery | None] | None = None

    @property
    def verifies(self) -> bool:
        return self._rules.face == "verify" and Means.FACE in self._rules.means

    def present(self, claim: Claim) -> "Future[Decision]":
        """Of a card reader or a keypad; the answer comes with the decision, or never: wait for it with a limit."""
        answer: Future[Decision] = Future()
        with self._lock:
            self._presented.append(_Presented(claim, self._monotonic_s(), answer))
        return answer

    def claims(self) -> Sequence[Claim]:
        with self._lock:
            waiting, fresh_s = list(self._presented), self._monotonic_s() - CLAIM_LIVES_S
            self._presented.clear()
        fresh = [one for one in waiting if one.at_s >= fresh_s]
        self._answers = {id(one.claim): one.answer for one in fresh} | self._answers
        return [one.claim for one in fresh]

    def decide(self, claim: Claim, at: datetime) -> Decision:
        try:
            decision = self._doorkeeper.decide(claim, at, self._rules.id)
        except DirectoryError as error:
            log.error("gate %s stays shut: %s", self._rules.id, error)  # noqa: TRY400 - one line is enough
            decision = Decision(Reason.DIRECTORY_LOST, MEANS[type(claim)], self._rules.id, at)
        self._awaited = None
        asked = claim.after if isinstance(claim, FaceClaim) and claim.after is not None else claim
        answer = self._answers.pop(id(asked), None)
        if answer is not None:
            answer.set_result(decision)
        return decision

    def awaits_face(self, claim: Claim, at: datetime) -> bool:
        """Where the gate verifies, and the owner of a card or a number has a face on record."""
        if not self.verifies:
            return False
        try:
            owner = self._owner(claim)
            self._awaited = owner if owner is not None and self._directory.faces.of(owner, at) else None
        except DirectoryError as error:
            log.error("gate %s knows nobody: %s", self._rules.id, error)  # noqa: TRY400
            return False
        return self._awaited is not None

    def plate_told(self, text: str) -> str:
        """As it is where the site has a legal basis, else the pseudonym that the vehicle has in events."""
        if self._in_clear():
            return text
        try:
            return pseudonym(self._directory.vehicles.digest(text))
        except ValueError:
            return "unreadable"

    def match(self, probe: Template, at: datetime) -> Match | None:
        """1:1 with whoever's card or number was shown, else 1:N with all whom the gate may admit."""
        try:
            if self.verifies:
                return None if self._awaited is None else self._verified(self._awaited, probe, at)
            gallery = self._gallery_at(at)
            return None if gallery is None else gallery.search(probe)
        except DirectoryError as error:
            log.error("gate %s knows nobody: %s", self._rules.id, error)  # noqa: TRY400
            return None

    def _verified(self, ref: str, probe: Template, at: datetime) -> Match | None:
        similarity = likeness(self._directory, ref, probe, at)
        if similarity is None or self.spec is None:
            return None
        return Match(ref, similarity, self.spec.threshold.verify)

    def _gallery_at(self, at: datetime) -> Gallery | None:
        """Made anew with every enrolment and withdrawal; what a consent's end takes out, the decision refuses."""
        version = self._directory.faces.version()
        if self.spec is not None and (self._gallery is None or self._gallery[0] != version):
            try:
                self._gallery = version, door_gallery(self._directory, self._rules.id, self.spec, at)
            except GalleryError as error:
                log.error("gate %s searches no faces: %s", self._rules.id, error)  # noqa: TRY400
                self._gallery = version, None
        return None if self._gallery is None else self._gallery[1]

    def _owner(self, claim: Claim) -> str | None:
        """Of a visitor's code there is none: it is decided by itself."""
        match claim:
            case CardClaim():
                return self._directory.credentials.owner(claim.number)
            case PinClaim():
                return self._directory.credentials.owner_of_number(claim.number)
            case _:
                return None
