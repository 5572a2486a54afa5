"""Who decides at one gate: the directory, asked by the gate's rules, its face recognizers and its readers of cards."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from edgeguard.access import Decision, Directory, Doorkeeper, GateRules, Means, Reason
from edgeguard.access.claims import MEANS, CardClaim, Claim, FaceClaim, PinClaim, PlateClaim, QrClaim
from edgeguard.access.config import FIRST_WITHIN_S
from edgeguard.access.vehicles import pseudonym
from edgeguard.agent.faces import door_gallery, likeness
from edgeguard.agent.firsts import First, Firsts
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
    reader: str | None
    at_s: float
    answer: "Future[Decision]"


class GateDesk:
    """The `Keeper` of a gate, and the `Matcher` of its faces, as soon as `spec` says what they are compared by.

    `present` is for any thread, all else for those of its cameras. `in_clear` tells whether plates may leave the box
    as they are; `firsts`: what was shown elsewhere (none: nothing counts).
    """

    def __init__(
        self,
        directory: Directory,
        rules: GateRules,
        *,
        in_clear: Callable[[], bool],
        monotonic_s: Callable[[], float],
        firsts: Firsts | None = None,
    ) -> None:
        self._firsts = firsts or Firsts((rules,), monotonic_s)
        self._directory = directory
        self._doorkeeper = Doorkeeper(directory)
        self._rules = rules
        self.spec: TemplateSpec | None = None
        self._in_clear = in_clear
        self._monotonic_s = monotonic_s
        self._lock = Lock()
        self._presented: deque[_Presented] = deque(maxlen=CLAIMS_KEPT)
        self._answers: dict[int, _Presented] = {}
        self._awaited: str | None = None
        self._gallery: tuple[int, Gallery | None] | None = None

    @property
    def verifies(self) -> bool:
        return self._rules.face == "verify" and Means.FACE in self._rules.means

    @property
    def awaits(self) -> bool:
        return bool(self._firsts.waiting(self._rules.id))

    def overdue(self) -> First | None:
        return self._firsts.overdue(self._rules.id)

    def present(self, claim: Claim, reader: str | None = None) -> "Future[Decision]":
        """Of a card reader or a keypad; the answer comes with the decision, or never: wait for it with a limit."""
        answer: Future[Decision] = Future()
        with self._lock:
            self._presented.append(_Presented(claim, reader, self._monotonic_s(), answer))
        return answer

    def claims(self) -> Sequence[Claim]:
        with self._lock:
            waiting, fresh_s = list(self._presented), self._monotonic_s() - CLAIM_LIVES_S
            self._presented.clear()
            fresh = [one for one in waiting if one.at_s >= fresh_s]
            self._answers = {id(one.claim): one for one in fresh} | self._answers
        return [one.claim for one in fresh]

    def decide(self, claim: Claim, at: datetime, camera: str | None = None) -> Decision:
        """`camera`: where it was shown, where that counts at another gate."""
        if isinstance(claim, FaceClaim):
            if claim.after is None and self.verifies:
                claim = replace(claim, after=self._firsts.take(self._rules.id, claim.ref))
            self._awaited = None
        asked = claim.after if isinstance(claim, FaceClaim) and claim.after is not None else claim
        with self._lock:
            presented = self._answers.pop(id(asked), None)
        try:
            decision = self._doorkeeper.decide(claim, at, self._rules.id)
            if decision.opens:
                self._let_in(asked, at, camera, presented)
        except DirectoryError as error:
            log.error("gate %s stays shut: %s", self._rules.id, error)  # noqa: TRY400 - one line is enough
            decision = Decision(Reason.DIRECTORY_LOST, MEANS[type(claim)], self._rules.id, at)
        if presented is not None:
            presented.answer.set_result(decision)
        return decision

    def awaits_face(self, claim: Claim, at: datetime) -> bool:
        """Where the gate verifies, and the owner of what is shown has a face on record."""
        self._awaited = self._known(claim, at)
        return self._awaited is not None

    def expects_face(self, claim: Claim, at: datetime, camera: str | None = None) -> bool:
        """The same for what another camera of this gate sees; whoever's it is is waited for as `first` has it."""
        owner = self._known(claim, at)
        if owner is None or not isinstance(claim, QrClaim | PlateClaim):
            return False
        named = self._firsts.source(self._rules.id, camera=camera, reader=None)
        within_s = FIRST_WITHIN_S if named is None else named.within_s
        self._firsts.wait(self._rules.id, owner, claim, within_s, here=True)
        return True

    def _known(self, claim: Claim, at: datetime) -> str | None:
        if not self.verifies:
            return None
        try:
            owner = self._doorkeeper.whose(claim)
            return owner if owner is not None and self._directory.faces.of(owner, at) else None
        except DirectoryError as error:
            log.error("gate %s knows nobody: %s", self._rules.id, error)  # noqa: TRY400
            return None

    def _let_in(self, claim: Claim, at: datetime, camera: str | None, presented: _Presented | None) -> None:
        """Whoever was let in here by what they had shown may be expected elsewhere."""
        if not isinstance(claim, CardClaim | PinClaim | QrClaim | PlateClaim):
            return
        owner, reader = self._doorkeeper.whose(claim), None if presented is None else presented.reader
        if owner is not None and self._directory.faces.of(owner, at):
            self._firsts.let_in(self._rules.id, owner, claim, camera=camera, reader=reader)

    def plate_told(self, text: str) -> str:
        """As it is where the site has a legal basis, else the pseudonym that the vehicle has in events."""
        if self._in_clear():
            return text
        try:
            return pseudonym(self._directory.vehicles.digest(text))
        except ValueError:
            return "unreadable"

    def match(self, probe: Template, at: datetime) -> Match | None:
        """1:1 with whoever's card or number was shown, or with the few who came by elsewhere; else 1:N with all."""
        try:
            if self.verifies:
                waiting = [one.ref for one in self._firsts.waiting(self._rules.id)]
                return self._verified(waiting if self._awaited is None else [self._awaited], probe, at)
            gallery = self._gallery_at(at)
            return None if gallery is None else gallery.search(probe)
        except DirectoryError as error:
            log.error("gate %s knows nobody: %s", self._rules.id, error)  # noqa: TRY400
            return None

    def _verified(self, refs: Sequence[str], probe: Template, at: datetime) -> Match | None:
        """The nearest of them; the more there are, the more like it must be. `refs`: the latest last."""
        if self.spec is None or not refs:
            return None
        refs, threshold = _comparable(refs, self.spec)
        found = [(similarity, ref) for ref in refs if (similarity := likeness(self._directory, ref, probe, at))]
        return Match(max(found)[1], max(found)[0], threshold) if found else None

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


def _comparable(refs: Sequence[str], spec: TemplateSpec) -> tuple[Sequence[str], float]:
    """With whom a face is compared, and how like them it must be; a model without measured impostors: with one only."""
    if len(refs) > 1:
        try:
            return refs, spec.threshold.identify(len(refs))
        except GalleryError:
            refs = refs[-1:]
    return refs, spec.threshold.verify


class CameraDesk:
    """The `Keeper` of a gate for one of its cameras: what is shown there may count at other gates."""

    def __init__(self, desk: GateDesk, camera: str) -> None:
        self._desk = desk
        self._camera = camera
        self.verifies = desk.verifies
        self.claims = desk.claims
        self.awaits_face = desk.awaits_face
        self.overdue = desk.overdue
        self.plate_told = desk.plate_told

    @property
    def awaits(self) -> bool:
        return self._desk.awaits

    def decide(self, claim: Claim, at: datetime) -> Decision:
        return self._desk.decide(claim, at, self._camera)

    def expects_face(self, claim: Claim, at: datetime) -> bool:
        return self._desk.expects_face(claim, at, self._camera)
