"""A plate, a card or a code at one place, and the face at another: who is waited for, where and for how long."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edgeguard.access import AccessConfig, CardClaim, Directory, PlateClaim, Reason
from edgeguard.access.config import FIRST_WITHIN_S, GateRules
from edgeguard.agent.firsts import MOST, Firsts
from edgeguard.agent.gate_desk import CameraDesk, GateDesk
from edgeguard.agent.gate_eyes import open_gate_reader
from edgeguard.agent.site import SiteConfig
from edgeguard.catalogue import template_of
from edgeguard.scenarios import GateFaceConfig, GatePlateConfig
from edgeguard.scenarios.gate_face import GateFace
from edgeguard.scenarios.gate_plate import GatePlate
from edgeguard.types import Observation, Open, Phase, Report, Shown, Signal, Tracks
from tests.conftest import MakeModel
from tests.support.directories import START, act, at, directory, person, vehicle
from tests.support.gates import (
    ALIVE,
    EVERYTHING,
    NOBODY,
    SIDE_PX,
    STRANGER,
    Image,
    camera,
    enrol,
    face_picture,
    frame_of,
    gate_site,
    models,
)
from tests.support.keepers import plate

MINE, THEIRS, NOBODYS = "粤B12345", "粤B54321", "粤B00001"
GATES: tuple[dict[str, Any], ...] = (
    {"id": "garage", "means": ["plate", "card", "qr", "guard"]},
    {
        "id": "hall",
        "means": EVERYTHING,
        "face": "verify",
        "first": [{"camera": "ramp", "within_s": 30}, {"reader": "lobby", "within_s": 20}],
    },
)


@dataclass
class House:
    """A ramp with plates, a hall with faces, readers; pictures and tracks in, signals out."""

    box: Directory
    faces: Path
    reader: Any
    desks: dict[str, GateDesk]
    now_s: float = 0.0
    rules: dict[str, GateFace | GatePlate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ids = iter(f"e{number}" for number in range(100))
        for where in ("ramp", "street", "side"):
            keeper = CameraDesk(self.desks["hall" if where == "side" else "garage"], where)
            config = GatePlateConfig(gate="hall" if where == "side" else "garage")
            self.rules[where] = GatePlate(config, where, (), {}, lambda _: next(ids), keeper=keeper)
        keeper = CameraDesk(self.desks["hall"], "hall-cam")
        self.rules["hall"] = GateFace(
            GateFaceConfig(gate="hall"), "hall-cam", (), {}, lambda _: next(ids), keeper=keeper
        )

    def at(self, where: str, shown: Shown | None = None) -> list[str]:
        """One look; what was decided, and whether it opened."""
        now = Observation(self.now_s, self.when, SIDE_PX, SIDE_PX, Tracks.empty(), shown=shown or Shown())
        signals = self.rules[where].update(now).signals
        self.now_s += 0.1
        return reasons(signals)

    def car(self, where: str, text: str, looks: int = 3) -> list[str]:
        """A track of plates."""
        return [
            word for _ in range(looks) for word in self.at(where, Shown(plates=(plate(text, int(self.now_s * 10)),)))
        ]

    def face(self, picture: Image, for_s: float = 2.0) -> list[str]:
        """Somebody before the hall's camera."""
        told = []
        for _ in range(round(for_s / 0.1)):
            told += self.at("hall", self.reader.read(frame_of(picture, self.now_s, self.when)))
        return told

    def card(self, gate: str, number: str, reader: str | None) -> None:
        self.desks[gate].present(CardClaim(number), reader)

    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    @property
    def when(self) -> Any:
        return START + timedelta(seconds=self.now_s)


def reasons(signals: tuple[Signal, ...]) -> list[str]:
    opened = {one.event_id for one in signals if isinstance(one, Open)}
    return [
        f"{one.code} {one.passage.reason}{' opened' if one.event_id in opened else ''}"
        for one in signals
        if isinstance(one, Report) and one.phase is Phase.NEW and one.passage
    ]


@pytest.fixture
def house(tmp_path: Path, make_model: MakeModel) -> Iterator[House]:
    """p-1 drives MINE and has a card; p-2 drives THEIRS; NOBODYS is listed without an owner."""
    detectors, faces = models(tmp_path, make_model)
    access = {"gates": list(GATES)}
    site = gate_site(
        tmp_path, detectors, faces, [camera("gate_face", "hall", tmp_path / "none.mp4")], {}, access=access
    )
    site |= {"relays": [{"id": "hall", "driver": {"kind": "memory"}}], "gates": [{"id": "hall", "relay": "hall"}]}
    site["access"] = {"gates": [{**GATES[1], "first": []}]}
    with directory(tmp_path, AccessConfig.model_validate(access)) as box:
        there: list[House] = []

        def clock() -> float:
            return there[0].now_s if there else 0.0

        firsts = Firsts(box.config.gates, clock)
        desks = {
            one.id: GateDesk(box, one, in_clear=lambda: False, monotonic_s=clock, firsts=firsts)
            for one in box.config.gates
        }
        desks["hall"].spec = template_of(faces)
        config = SiteConfig.model_validate(site)
        there.append(House(box, faces, open_gate_reader(config, config.cameras[0], desks), desks))
        enrol(box, faces, "p-1", ALIVE)
        box.people.put(person("p-2"), act())
        box.credentials.add_card("p-1", "04A1", act())
        box.credentials.add_card("p-2", "04A2", act())
        box.vehicles.put(vehicle(MINE, ref="p-1"), act())
        box.vehicles.put(vehicle(THEIRS, ref="p-2"), act())
        box.vehicles.put(vehicle(NOBODYS), act())
        yield there[0]


GRANTED, SOMEBODY_ELSE = "ACCESS.FACE.GRANTED listed opened", "ACCESS.FACE.DENIED somebody_else"


@pytest.mark.parametrize(
    ("where", "text", "after_s", "who", "told"),
    [
        ("ramp", MINE, 5, ALIVE, [GRANTED]),
        ("ramp", MINE, 5, STRANGER, [SOMEBODY_ELSE]),
        ("ramp", MINE, 31, ALIVE, []),
        ("street", MINE, 5, ALIVE, []),  # no camera that counts at the hall
        ("ramp", THEIRS, 5, ALIVE, []),  # p-2 has no face on record; nobody is looked at
        ("ramp", NOBODYS, 5, ALIVE, []),
        ("ramp", "粤B99999", 5, ALIVE, []),  # not let in at the ramp
    ],
)
def test_a_plate_at_one_camera_and_a_face_at_another(
    house: House, where: str, text: str, after_s: float, who: tuple[int, int, int], told: list[str]
) -> None:
    outcome = "UNKNOWN not_listed" if text.endswith("99999") else "GRANTED listed opened"
    assert house.car(where, text) == [f"VEHICLE.PLATE.{outcome}"], "the ramp decides about cars as ever"
    house.wait(after_s)
    assert house.face(face_picture(who)) == told


def test_a_plate_counts_for_one_passage(house: House) -> None:
    house.car("ramp", MINE)
    assert house.face(face_picture(ALIVE)) == [GRANTED]
    house.wait(8)
    assert house.face(face_picture(ALIVE)) == [], "a second time something must be shown again"


def test_somebody_else_first_does_not_spend_it(house: House) -> None:
    house.car("ramp", MINE)
    assert house.face(face_picture(STRANGER)) == [SOMEBODY_ELSE]
    house.wait(4)
    assert house.face(face_picture(ALIVE)) == [GRANTED]


def test_the_car_must_be_admitted_where_the_face_is(house: House) -> None:
    house.box.vehicles.put(vehicle(MINE, ref="p-1", gates=("garage",)), act())
    house.car("ramp", MINE)
    assert house.face(face_picture(ALIVE)) == ["ACCESS.FACE.DENIED other_gate"]


@pytest.mark.parametrize(
    ("reader", "number", "after_s", "who", "told"),
    [
        ("lobby", "04A1", 5, ALIVE, [GRANTED]),
        ("lobby", "04A1", 5, STRANGER, [SOMEBODY_ELSE]),
        ("lobby", "04A1", 21, ALIVE, []),
        ("lobby", "04A2", 5, ALIVE, []),
        ("lobby", "04A9", 5, ALIVE, []),
        ("back", "04A1", 5, ALIVE, []),
        (None, "04A1", 5, ALIVE, []),
    ],
)
def test_a_card_at_one_reader_and_a_face_at_a_camera(
    house: House, reader: str | None, number: str, after_s: float, who: tuple[int, int, int], told: list[str]
) -> None:
    house.card("garage", number, reader)
    granted = house.at("street")
    assert granted == [f"ACCESS.PASS.{'UNKNOWN not_listed' if number == '04A9' else 'GRANTED listed opened'}"]
    house.wait(after_s)
    assert house.face(face_picture(who)) == told


@pytest.mark.parametrize(
    ("ref", "who", "told"), [("p-1", ALIVE, [GRANTED]), ("p-1", STRANGER, [SOMEBODY_ELSE]), (None, ALIVE, [])]
)
def test_a_code_at_one_camera_and_a_face_at_another(
    house: House, ref: str | None, who: tuple[int, int, int], told: list[str]
) -> None:
    _, text = house.box.passes.make(("garage", "hall"), at(), at(4), 2, act(), ref)
    assert house.at("ramp", Shown(code=text)) == ["ACCESS.PASS.GRANTED listed opened"]
    house.wait(5)
    assert house.face(face_picture(who)) == told


def test_a_listed_persons_code_ends_with_them(house: House) -> None:
    _, text = house.box.passes.make(("garage",), at(), at(4), 2, act(), "p-2")
    house.box.erase("p-2", act())
    assert house.at("ramp", Shown(code=text)) == ["ACCESS.PASS.UNKNOWN not_listed"]


def test_a_plate_at_another_camera_of_the_same_gate_opens_with_the_face_only(house: House) -> None:
    assert house.car("side", MINE) == []
    assert house.face(face_picture(ALIVE)) == [GRANTED]
    house.wait(20)
    assert house.car("side", THEIRS) == ["VEHICLE.PLATE.GRANTED listed opened"], "no face on record"
    house.wait(20)
    assert house.car("side", MINE) == []
    house.wait(FIRST_WITHIN_S + 1)
    assert house.face(face_picture(NOBODY), 0.3) == ["ACCESS.FACE.DENIED liveness_unknown"], "a face that did not come"
    assert house.face(face_picture(NOBODY), 0.3) == []


def test_a_card_at_a_gate_that_verifies_waits_for_the_face_whichever_camera_looks_first(house: House) -> None:
    house.card("hall", "04A1", None)
    assert house.at("side") == [], "a camera of plates does not open for it"
    assert house.face(face_picture(ALIVE)) == [GRANTED]


def test_several_are_waited_for_and_each_is_compared(house: House) -> None:
    enrol(house.box, house.faces, "p-2", STRANGER)
    house.car("ramp", MINE)
    house.car("ramp", THEIRS)
    assert house.face(face_picture(ALIVE)) == [GRANTED]
    house.wait(4)
    assert [one.ref for one in house.desks["hall"]._firsts.waiting("hall")] == ["p-2"]


def test_a_directory_that_is_gone_keeps_the_gate_shut(house: House) -> None:
    with closing(sqlite3.connect(house.box.store.database)) as somebody:
        for table in ("audit", "vehicle", "meta"):
            somebody.execute(f"DROP TABLE {table}")
    assert house.desks["garage"].decide(PlateClaim(MINE, 2), at(), "ramp").reason is Reason.DIRECTORY_LOST
    assert not house.desks["hall"].expects_face(PlateClaim(MINE, 2), at(), "side")


def test_few_are_waited_for_and_each_once() -> None:
    now_s = [0.0]
    gates = [GateRules.model_validate(one) for one in GATES]
    firsts = Firsts(gates, lambda: now_s[0])
    for number in range(MOST + 3):
        firsts.let_in("garage", f"p-{number}", CardClaim(str(number)), camera="ramp", reader=None)
    firsts.let_in("garage", "p-5", CardClaim("again"), camera="ramp", reader=None)
    assert [one.ref for one in firsts.waiting("hall")] == ["p-3", "p-4", "p-6", "p-7", "p-8", "p-9", "p-10", "p-5"]
    assert firsts.waiting("garage") == []
    assert firsts.take("hall", "p-5") == CardClaim("again")
    assert firsts.take("hall", None) == firsts.take("hall", "p-99") == CardClaim("10"), (
        "for a stranger the last, unspent"
    )
    now_s[0] = 30.0
    assert (firsts.waiting("hall"), firsts.overdue("hall"), firsts.take("hall", "p-4")) == ([], None, None)
