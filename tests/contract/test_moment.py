from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from edgeguard.contract.moment import STAMP_BYTES, captured_at, stamped_jpeg
from edgeguard.errors import ContractError

AT = datetime(2026, 1, 31, 8, 0, 0, 123_000, tzinfo=UTC)


def drawn() -> bytes:
    _, jpeg = cv2.imencode(".jpg", np.full((8, 8, 3), 90, np.uint8))
    return jpeg.tobytes()


def test_a_stamped_picture_is_a_picture_and_tells_when() -> None:
    stamped = stamped_jpeg(drawn(), AT)
    assert captured_at(stamped) == AT
    assert len(stamped) == len(drawn()) + STAMP_BYTES
    shown = cv2.imdecode(np.frombuffer(stamped, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(shown, cv2.imdecode(np.frombuffer(drawn(), np.uint8), cv2.IMREAD_COLOR))


@pytest.mark.parametrize(
    "jpeg",
    [
        b"",
        drawn(),
        b"\xff\xd8\xff\xfe\x00\x23captured=yesterday at noon.......",
        b"\xff\xd8\xff\xfe\x00\x23captured=2026-01-31T08:00:00.0000",  # of which zone?
        b"\xff\xd8\xff\xfe\x00\x04hi",
    ],
)
def test_a_picture_that_does_not_say(jpeg: bytes) -> None:
    assert captured_at(jpeg) is None


def test_only_a_jpeg_is_stamped() -> None:
    with pytest.raises(ContractError, match="accepted: a JPEG"):
        stamped_jpeg(b"GIF89a", AT)
