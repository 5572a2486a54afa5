"""Between the recognizers, which know faces, and the directory, which knows people: enrolment and a door's gallery."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeguard.access import Act, Directory, FaceTemplate
from edgeguard.access.faces import searched_gates
from edgeguard.errors import EnrolmentRefused
from edgeguard.recognizers import FaceReader, Flaw, Gallery, Look, Template, TemplateSpec, Unseen, read_photo

# What a person can do about it.
MEND = {
    Flaw.SMALL: "the face is too small: come nearer",
    Flaw.BLURRED: "the face is blurred: hold still, more light",
    Flaw.TURNED: "the head is turned: look into the camera",
    Flaw.NODDED: "the head looks up or down: look into the camera",
    Flaw.TILTED: "the head is tilted: hold it upright",
    Flaw.CUT_OFF: "the face is cut off: the whole face must be in the picture",
}
UNSEEN = {
    Unseen.NO_FACE: "no face is found: one person, looking into the camera",
    Unseen.SEVERAL_FACES: "several faces of about one size: one person alone",
}
# A camera's frames that are looked at before it is given up: some seconds of somebody getting ready.
TRIES = 200


@dataclass(frozen=True, slots=True)
class Enrolled:
    """How good the look was that is now kept as a template; the picture is not."""

    eyes_px: float
    sharpness: float


class Enroller:
    """Photo or camera -> quality -> template -> directory. Without a consent nobody looks. Not for two threads."""

    def __init__(self, reader: FaceReader, spec: TemplateSpec, directory: Directory) -> None:
        self._reader = reader
        self._rule = spec.threshold
        self._directory = directory

    def of_photo(self, path: Path, ref: str, act: Act, *, twin: bool = False) -> Enrolled:
        """Raises PhotoError for what is no photo, EnrolmentRefused with what to mend. The file is only read."""
        self._directory.faces.require_consent(ref, act.at)
        return self.of_picture(read_photo(path), ref, act, twin=twin)

    def of_picture(self, bgr: NDArray[np.uint8], ref: str, act: Act, *, twin: bool = False) -> Enrolled:
        """(h, w, 3) uint8. Raises EnrolmentRefused."""
        self._directory.faces.require_consent(ref, act.at)
        look = self._reader.read(bgr)
        if isinstance(look, Unseen):
            raise EnrolmentRefused(UNSEEN[look])
        if look.quality.flaws:
            raise EnrolmentRefused("; ".join(MEND[flaw] for flaw in look.quality.flaws))
        return self._keep(look, ref, act, twin=twin)

    def of_frames(self, frames: Iterable[NDArray[np.uint8]], ref: str, act: Act, *, twin: bool = False) -> Enrolled:
        """The first good look of a camera. Raises EnrolmentRefused with the last flaw."""
        self._directory.faces.require_consent(ref, act.at)
        last = "the camera gives no picture"
        for bgr in islice(frames, TRIES):
            look = self._reader.read(bgr)
            if isinstance(look, Look) and not look.quality.flaws:
                return self._keep(look, ref, act, twin=twin)
            last = UNSEEN[look] if isinstance(look, Unseen) else MEND[look.quality.flaws[0]]
        raise EnrolmentRefused(f"no good look at a face; {last}")

    def _keep(self, look: Look, ref: str, act: Act, *, twin: bool) -> Enrolled:
        config = self._directory.config
        self._directory.faces.enrol(
            ref,
            FaceTemplate(look.template.vector, look.template.model),
            act,
            same_from=self._rule.verify,
            searched=searched_gates(config.gates, self._rule.largest),
            twin=twin,
            filed=config.filing is not None,
        )
        return Enrolled(look.quality.eyes_px, look.quality.sharpness)


def door_gallery(directory: Directory, gate: str, spec: TemplateSpec, at: datetime) -> Gallery:
    """Everybody with a consent whom the gate may admit; make it anew when `directory.faces.version()` changes.

    Raises GalleryError above what the model's rule bears.
    """
    rows = directory.faces.of_gate(directory.gate(gate).id, at, spec.sha256)
    return Gallery(spec.threshold, [ref for ref, _ in rows], [Template(one.vector, one.model) for _, one in rows])


def likeness(directory: Directory, ref: str, probe: Template, at: datetime) -> float | None:
    """1:1: cosine of a probe with the nearest template of one person; None where there is none of its model."""
    known = [one for one in directory.faces.of(ref, at) if one.model == probe.model]
    return max((float(one.vector @ probe.vector) for one in known), default=None)
