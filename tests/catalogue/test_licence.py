import pytest

from edgeguard.catalogue import accept, find_entry, read_catalogue, record, who
from edgeguard.catalogue.licence import Ask, describe
from edgeguard.errors import ConfigError

YUNET = find_entry("yunet", read_catalogue())


def test_everything_that_must_be_known_is_told() -> None:
    told = describe(YUNET, "https://mirror/x.onnx")
    for word in ("232589 bytes", YUNET.model.sha256, "MIT", YUNET.licence_url, "https://mirror/x.onnx"):
        assert word in told


@pytest.mark.parametrize(
    ("word", "ask", "how"),
    [
        ("MIT", None, "--accept-licence MIT"),
        ("mit", None, "--accept-licence mit"),
        (None, lambda _: " MIT\n", "typed when asked"),
    ],
)
def test_the_licence_by_its_name_is_an_acceptance(word: str | None, ask: Ask, how: str) -> None:
    assert accept(YUNET, word, ask) == how


@pytest.mark.parametrize(
    ("word", "ask", "message"),
    [
        (None, None, "met no acceptance, accepted: --accept-licence MIT"),
        ("Apache-2.0", None, "the licence of yunet is MIT .*, met 'Apache-2.0', accepted: MIT"),
        ("", None, "met '', accepted: MIT"),
        (None, lambda _: "yes", "met 'yes', accepted: MIT"),
        ("yes", lambda _: "MIT", "met 'yes', accepted: MIT"),
    ],
)
def test_anything_else_is_none(word: str | None, ask: Ask, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        accept(YUNET, word, ask)


def test_the_record_says_who_and_when() -> None:
    kept = record(YUNET, "typed when asked", YUNET.url, who())
    assert "@" in kept.accepted_by
    assert kept.accepted_at.tzinfo is not None
    assert (kept.licence, kept.sha256) == ("MIT", YUNET.model.sha256)
