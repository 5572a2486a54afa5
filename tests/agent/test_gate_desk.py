"""A gate's desk over a real directory: faces, codes and cards as its camera's chain shows them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeguard.access import AccessConfig, CardClaim, Decision, Directory, FaceClaim, PinClaim, PlateClaim, Reason
from edgeguard.access.directory import DATABASE_NAME
from edgeguard.agent.gate_desk import GateDesk
from edgeguard.agent.gate_eyes import open_gate_reader
from edgeguard.agent.site import SiteConfig
from edgeguard.catalogue import template_of
from edgeguard.scenarios import GateFaceConfig
from edgeguard.scenarios.gate_face import GateFace
from edgeguard.types import Observation, Open, Phase, Report, Signal, Tracks
from tests.conftest import MakeModel
from tests.support.directories import START, act, at, directory, person, vehicle
from tests.support.gates import (
    ALIVE,
    EVERYTHING,
    NOBODY,
    PLATE,
    PRINTED,
    SIDE_PX,
    STRANGER,
    Image,
    camera,
    code_picture,
    enrol,
    face_picture,
    frame_of,
    gate_site,
    models,
)


class Hall:
    """A gate's camera with all that is behind it but the box: pictures in, signals out."""

    def __init__(self, box: Directory, site: dict[str, Any], desk: GateDesk) -> None:
        config = SiteConfig.model_validate(site)
        self.desk, self.now_s = desk, 0.0
        self.offset = timedelta(0)
        reader = open_gate_reader(config, config.cameras[0], {"north": desk})
        assert reader is not None
        self.reader = reader
        ids = iter(f"e{number}" for number in range(100))
        self.rule = GateFace(GateFaceConfig(gate="north"), "cam", (), {}, lambda _: next(ids), keeper=desk)

    def show(self, picture: Image, for_s: float = 0.5, step_s: float = 0.1) -> list[Signal]:
        told: list[Signal] = []
        for _ in range(round(for_s / step_s)):
            when = START + timedelta(seconds=self.now_s) + self.offset
            shown = self.reader.read(frame_of(picture, self.now_s, when))
            now = Observation(self.now_s, when, SIDE_PX, SIDE_PX, Tracks.empty(), shown=shown)
            told += self.rule.update(now).signals
            self.now_s += step_s
        return told

    def away(self) -> None:
        self.show(face_picture(NOBODY), 6, 2.0)


def reasons(signals: list[Signal]) -> list[str]:
    """Of every passage that began, and whether the gate was opened for it."""
    opened = {one.event_id for one in signals if isinstance(one, Open)}
    return [
        f"{one.code} {one.passage.reason}{' opened' if one.event_id in opened else ''}"
        for one in signals
        if isinstance(one, Report) and one.phase is Phase.NEW and one.passage
    ]


def hall_of(folder: Path, make_model: MakeModel, **rules: Any) -> Iterator[tuple[Hall, Directory, Path]]:
    detectors, faces = models(folder, make_model)
    access = {"gates": [{"id": "north", "means": EVERYTHING, **rules}]}
    site = gate_site(folder, detectors, faces, [camera("gate_face", "north", folder / "none.mp4")], {}, access=access)
    site["relays"] = [{"id": "north", "driver": {"kind": "memory"}}]
    site["gates"] = [{"id": "north", "relay": "north"}]
    with directory(folder, AccessConfig.model_validate(access)) as box:
        hall: list[Hall] = []
        desk = GateDesk(box, box.gate("north"), in_clear=lambda: False, monotonic_s=lambda: hall[0].now_s)
        desk.spec = template_of(faces)
        hall.append(Hall(box, site, desk))
        yield hall[0], box, faces


@pytest.fixture
def searching(tmp_path: Path, make_model: MakeModel) -> Iterator[tuple[Hall, Directory, Path]]:
    yield from hall_of(tmp_path, make_model)


@pytest.fixture
def verifying(tmp_path: Path, make_model: MakeModel) -> Iterator[tuple[Hall, Directory, Path]]:
    yield from hall_of(tmp_path, make_model, face="verify")


def test_who_is_enrolled_is_let_in_from_the_next_look_on_and_a_withdrawal_ends_it(
    searching: tuple[Hall, Directory, Path],
) -> None:
    hall, box, faces = searching
    assert reasons(hall.show(face_picture(ALIVE), 1.8)) == ["ACCESS.FACE.UNKNOWN not_listed"]
    hall.away()
    enrol(box, faces, "p-1", ALIVE)
    assert reasons(hall.show(face_picture(ALIVE))) == ["ACCESS.FACE.GRANTED listed opened"]
    hall.away()
    box.consents.withdraw("p-1", act())
    assert reasons(hall.show(face_picture(ALIVE), 1.8)) == ["ACCESS.FACE.UNKNOWN not_listed"]


def test_a_stranger_a_picture_of_a_picture_and_a_crowd_open_nothing(searching: tuple[Hall, Directory, Path]) -> None:
    hall, box, faces = searching
    enrol(box, faces, "p-1", ALIVE)
    enrol(box, faces, "p-2", PRINTED)
    assert reasons(hall.show(face_picture(STRANGER), 1.8)) == ["ACCESS.FACE.UNKNOWN not_listed"]
    hall.away()
    assert reasons(hall.show(face_picture(PRINTED), 1.8)) == ["ACCESS.FACE.SPOOF not_alive"]
    hall.away()
    crowd = np.full((SIDE_PX, SIDE_PX, 3), 255, np.uint8)
    assert reasons(hall.show(crowd, 1.8)) == ["ACCESS.FACE.UNKNOWN several_faces"]


def test_a_pass_that_is_shown_again_is_used_up(searching: tuple[Hall, Directory, Path]) -> None:
    hall, box, _ = searching
    _, text = box.passes.make(("north",), at(), at(4), 1, act())
    assert reasons(hall.show(code_picture(text), 0.5)) == ["ACCESS.PASS.GRANTED listed opened"]
    hall.away()
    assert reasons(hall.show(code_picture(text), 0.5)) == ["ACCESS.PASS.DENIED used_up"]
    hall.away()
    assert reasons(hall.show(code_picture("EG1NONSENSE"), 0.5)) == ["ACCESS.PASS.UNKNOWN foreign_code"]


def test_a_clock_set_back_makes_a_pass_not_valid_again(searching: tuple[Hall, Directory, Path]) -> None:
    hall, box, _ = searching
    _, text = box.passes.make(("north",), at(), at(1), 5, act())
    hall.offset = timedelta(hours=2)
    assert reasons(hall.show(code_picture(text), 0.5)) == ["ACCESS.PASS.EXPIRED over"]
    hall.away()
    hall.offset = timedelta(0)
    assert reasons(hall.show(code_picture(text), 0.5)) == ["ACCESS.PASS.EXPIRED clock_set_back"]


def test_a_verifying_gate_compares_a_face_with_whose_card_was_shown(verifying: tuple[Hall, Directory, Path]) -> None:
    hall, box, faces = verifying
    enrol(box, faces, "p-1", ALIVE)
    box.credentials.add_card("p-1", "04A1", act())
    box.people.put(person("p-3"), act())
    box.credentials.add_card("p-3", "04A3", act())
    assert reasons(hall.show(face_picture(ALIVE), 1.8)) == [], "nobody has shown a card"
    answer = hall.desk.present(CardClaim("04A1"))
    assert reasons(hall.show(face_picture(ALIVE))) == ["ACCESS.FACE.GRANTED listed opened"]
    assert answer.result(0).reason is Reason.LISTED
    hall.away()
    hall.desk.present(CardClaim("04A1"))
    assert reasons(hall.show(face_picture(STRANGER), 1.8)) == ["ACCESS.FACE.DENIED somebody_else"]
    hall.away()
    hall.desk.present(CardClaim("04A3"))
    assert reasons(hall.show(face_picture(NOBODY))) == ["ACCESS.PASS.GRANTED listed opened"], "no face on record"
    hall.desk.present(PinClaim("99", "483920"))
    assert reasons(hall.show(face_picture(NOBODY))) == ["ACCESS.PASS.DENIED wrong_pin"]


def test_what_was_shown_too_long_ago_opens_nothing(searching: tuple[Hall, Directory, Path]) -> None:
    hall, box, _ = searching
    box.people.put(person("p-1"), act())
    box.credentials.add_card("p-1", "04A1", act())
    answer = hall.desk.present(CardClaim("04A1"))
    hall.now_s += 4
    assert hall.show(face_picture(NOBODY)) == []
    assert not answer.done()


def test_a_directory_that_is_gone_keeps_the_gate_shut(searching: tuple[Hall, Directory, Path], tmp_path: Path) -> None:
    hall, _, _ = searching
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as somebody:
        for table in ("audit", "person", "card", "meta"):
            somebody.execute(f"DROP TABLE {table}")
    decision = hall.desk.decide(CardClaim("04A1"), at())
    assert (decision.opens, decision.reason) == (False, Reason.DIRECTORY_LOST)
    assert not hall.desk.awaits_face(CardClaim("04A1"), at())


def test_a_plate_is_told_by_its_pseudonym_unless_the_law_allows_more(searching: tuple[Hall, Directory, Path]) -> None:
    hall, box, _ = searching
    box.vehicles.put(vehicle(PLATE), act())
    decision = hall.desk.decide(PlateClaim(PLATE, 2), at())
    assert isinstance(decision, Decision)
    assert hall.desk.plate_told(PLATE) == decision.subject_ref
    assert hall.desk.plate_told("?") == "unreadable"
    clear = GateDesk(box, box.gate("north"), in_clear=lambda: True, monotonic_s=lambda: 0.0)
    assert clear.plate_told(PLATE) == PLATE


def test_a_gallery_above_what_was_measured_is_not_searched(
    searching: tuple[Hall, Directory, Path], caplog: pytest.LogCaptureFixture
) -> None:
    hall, box, faces = searching
    enrol(box, faces, "p-1", ALIVE)
    spec = template_of(faces)
    rule = spec.threshold.model_copy(update={"impostors": ()})
    hall.desk.spec = spec.model_copy(update={"threshold": rule})
    assert reasons(hall.show(face_picture(ALIVE), 1.8)) == ["ACCESS.FACE.UNKNOWN not_listed"]
    assert "gate north searches no faces" in caplog.text
    assert "1:1 only" in caplog.text


def test_a_face_is_never_decided_for_without_liveness(searching: tuple[Hall, Directory, Path]) -> None:
    hall, box, faces = searching
    enrol(box, faces, "p-1", ALIVE)
    assert hall.desk.decide(FaceClaim("p-1", None), at()).reason is Reason.LIVENESS_UNKNOWN
