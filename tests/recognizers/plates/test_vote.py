import pytest

from edgeguard.recognizers.plates import Plate, TrackVote, Vote, grammar_of
from edgeguard.recognizers.plates.scripted import reading

CN = grammar_of("cn")
Look = tuple[str, float]


def plate(text: str, confidence: float = 0.95, colour: str = "blue") -> Plate | None:
    return CN.parse(reading(text, colour, confidence))


def vote(*looks: Look, agreeing: int = 2) -> Vote | None:
    track = TrackVote(agreeing)
    for text, confidence in looks:
        track.add(plate(text, confidence))
    return track.result()


def test_nothing_seen_is_nothing_said() -> None:
    assert vote() is None
    assert vote(("", 0.9), ("京A1", 0.9)) is None


@pytest.mark.parametrize(
    ("looks", "text", "votes", "agreed"),
    [
        ([("京H99999", 0.95)], "京H99999", 1, False),
        ([("京H99999", 0.95)] * 2, "京H99999", 2, True),
        ([("京H99999", 0.95), ("京H99998", 0.95)], "京H99999", 1, False),
        ([("京H99999", 0.95)] * 2 + [("京H99998", 0.95)], "京H99999", 2, False),  # two of three may err alike
        ([("京H99999", 0.95)] * 3 + [("京H99998", 0.95)], "京H99999", 3, True),
        ([("京H99999", 0.95)] * 2 + [("京H99998", 0.4)] * 2, "京H99999", 2, False),  # as many say otherwise
        ([("京H99999", 0.95)] * 2 + [("京H9", 0.95)] * 3, "京H99999", 2, True),  # no plate, not heard
        ([("京H99999", 0.95)] * 2 + [("京H99998", 0.95)] * 1 + [("京H99998", 0.7)], "京H99999", 2, False),
        ([("京H99999", 0.75)] * 3, "京H99999", 0, False),  # all of them in doubt
        ([("京H99999", 0.9)] * 3 + [("京AD12345", 0.5)], "京H99999", 3, True),
    ],
)
def test_looks_that_agree_decide(looks: list[Look], text: str, votes: int, agreed: bool) -> None:
    got = vote(*looks)
    assert got is not None
    assert (got.text, got.votes, got.reads, got.agreed) == (text, votes, len(looks), agreed)


def test_a_sure_look_outweighs_a_doubtful_one() -> None:
    got = vote(("京H99999", 0.5), ("京H99998", 0.99))
    assert got is not None
    assert got.text == "京H99998"
    assert got.candidates[6][0][0] == "8"
    assert got.candidates[6][1][0] == "9"


def test_what_else_it_may_be_differs_in_the_most_doubtful_place() -> None:
    got = vote(("京H99999", 0.5), ("京H99998", 0.99))
    assert got is not None
    assert got.others == ("京H99999",)


def test_every_character_is_voted_on_by_itself() -> None:
    """Three looks, each wrong at another place: nobody read the whole, so nothing is agreed; but the text is right."""
    got = vote(("京H19999", 0.9), ("京H91999", 0.9), ("京H99199", 0.9))
    assert got is not None
    assert (got.text, got.votes, got.agreed) == ("京H99999", 0, False)
    assert got.margin == pytest.approx(0.3)


def test_the_margin_is_that_of_the_weakest_place() -> None:
    alone, split = vote(("京H99999", 0.9)), vote(("京H99999", 0.9), ("京H99999", 0.9), ("京H99998", 0.9))
    assert alone is not None
    assert split is not None
    assert alone.margin == pytest.approx(0.9)
    assert split.margin == pytest.approx(0.3)


def test_what_is_not_clear_is_not_agreed() -> None:
    close = vote(*[("京H99999", 0.9)] * 3, *[("京H99998", 0.9)] * 2)
    assert close is not None
    assert (close.text, close.votes, close.agreed) == ("京H99999", 3, False)
    assert close.margin < 0.25


def test_the_kind_and_the_colour_are_the_weightiest() -> None:
    track = TrackVote()
    for colour in ("green", "green", "white"):
        track.add(plate("京AD12345", 0.9, colour))
    got = track.result()
    assert got is not None
    assert (got.kind, got.colour) == ("green_small", "green")


def test_at_least_one_look_must_agree() -> None:
    with pytest.raises(ValueError, match="agreeing is 0, accepted: 1 or more"):
        TrackVote(0)
