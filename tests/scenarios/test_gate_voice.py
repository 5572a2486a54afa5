"""What a gate says: once for a passage, only where it may, and never who it was."""

import pytest

from edgeguard.access import CardClaim, Reason
from edgeguard.scenarios import GateFaceConfig, GatePlateConfig
from edgeguard.scenarios.gate_face import GateFace
from edgeguard.scenarios.gate_plate import GatePlate
from edgeguard.types import Open, Phase, Report, Say, Shown, SpeechPriority
from tests.support.keepers import AtTheGate, ToldKeeper, face, plate


def at_gate(keeper: ToldKeeper, *, speaks: bool = True) -> AtTheGate:
    ids = iter(f"e{number}" for number in range(100))
    config = GateFaceConfig(gate="north", speaks=speaks)
    return AtTheGate(GateFace(config, "cam", (), {}, lambda _: next(ids), keeper=keeper))


def said(gate: AtTheGate) -> list[str]:
    return [one.phrase for one in gate.signals if isinstance(one, Say)]


def test_a_gate_that_is_not_told_to_says_nothing() -> None:
    gate = at_gate(ToldKeeper("p-1"), speaks=False)
    gate.show(Shown(face=face()), 3)
    assert (gate.opened, said(gate)) == (1, [])
    assert (GateFaceConfig(gate="north").phrase_ids, GatePlateConfig(gate="north").speaks) == ((), False)


@pytest.mark.parametrize(
    ("shown", "phrase"),
    [
        (face("p-1"), "gate_granted"),
        (face(None), "gate_wait"),
        (face("p-1", alive=0.1), "gate_present"),
        (face("p-9"), "gate_wait"),
    ],
)
def test_what_is_said_of_a_face_once(shown: object, phrase: str) -> None:
    gate = at_gate(ToldKeeper("p-1"))
    gate.show(Shown(face=shown), 8)  # type: ignore[arg-type]
    assert said(gate) == [phrase]
    (new,) = gate.reports(Phase.NEW)
    say = next(one for one in gate.signals if isinstance(one, Say))
    assert say == Say(phrase, SpeechPriority.INFORMATION, new.event_id)
    order = [type(one) for one in gate.signals]
    assert order.index(Say) > order.index(Report), "an episode is told before it is spoken of"
    assert Open not in order[order.index(Say) :], "the gate does not wait for the voice"


@pytest.mark.parametrize("reason", [Reason.DENIED_LIST, Reason.OVER, Reason.OUTSIDE_HOURS, Reason.USED_UP])
def test_who_is_refused_is_told_no_reason(reason: Reason) -> None:
    keeper = ToldKeeper()
    keeper.reason = reason
    gate = at_gate(keeper)
    keeper.waiting = [CardClaim("04A1")]
    gate.show(Shown(), 2)
    assert said(gate) == ["gate_refused"]


def test_a_plate_that_is_read_again_is_told_again_only_what_is_new() -> None:
    ids = iter(f"e{number}" for number in range(100))
    config = GatePlateConfig(gate="north", speaks=True)
    rule = GatePlate(config, "cam", (), {}, lambda _: next(ids), keeper=ToldKeeper("粤B12345"))
    gate = AtTheGate(rule)
    for text in ("粤B1234S", "粤B1234I", "粤B12345", "粤B12345"):
        gate.show(Shown((plate(text),)))
    assert said(gate) == ["gate_wait", "gate_granted"]
