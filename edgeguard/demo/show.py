"""The demo's composition: broker, center and box on loopback, and what their watchers saw."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from edgeguard.actuators import VoiceConfig
from edgeguard.actuators.config import FileOutputConfig
from edgeguard.agent.box import Box
from edgeguard.agent.evidence_store import CLIP
from edgeguard.agent.place import PlaceConfig
from edgeguard.agent.site import CameraConfig, SiteConfig
from edgeguard.center.app import create_app
from edgeguard.center.config import BrokerConfig, CenterConfig
from edgeguard.center.server import CenterServer
from edgeguard.contract import Event, Topics
from edgeguard.demo.broker import EmbeddedBroker
from edgeguard.demo.clients import CardWatch, Platform
from edgeguard.errors import EdgeGuardError
from edgeguard.recordings import recording
from edgeguard.sources import FileConfig
from edgeguard.types import Phase
from edgeguard.uplink import UplinkConfig

SITE, BOX = "demo", "box-1"
EBIKE_LIFT, PEOPLE_LIFT = "lift-a", "lift-b"
# The empty lift stays long enough for the episode to end before the next e-bike comes.
REST_S = 25.0
CENTER_START_TIMEOUT_S = 30.0
CARD_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What one episode looked like from outside; None: it did not happen."""

    confirmed: bool
    first_visible_to_confirmed_ms: float | None
    confirmed_to_audio_ms: float | None
    confirmed_to_card_ms: float | None
    phases: list[str]
    voice_wav: str
    clip: str | None


class Demo:
    """`say` gets what happens, a line each. Writes under `folder`: data of box and center, and the voice's WAV."""

    def __init__(self, folder: Path, port: int, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._port = port
        self._say = say
        self._events: list[Event] = []

    def once(self, first_visible_s: float) -> Measured:
        """Run the e-bike recording to its end and measure its episode."""
        with self._running([self._camera(EBIKE_LIFT, "lift_ebike", loop=False)]) as (box, cards):
            box.run(threading.Event())
            news = [event for event in self._events if event.data.phase is Phase.NEW]
            if news:
                cards.ended(news[0].data.event_id, CARD_TIMEOUT_S)
            return self._measure(box.first_frame_at(EBIKE_LIFT), first_visible_s, news, cards)

    def forever(self, stop: threading.Event) -> None:
        """Run both recordings over and over until `stop`."""
        cameras = [
            self._camera(EBIKE_LIFT, "lift_ebike", loop=True, rest_s=REST_S),
            self._camera(PEOPLE_LIFT, "lift_people", loop=True),
        ]
        with self._running(cameras) as (box, _):
            box.run(stop)

    @property
    def voice_wav(self) -> Path:
        return self._folder / "voice.wav"

    @contextmanager
    def _running(self, cameras: list[CameraConfig]) -> Iterator[tuple[Box, CardWatch]]:
        self._folder.mkdir(parents=True, exist_ok=True)
        token = secrets.token_urlsafe(24)
        with ExitStack() as stack:
            broker = stack.enter_context(EmbeddedBroker())
            config = CenterConfig(
                broker=BrokerConfig(port=broker.port, insecure_lab=True),
                port=self._port,
                data_dir=self._folder / "center",
            )
            stack.enter_context(serving(config, token, self._say))
            cards = stack.enter_context(CardWatch(config.address, token))
            stack.enter_context(Platform(broker.port, Topics(SITE, BOX), self._on_event))
            yield stack.enter_context(Box(self._site(cameras, broker.port))), cards

    def _site(self, cameras: list[CameraConfig], broker_port: int) -> SiteConfig:
        return SiteConfig(
            site=SITE,
            box=BOX,
            place=PlaceConfig(building="3", unit="1"),
            data_dir=self._folder / "box",
            cameras=tuple(cameras),
            voice=self._voice(self.voice_wav.name),
            uplink=UplinkConfig(host="127.0.0.1", port=broker_port, insecure_lab=True),
        )

    def _camera(self, camera_id: str, name: str, *, loop: bool, rest_s: float = 0.0) -> CameraConfig:
        return CameraConfig(
            id=camera_id,
            place=PlaceConfig(lift=camera_id[-1].upper()),
            source=FileConfig(path=recording(name), loop=loop, rest_s=rest_s),
            voice=self._voice(f"voice-{camera_id}.wav") if camera_id != EBIKE_LIFT else None,
        )

    def _voice(self, name: str) -> VoiceConfig:
        return VoiceConfig(output=FileOutputConfig(kind="file", path=self._folder / name))

    def _on_event(self, event: Event) -> None:
        self._events.append(event)
        self._say(_line(event))

    def _measure(
        self, started_at: datetime | None, first_visible_s: float, news: list[Event], cards: CardWatch
    ) -> Measured:
        new = news[0] if news else None
        decided = new.data.timing.decided if new else None
        spoken = next((event.data.timing.spoken for event in self._events if event.data.timing.spoken), None)
        carded = cards.first_at(new.data.event_id, CARD_TIMEOUT_S) if new else None
        visible = started_at + timedelta(seconds=first_visible_s) if started_at else None
        return Measured(
            confirmed=new is not None,
            first_visible_to_confirmed_ms=_ms(visible, new.data.timing.captured if new else None),
            confirmed_to_audio_ms=_ms(decided, spoken),
            confirmed_to_card_ms=_ms(decided, carded),
            phases=[event.data.phase.value for event in self._events],
            voice_wav=str(self.voice_wav),
            clip=self._clip(new.data.event_id) if new else None,
        )

    def _clip(self, event_id: str) -> str | None:
        """The clip that stays on the box."""
        path = self._folder / "box" / "evidence" / event_id / CLIP
        return str(path) if path.is_file() else None


@contextmanager
def serving(config: CenterConfig, token: str, announce: Callable[[str], None]) -> Iterator[None]:
    """The center in a thread of its own, from answering its first request to the last."""
    app = create_app(config, api_token=token, announce=announce)
    server = CenterServer(app, config)
    thread = threading.Thread(target=server.run, name="demo-center", daemon=True)
    thread.start()
    waited = threading.Event()
    for _ in range(int(CENTER_START_TIMEOUT_S * 20)):
        if server.started or not thread.is_alive():
            break
        waited.wait(0.05)
    if not server.started:
        raise EdgeGuardError(f"the center did not start on {config.address}: is the port taken? Choose one with --port")
    try:
        yield
    finally:
        app.state.center.hub.stop()
        server.should_exit = True
        thread.join(CENTER_START_TIMEOUT_S)


def _line(event: Event) -> str:
    data = event.data
    at = event.time.astimezone().strftime("%H:%M:%S")
    details: list[Any] = [data.decision.reason if data.decision else None]
    details += [f"score {data.object.score:.2f}" if data.object and data.object.score else None]
    details += [f"voice {action.asset} {action.result}" for action in data.actions[-1:]]
    details += [data.end_reason]
    return f"{at}  {data.camera}  {data.code}  {data.phase.value:6}  {', '.join(filter(None, details))}"


def _ms(start: datetime | None, end: datetime | None) -> float | None:
    return round((end - start).total_seconds() * 1000, 1) if start and end else None
