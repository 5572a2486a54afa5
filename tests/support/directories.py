"""A box's directory for a test: its gates, its people, and a clock that the test holds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from edgeguard.access import AccessConfig, Act, Consent, Directory, FaceTemplate, GateRules, Person
from edgeguard.contract import VehicleRow

START = datetime(2026, 6, 1, 8, tzinfo=UTC)  # a Monday
MODEL = "a" * 64
EVERY_MEANS = ("face", "card", "pin", "qr", "plate", "guard")


def act(hours: float = 0.0, by: str = "operator") -> Act:
    return Act(START + timedelta(hours=hours), by)


def at(hours: float = 0.0) -> datetime:
    return START + timedelta(hours=hours)


def gate(name: str = "north", **fields: Any) -> GateRules:
    return GateRules.model_validate({"id": name, "means": EVERY_MEANS, **fields})


def config(*gates: GateRules, **fields: Any) -> AccessConfig:
    return AccessConfig(gates=gates or (gate(),), **fields)


def directory(folder: Path, settings: AccessConfig | None = None, box: str = "box-1") -> Directory:
    return Directory.of(folder, "demo", box, settings or config())


def person(ref: str = "p-1", **fields: Any) -> Person:
    return Person.model_validate({"ref": ref, "kind": "resident", **fields})


def vehicle(plate: str = "粤B12345", **fields: Any) -> VehicleRow:
    return VehicleRow.model_validate({"plate": plate, "list": "resident", **fields})


def consent(ref: str = "p-1", **fields: Any) -> Consent:
    told = {"ref": ref, "notice": "b" * 64, "channel": "paper", "operator": "operator"}
    return Consent.model_validate({**told, "given_at": START, "expires_at": at(24 * 365), **fields})


def face(seed: int = 0, model: str = MODEL, like: FaceTemplate | None = None, noise: float = 0.3) -> FaceTemplate:
    """Of one person for each seed; `like`: another look at the same."""
    vector = np.random.default_rng(seed).standard_normal(128).astype(np.float32)
    if like is not None:
        vector = like.vector + np.float32(noise) * vector / np.linalg.norm(vector)
    return FaceTemplate((vector / np.linalg.norm(vector)).astype(np.float32), model)


def enrol(box: Directory, ref: str, template: FaceTemplate | None = None, **fields: Any) -> FaceTemplate:
    """List, consent and enrol."""
    template = template or face(abs(hash(ref)) % 2**32)
    box.people.put(person(ref), act())
    box.consents.add(consent(ref), act())
    box.faces.enrol(ref, template, act(), **{"same_from": 0.5, **fields})
    return template


def files(folder: Path) -> bytes:
    """Every byte that lies there, but the key's."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".key")
