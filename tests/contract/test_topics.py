import pytest

from edgeguard.contract import Address, Family, Kind, Topics, parse
from edgeguard.errors import ContractError

TOPICS = Topics("s1", "b1")


@pytest.mark.parametrize(
    ("topic", "kind", "args"),
    [
        (TOPICS.birth, Kind.BIRTH, ()),
        (TOPICS.state, Kind.STATE, ()),
        (TOPICS.event(Family.LIFT), Kind.EVENT, ("lift",)),
        (TOPICS.picture("01KG9H1S000000000000000001", 1), Kind.PICTURE, ("01KG9H1S000000000000000001", "1")),
        (TOPICS.evidence("e"), Kind.EVIDENCE, ("e",)),
        (TOPICS.view("cam1"), Kind.VIEW, ("cam1",)),
        (TOPICS.camera_health("cam1"), Kind.CAMERA_HEALTH, ("cam1",)),
        (TOPICS.tail, Kind.TAIL, ()),
        (TOPICS.metrics, Kind.METRICS, ()),
        (TOPICS.cmd("speak"), Kind.CMD, ("speak",)),
        (TOPICS.cmd_ack("c1"), Kind.CMD_ACK, ("c1",)),
        (TOPICS.ack, Kind.ACK, ()),
        (TOPICS.gap, Kind.GAP, ()),
    ],
)
def test_built_topics_parse_back(topic: str, kind: Kind, args: tuple[str, ...]) -> None:
    assert topic.startswith("eg1/s1/b1/")
    address = parse(topic)
    assert address == Address("s1", "b1", kind, args)
    assert address.topic == topic


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "eg1",
        "eg1/s1/b1",
        "eg2/s1/b1/birth",
        "eg1/s1/b1/birth/x",
        "eg1/s1/b1/nope",
        "eg1//b1/birth",
        "eg1/s1/b1/cmd/+",
        "eg1/s1/b1/cmd/speak\n",
    ],
)
def test_other_topics_are_refused(topic: str) -> None:
    with pytest.raises(ContractError, match="accepted"):
        parse(topic)


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "a b", "电梯", "$SYS", "x" * 65, "s1\n"])
def test_names_that_cannot_be_segments_are_refused(name: str) -> None:
    with pytest.raises(ContractError, match="cannot be part of a topic"):
        Topics(name, "b1")
    with pytest.raises(ContractError, match="cannot be part of a topic"):
        TOPICS.cmd(name)
