"""What the box says about itself: its birth, and how each camera is."""

from collections.abc import Callable, Iterable
from datetime import datetime

from edgeguard import __version__
from edgeguard.agent.blind_day import BlindDay
from edgeguard.agent.live import MOST_CAMERAS
from edgeguard.agent.rule_settings import Laid, RuleSetting, longest, settable
from edgeguard.agent.site import CameraConfig, SiteConfig
from edgeguard.contract import Birth, CameraHealth, CameraInfo, CameraStatus, Capability, ModelRef, Parameter, Software
from edgeguard.contract import Clock as ClockState
from edgeguard.contract.commands import MAX_DURATION_S, MAX_RATE_HZ
from edgeguard.contract.device import ArmedWindow, RuleInfo, RuleOverride, RuleValues
from edgeguard.contract.talk import MAX_CHUNK_S, RATES_HZ
from edgeguard.scenarios import RuleConfig
from edgeguard.schedule import Schedule
from edgeguard.sources import ReaderState, ReaderStatus

# A health message is repeated so often when nothing but its counters has changed.
REPEAT_S = 30.0
MAX_LOST = 2000

_STATUS = {
    ReaderState.OK: CameraStatus.OK,
    ReaderState.DEGRADED: CameraStatus.DEGRADED,
    ReaderState.ENDED: CameraStatus.OFF,
    ReaderState.STOPPED: CameraStatus.OFF,
}


def camera_status(status: ReaderStatus) -> CameraStatus:
    """How much a camera can be relied on, by what its reader does."""
    return _STATUS.get(status.state, CameraStatus.BLIND)


def birth_of(
    laid: Laid,
    models: Iterable[ModelRef],
    phrases: Iterable[str],
    *,
    boot_id: str,
    bd_seq: int,
    started_at: datetime,
    clock: ClockState | None = None,
    lost: str = "",
) -> Birth:
    """Everything a center must know to show this box and to command it. `lost`: settings that are not in force."""
    site = laid.given
    cameras = tuple(
        CameraInfo(
            id=camera.id,
            label=camera.label,
            place=camera.place.at(site.site, site.place),
            rules=tuple(_rule(laid, camera, scenario) for scenario in camera.scenarios),
        )
        for camera in site.cameras
    )
    speak = Capability(name="speak", parameters={"phrase": Parameter(choices=tuple(phrases))})
    rules = sorted({scenario.kind for camera in site.cameras for scenario in camera.scenarios})
    return Birth(
        software=Software(version=__version__),
        boot_id=boot_id,
        bd_seq=bd_seq,
        started_at=started_at,
        clock=clock,
        models=tuple(models),
        cameras=cameras,
        capabilities=(
            speak,
            _view(site),
            *_talk(site),
            *_open(site),
            *_cut_off(site),
            *_rights(site),
            *_visitors(site),
            *_configure(site),
            *(Capability(name=rule) for rule in rules),
        ),
        settings_lost="; ".join((*([lost] if lost else ()), *laid.dropped))[:MAX_LOST] or None,
    )


def _rule(laid: Laid, camera: CameraConfig, given: RuleConfig) -> RuleInfo:
    """`given`: as the site file has it; what is told is in force."""
    setting = laid.setting(camera.id, given)
    wanted = {} if setting is None else {name: getattr(setting.args, name) for name in setting.args.fields}
    on = wanted.pop("on", True)
    most, now = longest(given), _values(given.model_copy(update=wanted))
    return RuleInfo(
        kind=given.kind,
        zone=given.zone_name,
        on=on,
        settable=settable(given) if _takes_settings(laid.given) else (),
        at_most_s=None if most is None else most.total_seconds(),
        override=None if setting is None else _override(setting, given),
        **dict(now),
    )


def _values(rule: RuleConfig) -> RuleValues:
    armed: Schedule = getattr(rule, "armed", Schedule())
    windows = tuple(
        ArmedWindow(start=f"{one.start:%H:%M}", end=f"{one.end:%H:%M}", days=tuple(one.days)) for one in armed.windows
    )
    score, dwell_s = getattr(rule, "min_score", None), getattr(rule, "dwell_s", None)
    return RuleValues(min_score=score, dwell_s=dwell_s, timezone=armed.timezone, windows=windows)


def _override(setting: RuleSetting, given: RuleConfig) -> RuleOverride:
    args = setting.args
    return RuleOverride(fields=args.fields, by=setting.by, at=setting.at, until=args.until, site_file=_values(given))


def _takes_settings(site: SiteConfig) -> bool:
    """The site file allows it, and there is a key that could ask for it."""
    return site.remote_settings and bool(site.commands.keys)


def _configure(site: SiteConfig) -> tuple[Capability, ...]:
    return (Capability(name="configure"),) if _takes_settings(site) else ()


def _view(site: SiteConfig) -> Capability:
    return Capability(
        name="view",
        parameters={
            "camera": Parameter(choices=tuple(camera.id for camera in site.cameras)),
            "duration_s": Parameter(minimum=0, maximum=MAX_DURATION_S),
            "rate_hz": Parameter(minimum=0, maximum=MAX_RATE_HZ),
            "cameras_at_once": Parameter(maximum=MOST_CAMERAS),
        },
    )


def _talk(site: SiteConfig) -> tuple[Capability, ...]:
    """Nothing where no camera has a loudspeaker."""
    heard = [camera.id for camera in site.cameras if (camera.voice or site.voice).output.kind != "none"]
    if not heard:
        return ()
    parameters = {
        "camera": Parameter(choices=tuple(heard)),
        "duration_s": Parameter(minimum=0, maximum=MAX_DURATION_S),
        "sample_rate_hz": Parameter(choices=tuple(str(rate_hz) for rate_hz in RATES_HZ)),
        "chunk_s": Parameter(minimum=0, maximum=MAX_CHUNK_S),
    }
    return (Capability(name="talk", parameters=parameters),)


def _open(site: SiteConfig) -> tuple[Capability, ...]:
    """Nothing where there is no gate, or no key that could ask for it."""
    if not site.gates or not site.commands.keys:
        return ()
    return (Capability(name="open", parameters={"gate": Parameter(choices=tuple(gate.id for gate in site.gates))}),)


def _cut_off(site: SiteConfig) -> tuple[Capability, ...]:
    """Nothing where no point's current can be cut off, or there is no key that could ask for it."""
    points = tuple(point.id for point in site.sensors.points if point.cut_off is not None and site.commands.keys)
    return (Capability(name="cut_off", parameters={"sensor": Parameter(choices=points)}),) if points else ()


def _rights(site: SiteConfig) -> tuple[Capability, ...]:
    """Of one person: a copy and the deletion; nothing where nobody is listed, or no key could ask for it."""
    if site.access is None or not site.commands.keys:
        return ()
    return Capability(name="export"), Capability(name="erase")


def _visitors(site: SiteConfig) -> tuple[Capability, ...]:
    """Passes for gates that take codes; nothing where there is none, or no key could ask for it."""
    gates = () if site.access is None else site.access.code_gates
    if not gates or not site.commands.keys:
        return ()
    return Capability(name="pass", parameters={"gate": Parameter(choices=gates)}), Capability(name="revoke")


class HealthBoard:
    """Publishes a camera's health when it changes, and every `REPEAT_S`; one thread per camera."""

    def __init__(self, publish: Callable[[CameraHealth], None], utcnow: Callable[[], datetime]) -> None:
        self._publish = publish
        self._utcnow = utcnow
        self._last: dict[str, tuple[CameraHealth, int, int]] = {}
        self._blind: dict[str, BlindDay] = {}

    def forget(self, camera: str) -> None:
        """The site has this camera no more: whoever kept its last word hears that it is off."""
        last = self._last.pop(camera, None)
        self._blind.pop(camera, None)
        if last is not None:
            facts = {"status": CameraStatus.OFF, "reason": "removed", "fps_in": 0.0, "fps_done": 0.0}
            self._publish(last[0].model_copy(update=facts | {"at": self._utcnow()}))

    def tell(self, camera: str, status: ReaderStatus, frames_done: int) -> None:
        """Take how a camera is now; `frames_done` went through its chain since the start."""
        now = self._utcnow()
        state, reason = camera_status(status), status.reason or None
        blind_s = self._blind.setdefault(camera, BlindDay()).count(sum(status.blind_s.values()), now)
        last = self._last.get(camera)
        fps_in = fps_done = 0.0
        if last is not None:
            health, frames_in_then, frames_done_then = last
            elapsed_s = (now - health.at).total_seconds() if health.at else 0.0
            if (health.status, health.reason) == (state, reason) and elapsed_s < REPEAT_S:
                return
            if elapsed_s > 0:
                fps_in = (status.frames_in - frames_in_then) / elapsed_s
                fps_done = (frames_done - frames_done_then) / elapsed_s
        health = CameraHealth(
            camera=camera,
            status=state,
            reason=reason,
            fps_in=round(max(fps_in, 0.0), 1),
            fps_done=round(max(fps_done, 0.0), 1),
            dropped=sum(status.dropped.values()),
            blind_s_today=round(blind_s, 1),
            at=now,
        )
        self._last[camera] = (health, status.frames_in, frames_done)
        self._publish(health)
