"""One example per message: printed by `edgeguard contract examples`, validated in the tests, used by the schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from edgeguard.contract.access import AccessSummary, ConsentDue, GateCount
from edgeguard.contract.ack import Ack, AckKind
from edgeguard.contract.base import Message
from edgeguard.contract.codes import Family
from edgeguard.contract.commands import (
    CommandAck,
    CommandStatus,
    ConfigureCommand,
    CutOffArgs,
    CutOffCommand,
    EraseCommand,
    ExportCommand,
    ListsCommand,
    OpenArgs,
    OpenCommand,
    PassCommand,
    RevokeCommand,
    SpeakArgs,
    SpeakCommand,
    TalkArgs,
    TalkCommand,
    ViewArgs,
    ViewCommand,
)
from edgeguard.contract.device import (
    Birth,
    BoxStatus,
    CameraHealth,
    CameraInfo,
    CameraStatus,
    Capability,
    Evidence,
    Parameter,
    Software,
    State,
    Tail,
)
from edgeguard.contract.event import Action, Clock, Decision, Event, EventDraft, ModelRef, Place, SeenObject, Timing
from edgeguard.contract.gap import Gap
from edgeguard.contract.lists import ListsArgs, PersonKind, PersonRow, VehicleList, VehicleRow
from edgeguard.contract.passes import PassArgs, RevokeArgs
from edgeguard.contract.rights import EraseArgs, ExportArgs, in_parts
from edgeguard.contract.rules import ConfigureArgs
from edgeguard.contract.sealing import ReplyKey
from edgeguard.contract.signing import SigningKey
from edgeguard.contract.topics import Topics
from edgeguard.schedule import Day, Schedule, Window
from edgeguard.types import Phase, Severity

SITE, BOX, CAMERA = "demo", "box-1", "lift-1"
EVENT_ID = "01KG9H1S000000000000000001"
_TOPICS = Topics(SITE, BOX)
_START = datetime(2026, 1, 31, 8, tzinfo=UTC)
_PLACE = Place(site=SITE, building="3", unit="2", lift="A")
# Known to everybody: for this example only.
_EXAMPLE_KEY = SigningKey.of_seed(bytes(32))
_MODEL = ModelRef(name="lift-n", sha256="0" * 64)


@dataclass(frozen=True, slots=True)
class Example:
    """A message as it travels on a topic."""

    name: str
    topic: str
    message: Message
    retain: bool = False


def _at(seconds: float) -> datetime:
    return _START + timedelta(seconds=seconds)


def _draft(phase: Phase, at_s: float, reason: str) -> EventDraft:
    return EventDraft(
        event_id=EVENT_ID,
        at=_at(at_s),
        phase=phase,
        code="LIFT.EBIKE.ENTER",
        severity=Severity.CRITICAL,
        place=_PLACE,
        camera=CAMERA,
        rule="lift_ebike",
        rule_version="1",
        zones=("cabin",),
        dwell_s=at_s,
        object=SeenObject(
            label="e-bike",
            track_id=7,
            box=(0.31, 0.22, 0.74, 0.91),
            score=0.93,
            frames_seen=3,
            first_seen=_START,
            last_seen=_at(min(at_s, 21)),
        ),
        decision=Decision(reason=reason),
        timing=Timing(captured=_at(at_s), decided=_at(at_s + 0.04)),
        clock=Clock(synced=True, offset_ms=1.5),
        model=_MODEL,
    )


def _event(draft: EventDraft, rev: int) -> Event:
    return Event.of(draft, site=SITE, box=BOX, seq=41 + rev, rev=rev)


def _episode() -> Iterator[Example]:
    topic = _TOPICS.event(Family.LIFT)
    yield Example("event_new", topic, _event(_draft(Phase.NEW, 0.4, "confirmed"), 0))
    spoken = Action(
        type="voice",
        target="speaker",
        asset="ebike_leave",
        language="zh",
        started_at=_at(0.5),
        ended_at=_at(6.1),
        result="played",
    )
    update = _draft(Phase.UPDATE, 6.2, "spoken").model_copy(update={"actions": (spoken,)})
    yield Example("event_update", topic, _event(update, 1))
    end = _draft(Phase.END, 36.0, "cleared").model_copy(
        update={"decision": Decision(outcome="complied", reason="cleared"), "end_reason": "cleared"}
    )
    yield Example("event_end", topic, _event(end, 2))


def _device() -> Iterator[Example]:
    speak = Capability(
        name="speak",
        parameters={"phrase": Parameter(choices=("ebike_leave",)), "repeat": Parameter(minimum=1, maximum=5)},
    )
    birth = Birth(
        software=Software(version="0.1.0"),
        boot_id="01KG9GZYD00000000000000001",
        bd_seq=12,
        started_at=_at(-60),
        models=(_MODEL,),
        cameras=(CameraInfo(id=CAMERA, label="Lift 1", place=_PLACE),),
        capabilities=(speak,),
    )
    yield Example("birth", _TOPICS.birth, birth, retain=True)
    yield Example("state_online", _TOPICS.state, State(state=BoxStatus.ONLINE, bd_seq=12), retain=True)
    yield Example("state_last_will", _TOPICS.state, State(state=BoxStatus.OFFLINE, bd_seq=12), retain=True)
    health = CameraHealth(camera=CAMERA, status=CameraStatus.OK, fps_in=15.0, fps_done=8.0, dropped=120, at=_START)
    yield Example("camera_health", _TOPICS.camera_health(CAMERA), health, retain=True)
    yield Example("tail", _TOPICS.tail, Tail(seq=43, at=_at(36)), retain=True)
    access = AccessSummary(
        at=_at(36),
        faces=212,
        consents=212,
        withdrawn=3,
        due_count=1,
        due=(ConsentDue(ref="p-7d1c", until=_at(36)),),
        people_count=430,
        people=("p-7d1c", "p-7k2m9q4xwd"),
        gates=(GateCount(gate="north", people=430, vehicles=188, faces=212),),
        keep_days={"people": 30, "audit": 1095},
    )
    yield Example("access", _TOPICS.access, access, retain=True)
    evidence = Evidence(
        event_id=EVENT_ID, kind="clip", name="clip.mp4", media_type="video/mp4", sha256="0" * 64, size_bytes=812_345
    )
    yield Example("evidence", _TOPICS.evidence(EVENT_ID), evidence)


def _orders() -> Iterator[Example]:
    by, life = "operator-1", timedelta(seconds=30)
    speak = SpeakCommand(
        id="cmd-0001", issued_at=_at(10), expires_at=_at(10) + life, by=by, args=SpeakArgs(phrase="ebike_leave")
    )
    yield Example("cmd_speak", _TOPICS.cmd("speak"), speak)
    view = ViewCommand(id="cmd-0002", issued_at=_at(11), expires_at=_at(11) + life, by=by, args=ViewArgs(camera=CAMERA))
    yield Example("cmd_view", _TOPICS.cmd("view"), view)
    talk_args = TalkArgs(camera=CAMERA, event_id=EVENT_ID)
    talk = TalkCommand(id="cmd-0003", issued_at=_at(12), expires_at=_at(12) + life, by=by, args=talk_args)
    yield Example("cmd_talk", _TOPICS.cmd("talk"), talk)
    opening = OpenCommand(
        id="cmd-0004",
        issued_at=_at(13),
        expires_at=_at(13) + life,
        by=by,
        args=OpenArgs(gate="north", reason="parcel service"),
    )
    yield Example("cmd_open", _TOPICS.cmd("open"), _EXAMPLE_KEY.sign(_TOPICS.cmd("open"), opening))
    off_args = CutOffArgs(sensor="charger-3", event_id=EVENT_ID)
    off = CutOffCommand(id="cmd-0008", issued_at=_at(13), expires_at=_at(13) + life, by=by, args=off_args)
    yield Example("cmd_cut_off", _TOPICS.cmd("cut_off"), _EXAMPLE_KEY.sign(_TOPICS.cmd("cut_off"), off))
    lists = ListsCommand(id="cmd-0005", issued_at=_at(14), expires_at=_at(14) + life, by=by, args=_list())
    yield Example("cmd_lists", _TOPICS.cmd("lists"), _EXAMPLE_KEY.sign(_TOPICS.cmd("lists"), lists))
    done = CommandAck(id="cmd-0001", name="speak", status=CommandStatus.DONE, at=_at(16))
    yield Example("cmd_ack", _TOPICS.cmd_ack("cmd-0001"), done)
    seen = Ack(event_id=EVENT_ID, ack=AckKind.SEEN, by=by, at=_at(12))
    yield Example("ack_seen", _TOPICS.ack, seen)
    wrong = Ack(event_id=EVENT_ID, ack=AckKind.FALSE_ALARM, why="wheelchair", by=by, note="told the guard", at=_at(40))
    yield Example("ack_false_alarm", _TOPICS.ack, wrong)
    yield Example("gap", _TOPICS.gap, Gap(from_seq=38, to_seq=40))


def _rights() -> Iterator[Example]:
    """A copy of what is held of somebody, its first part, and their deletion."""
    life, by = timedelta(seconds=120), "officer-1"
    copy = ExportCommand(
        id="cmd-0006",
        issued_at=_at(15),
        expires_at=_at(15) + life,
        by=by,
        args=ExportArgs(ref="p-7d1c", reply_key=ReplyKey(bytes(32)).public),
    )
    yield Example("cmd_export", _TOPICS.cmd("export"), _EXAMPLE_KEY.sign(_TOPICS.cmd("export"), copy))
    # What is sealed differs each time, so this one is none.
    part = in_parts("cmd-0006", b"sealed")[0]
    yield Example("dossier", _TOPICS.dossier("cmd-0006"), part)
    erase = EraseCommand(
        id="cmd-0007", issued_at=_at(16), expires_at=_at(16) + life, by=by, args=EraseArgs(ref="p-7d1c")
    )
    yield Example("cmd_erase", _TOPICS.cmd("erase"), _EXAMPLE_KEY.sign(_TOPICS.cmd("erase"), erase))


def _visitors() -> Iterator[Example]:
    """A pass for an afternoon, and its end."""
    life, by = timedelta(seconds=8), "operator-1"
    args = PassArgs(gates=("north",), valid_until=_at(4 * 3600), uses=2, reply_key=ReplyKey(bytes(32)).public)
    made = PassCommand(id="cmd-0009", issued_at=_at(17), expires_at=_at(17) + life, by=by, args=args)
    yield Example("cmd_pass", _TOPICS.cmd("pass"), _EXAMPLE_KEY.sign(_TOPICS.cmd("pass"), made))
    void = RevokeCommand(
        id="cmd-0010",
        issued_at=_at(18),
        expires_at=_at(18) + life,
        by=by,
        args=RevokeArgs(pass_id="5f3c9a1e77b20d48"),  # noqa: S106 - an id, no secret
    )
    yield Example("cmd_revoke", _TOPICS.cmd("revoke"), _EXAMPLE_KEY.sign(_TOPICS.cmd("revoke"), void))


def _settings() -> Iterator[Example]:
    """Loitering at night and at noon only, and after half a minute; a rule in a lift off for four hours."""
    life, by, hours = timedelta(seconds=8), "supervisor-1", timedelta(hours=4)
    windows = (Window(start=time(22), end=time(6)), Window(start=time(12), end=time(13), days=(Day.SAT, Day.SUN)))
    armed = Schedule(timezone="Asia/Shanghai", windows=windows)
    loiter = ConfigureArgs(camera="yard-1", kind="conduct_loiter", zone="garage ramp", dwell_s=30, armed=armed)
    off = ConfigureArgs(camera=CAMERA, kind="lift_ebike", zone="cabin", on=False, until=_at(20) + hours)
    for number, (name, args) in enumerate({"cmd_configure": loiter, "cmd_configure_off": off}.items()):
        at = _at(19 + number)
        command = ConfigureCommand(id=f"cmd-{11 + number:04}", issued_at=at, expires_at=at + life, by=by, args=args)
        yield Example(name, _TOPICS.cmd("configure"), _EXAMPLE_KEY.sign(_TOPICS.cmd("configure"), command))


def _list() -> ListsArgs:
    """Changes: a contractor with hours, a visitor's car for an afternoon; somebody has withdrawn a consent."""
    cleaner = PersonRow(ref="p-cleaner-3", kind=PersonKind.CONTRACTOR, hours="mon-fri 08:00-18:00", gates=("north",))
    car = VehicleRow(plate="粤B12345", list_name=VehicleList.VISITOR, valid_from=_at(0), valid_until=_at(4 * 3600))
    return ListsArgs(revision=8, base=7, people=(cleaner,), vehicles=(car,), withdrawn=("p-flat-12",))


EXAMPLES: tuple[Example, ...] = (*_episode(), *_device(), *_orders(), *_rights(), *_visitors(), *_settings())
