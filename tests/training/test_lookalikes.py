from models.training.labels import E_BIKE
from models.training.lookalikes import PRAM, WHEELCHAIR, chosen
from models.training.scenes import cabin, layout, stills


def test_a_chosen_still_holds_a_lookalike_and_no_e_bike() -> None:
    rng = stills.generator(3, next(chosen(3)))
    labels = {thing.label for thing in layout.stage(rng, cabin.cabin(rng)).things}
    assert labels & {PRAM, WHEELCHAIR}
    assert E_BIKE not in labels
