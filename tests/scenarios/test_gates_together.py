"""One camera that looks at one gate for plates and for faces: what is shown there is decided about once."""

from collections.abc import Sequence

import pytest

from edgeguard.access import CardClaim, PlateClaim, QrClaim
from edgeguard.scenarios import GateFaceConfig, GatePlateConfig, GateRuleConfig, build
from edgeguard.types import Observation, Shown, Signal, Verdict
from tests.support.keepers import AtTheGate, ToldKeeper, face, plate

PLATE, FACE = GatePlateConfig(gate="north"), GateFaceConfig(gate="north")
CODE = "EG1CODE"


class Together:
    """All rules of a camera, one after the other, as its chain asks them."""

    def __init__(self, configs: Sequence[GateRuleConfig], keeper: ToldKeeper) -> None:
        ids = iter(f"e{number}" for number in range(100))
        gates = {config.gate: keeper for config in configs}
        self._rules = build(configs, "cam", (), {}, lambda _: next(ids), keepers=gates)

    def update(self, observation: Observation) -> Verdict:
        signals: list[Signal] = []
        for rule in self._rules:
            signals += rule.update(observation).signals
        return Verdict(tuple(signals), attentive=False)


@pytest.mark.parametrize("configs", [(PLATE, FACE), (FACE, PLATE), (PLATE,), (FACE,)])
@pytest.mark.parametrize("verifies", [False, True])
def test_a_code_is_asked_for_once(configs: Sequence[GateRuleConfig], verifies: bool) -> None:
    keeper = ToldKeeper("粤B12345", verifies=verifies)
    gate = AtTheGate(Together(configs, keeper))
    gate.show(Shown(code=CODE), 3)
    assert (keeper.asked, gate.opened) == ([QrClaim(CODE)], 1)
    gate.show(Shown(), 6)
    gate.show(Shown(code=CODE))
    assert len(keeper.asked) == 2, "shown again, it is another use"


@pytest.mark.parametrize("configs", [(PLATE, FACE), (FACE, PLATE)])
def test_whoever_showed_something_is_not_asked_for_their_face_too(configs: Sequence[GateRuleConfig]) -> None:
    keeper = ToldKeeper("粤B12345")
    gate = AtTheGate(Together(configs, keeper))
    keeper.waiting = [CardClaim("04A1")]
    gate.show(Shown(face=face(None)), 3)
    assert keeper.asked == [CardClaim("04A1")]


def test_cars_and_two_gates_are_as_before() -> None:
    keeper = ToldKeeper("粤B12345")
    gate = AtTheGate(Together((PLATE, FACE), keeper))
    gate.show(Shown((plate(),)))
    assert keeper.asked == [PlateClaim("粤B12345", 2)]
    two = ToldKeeper()
    gate = AtTheGate(Together((PLATE, GateFaceConfig(gate="south")), two))
    gate.show(Shown(code=CODE))
    assert len(two.asked) == 2, "a code before two gates opens both"
