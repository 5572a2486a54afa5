"""What happened at the gates: one passage for each episode of a plate, a face, a pass or a door."""

from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from edgeguard.center.cards import Card, CardAck
from edgeguard.center.database import Database
from edgeguard.center.store import BoxHealth
from edgeguard.contract.event import Action, Decision, Event, Face, Plate

# `why` of the note with which a guard says what a plate really is.
PICKED: Final = "plate_picked"
# What stands in the note where none of the candidates is right.
NONE_OF_THEM: Final = "-"
_AT_GATES: Final = "(code LIKE 'ACCESS.%' OR code LIKE 'VEHICLE.PLATE.%')"


class Passage(BaseModel):
    """A card of a gate with what its events say about who asked; `gate`: its id, None where no event names one."""

    model_config = ConfigDict(frozen=True)

    card: Card
    gate: str | None
    decision: Decision | None
    plate: Plate | None
    face: Face | None

    @property
    def outcome(self) -> str:
        """The last word of the code: granted, denied, unknown, expired, spoof, tailgate, held, forced, remote."""
        return self.card.code.rpartition(".")[2].lower()

    @property
    def relays(self) -> tuple[Action, ...]:
        return tuple(action for action in self.card.actions if action.type == "relay")

    @property
    def picked(self) -> CardAck | None:
        """What a guard said last about the plate."""
        return next((ack for ack in reversed(self.card.acks) if ack.why == PICKED), None)

    @property
    def candidates(self) -> tuple[str, ...]:
        """What a guard may pick from: the read itself first. Nothing where the box tells pseudonyms."""
        plate = self.plate
        if plate is None or self.outcome == "granted" or is_pseudonym(plate.text):
            return ()
        return tuple(dict.fromkeys((plate.text, *plate.candidates)))


class Gate(BaseModel):
    """A gate that a box says it can open."""

    model_config = ConfigDict(frozen=True)

    site: str
    box: str
    id: str
    online: bool


def passages(database: Database, limit: int) -> list[Passage]:
    """The latest, newest first. Raises StoreError."""
    found = database.read(
        f"SELECT card FROM episode WHERE {_AT_GATES} ORDER BY opened_at DESC LIMIT ?",  # noqa: S608 - constant
        (limit,),
    )
    return [_passage(database, Card.model_validate_json(row["card"])) for row in found]


def passage(database: Database, event_id: str) -> Passage | None:
    """One of them; None: nothing of a gate has that id."""
    found = database.read(f"SELECT card FROM episode WHERE event_id = ? AND {_AT_GATES}", (event_id,))  # noqa: S608
    return _passage(database, Card.model_validate_json(found[0]["card"])) if found else None


def gates(boxes: Sequence[BoxHealth]) -> list[Gate]:
    """By what the boxes said when they were born."""
    return [
        Gate(site=box.site, box=box.box, id=gate, online=box.online)
        for box in boxes
        for capability in (box.birth.capabilities if box.birth else ())
        if capability.name == "open" and "gate" in capability.parameters
        for gate in capability.parameters["gate"].choices
    ]


def is_pseudonym(plate: str) -> bool:
    """A box that has no legal basis for more tells a keyed hash; a plate is short, and its first sign a province."""
    return plate.isascii() and (len(plate) > 8 or set(plate) == {"*"})


def _passage(database: Database, card: Card) -> Passage:
    rows = database.read("SELECT body FROM event WHERE event_id = ? ORDER BY rev", (card.event_id,))
    steps = [Event.from_json(row["body"]).data for row in rows]
    return Passage(
        card=card,
        gate=next((step.zones[0] for step in steps if step.zones), None),
        decision=next((step.decision for step in steps if step.decision), None),
        plate=next((step.plate for step in reversed(steps) if step.plate), None),
        face=next((step.face for step in reversed(steps) if step.face), None),
    )
