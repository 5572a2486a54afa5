import base64
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.access import Directory, Doorkeeper, QrClaim, Reason
from edgeguard.access.passes import Pass, Passes
from edgeguard.access.qr import QrReader, draw, png
from edgeguard.errors import DirectoryError
from tests.support.directories import act, at, config, directory, gate


def made(box: Directory, hours: float = 4, uses: int = 1, gates: tuple[str, ...] = ("north",)) -> tuple[Pass, str]:
    return box.passes.make(gates, at(), at(hours), uses, act())


def shown(box: Directory, text: str, hours: float = 1, where: str = "north") -> Reason:
    return Doorkeeper(box).decide(QrClaim(text), at(hours), where).reason


def test_a_pass_opens_once_also_over_a_start(tmp_path: Path) -> None:
    with directory(tmp_path) as box:
        _, text = made(box)
        assert shown(box, text) is Reason.LISTED
        assert shown(box, text) is Reason.USED_UP
    with directory(tmp_path) as box:
        assert shown(box, text) is Reason.USED_UP


def test_a_pass_opens_as_often_as_it_says(box: Directory) -> None:
    _, text = made(box, uses=2)
    assert [shown(box, text) for _ in range(3)] == [Reason.LISTED, Reason.LISTED, Reason.USED_UP]


def test_a_pass_is_for_its_gates_and_its_window(tmp_path: Path) -> None:
    with directory(tmp_path, config(gate("north"), gate("south"))) as box:
        one, text = box.passes.make(("north",), at(1), at(2), 1, act())
        assert shown(box, text, 0.5) is Reason.NOT_YET
        assert shown(box, text, 1, "south") is Reason.OTHER_GATE
        assert shown(box, text, 1) is Reason.LISTED
        assert shown(box, text, 2) is Reason.OVER
        decision = Doorkeeper(box).decide(QrClaim(text), at(1), "north")
        assert decision.reason is Reason.CLOCK_SET_BACK
        assert (decision.subject_ref, decision.list_name) == (one.subject, "visitor")


def test_a_revoked_pass_opens_nothing(box: Directory) -> None:
    one, text = made(box)
    box.passes.revoke(one.id, act())
    assert shown(box, text) is Reason.REVOKED
    with pytest.raises(DirectoryError, match="pass 'nothing', accepted: the 16 hex digits"):
        box.passes.revoke("nothing", act())


def test_uses_are_remembered_as_long_as_the_pass_could_open(box: Directory) -> None:
    _, text = made(box)
    shown(box, text)
    box.sweep(at(5))
    assert box.store.rows("SELECT count(*) FROM pass") == [(1,)]
    box.sweep(at(29))
    assert box.store.rows("SELECT count(*) FROM pass") == [(0,)]
    assert shown(box, text, 1) is Reason.CLOCK_SET_BACK


def test_a_changed_letter_makes_it_no_pass(box: Directory) -> None:
    _, text = made(box)
    for place in range(3, len(text) - 1, 7):
        letter = "A" if text[place] != "A" else "B"
        assert box.passes.read(text[:place] + letter + text[place + 1 :]) is None
    assert box.passes.read(text) is not None
    for other in ("", "EG1", "EG1" + "A" * 1000, "EG1äöü", "EG1" + base64.b32encode(b"\xff" * 90).decode().rstrip("=")):
        assert box.passes.read(other) is None


def test_another_site_or_box_makes_other_passes_unless_it_is_trusted(tmp_path: Path) -> None:
    with directory(tmp_path / "a") as one, directory(tmp_path / "b", box="box-2") as other:
        _, text = made(one)
        assert other.passes.read(text) is None
        assert Passes(other.store, trusted=(one.passes.public_key,)).read(text) is not None


@pytest.mark.parametrize(
    ("start", "end", "uses", "message"),
    [
        (at(), at(8 * 24), 1, "accepted: at most 7 days"),
        (at(), at(1), 0, "0 uses, accepted: 1 to 20"),
        (at(), at(1), 21, "21 uses"),
        (at(2), at(1), 1, "one that ends later than it begins"),
        (at(-2), at(-1), 1, "one that ends later than it begins and now"),
    ],
)
def test_what_cannot_be_a_pass_is_refused(
    box: Directory, start: datetime, end: datetime, uses: int, message: str
) -> None:
    with pytest.raises(DirectoryError, match=message):
        box.passes.make(("north",), start, end, uses, act())


def photographed(
    code: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], degrees: float = 0.0, blur: float = 0.0
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """On grey, turned, out of focus."""
    grey = np.pad(code, 80, constant_values=170)
    middle = (grey.shape[1] / 2, grey.shape[0] / 2)
    turned = cv2.warpAffine(grey, cv2.getRotationMatrix2D(middle, degrees, 1.0), grey.shape[::-1], borderValue=170.0)
    return np.asarray(turned if not blur else cv2.GaussianBlur(turned, (0, 0), blur), np.uint8)


@pytest.mark.parametrize(("degrees", "blur"), [(0, 0), (15, 0), (90, 1.0), (180, 0)])
def test_a_code_is_read_from_a_picture(box: Directory, degrees: float, blur: float) -> None:
    _, text = made(box)
    assert QrReader().read(photographed(draw(text), degrees, blur)) == text


def test_a_picture_without_a_code_is_none() -> None:
    reader = QrReader()
    assert reader.read(np.zeros((100, 100, 3), np.uint8)) is None
    assert reader.read(np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8)) is None
    assert png("ABC").startswith(b"\x89PNG")


def test_a_pass_fits_a_small_code(box: Directory) -> None:
    _, text = box.passes.make(("north-gate", "south-gate"), at(), at() + timedelta(days=7), 20, act())
    assert len(draw(text, 1)) <= 57 + 8  # version 10 with its quiet zone
