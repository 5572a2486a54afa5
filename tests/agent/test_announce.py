from datetime import UTC, datetime, timedelta

import pytest

from edgeguard.agent.announce import REPEAT_S, HealthBoard
from edgeguard.contract import CameraHealth, CameraStatus
from edgeguard.sources import ReaderState, ReaderStatus

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class Wall:
    def __init__(self) -> None:
        self.now = START
        self.shown: list[CameraHealth] = []
        self.board = HealthBoard(self.shown.append, lambda: self.now)

    def tell(self, state: ReaderState, second: float, frames_in: int = 0, reason: str = "") -> None:
        self.now = START + timedelta(seconds=second)
        status = ReaderStatus(state, reason, START, frames_in, {"superseded": 2}, 0, 0.0, {"stalled": 1.5})
        self.board.tell("lift-a", status, frames_in // 2)


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (ReaderState.OK, CameraStatus.OK),
        (ReaderState.DEGRADED, CameraStatus.DEGRADED),
        (ReaderState.ENDED, CameraStatus.OFF),
        (ReaderState.STOPPED, CameraStatus.OFF),
        (ReaderState.CONNECTING, CameraStatus.BLIND),
        (ReaderState.STALLED, CameraStatus.BLIND),
        (ReaderState.AUTH_FAILED, CameraStatus.BLIND),
        (ReaderState.FAILED, CameraStatus.BLIND),
    ],
)
def test_a_camera_that_gives_nothing_is_never_shown_as_clear(state: ReaderState, shown: CameraStatus) -> None:
    wall = Wall()
    wall.tell(state, 0)
    assert [health.status for health in wall.shown] == [shown]
    assert wall.shown[0].blind_s_today == 1.5
    assert wall.shown[0].dropped == 2


def test_told_on_change_and_now_and_then() -> None:
    wall = Wall()
    wall.tell(ReaderState.OK, 0, 0)
    wall.tell(ReaderState.OK, 1, 10)
    wall.tell(ReaderState.STALLED, 2, 20, "no frame for 2.6 s")
    wall.tell(ReaderState.OK, 4, 30)
    wall.tell(ReaderState.OK, 4 + REPEAT_S, 330)
    assert [health.status for health in wall.shown] == ["ok", "blind", "ok", "ok"]
    assert wall.shown[1].reason == "no frame for 2.6 s"
    assert (wall.shown[3].fps_in, wall.shown[3].fps_done) == (10.0, 5.0)
