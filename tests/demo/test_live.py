"""The whole way over a live RTSP stream made from real lift pictures of a lift that training never saw."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.agent.box import Box
from edgeguard.agent.site import SiteConfig
from edgeguard.center.config import BrokerConfig, CenterConfig
from edgeguard.contract import CameraHealth, Event
from edgeguard.demo.clients import CardWatch
from edgeguard.demo.show import serving
from edgeguard.types import Phase
from tests.support.mosquitto import Listener, Mosquitto, free_port, wait_for
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.shared

FPS, WIDTH, HEIGHT = 10, 640, 480
EBIKE = "lift_ebike/corner/images/paddle_label_img.jpg"


def fitted(path: Path) -> NDArray[np.uint8]:
    """A picture on the stream's canvas, its aspect kept."""
    picture = cv2.imread(str(path))
    assert picture is not None, path
    scale = min(WIDTH / picture.shape[1], HEIGHT / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale)
    canvas = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    return canvas


def without_object(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The lift as it looks empty, near enough: everything blurred away but its large shapes."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 40), np.uint8)


@dataclass
class Live:
    server: RtspServer
    listener: Listener
    cards: CardWatch
    voice_wav: Path

    def events(self) -> list[Event]:
        return [Event.from_json(payload) for payload in self.listener.on("/event/")]

    def phases(self) -> list[Phase]:
        return [event.data.phase for event in self.events()]

    def health(self) -> list[str]:
        return [CameraHealth.from_json(payload).status for payload in self.listener.on("/health")]


@pytest.fixture
def live(tmp_path: Path, shared: Path) -> Iterator[Live]:
    """3 s without an e-bike, 3 s with it, over and over."""
    frames = tmp_path / "frames"
    frames.mkdir()
    ebike = fitted(shared / "data" / EBIKE)
    for index in range(6 * FPS):
        cv2.imwrite(str(frames / f"{index:05d}.jpg"), without_object(ebike) if index < 3 * FPS else ebike)
    size = ("--fps", str(FPS), "--width", str(WIDTH), "--height", str(HEIGHT))
    server = RtspServer(("--jpegs", str(frames), *size))
    broker = Mosquitto(tmp_path / "broker")
    token = secrets.token_urlsafe(24)
    with ExitStack() as stack:
        broker.start()
        stack.callback(broker.stop)
        server.start()
        stack.callback(server.kill)
        listener = Listener(broker.port)
        stack.callback(listener.close)
        config = CenterConfig(
            broker=BrokerConfig(port=broker.port, insecure_lab=True), port=free_port(), data_dir=tmp_path / "center"
        )
        stack.enter_context(serving(config, token, lambda _: None))
        cards = stack.enter_context(CardWatch(config.address, token))
        site = SiteConfig.model_validate(
            {
                "site": "hz",
                "box": "box-1",
                "data_dir": tmp_path / "data",
                "cameras": [{"id": "lift-a", "source": {"kind": "rtsp", "url": server.url}}],
                "voice": {"output": {"kind": "file", "path": tmp_path / "voice.wav"}},
                "uplink": {"host": "127.0.0.1", "port": broker.port, "insecure_lab": True},
            }
        )
        box = stack.enter_context(Box(site))
        stop = threading.Event()
        thread = threading.Thread(target=box.run, args=(stop,))
        thread.start()
        stack.callback(thread.join)
        stack.callback(stop.set)
        yield Live(server, listener, cards, tmp_path / "voice.wav")


def test_confirmed_spoken_published_carded_and_again_after_an_outage(live: Live) -> None:
    wait_for(lambda: Phase.NEW in live.phases(), "the event", 40)
    new = next(event for event in live.events() if event.data.phase is Phase.NEW)
    wait_for(lambda: any(event.data.timing.spoken for event in live.events()), "the voice", 40)
    assert live.cards.first_at(new.data.event_id, 10) is not None
    assert live.voice_wav.stat().st_size > 44
    wait_for(lambda: bool(live.listener.on("/picture/")), "the picture")

    live.server.kill()
    wait_for(lambda: live.health()[-1] == "blind", "the blind camera")
    live.server.start()
    wait_for(lambda: live.health()[-1] == "ok", "the camera's return", 30)
    assert live.phases().count(Phase.NEW) == 1
    assert Phase.END not in live.phases()
