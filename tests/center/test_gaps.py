"""What never came is asked for: once it stands still, ever more rarely, and never what is lost for good."""

import itertools
from datetime import UTC, datetime

import pytest

from edgeguard.center.config import RetentionConfig
from edgeguard.center.database import Database
from edgeguard.center.gaps import RETRY_FIRST_S, RETRY_MOST_S, SETTLE_S, GapKeeper
from edgeguard.center.hub import Hub
from edgeguard.center.intake import Received
from edgeguard.center.sequence import LOOK_BACK, Hole
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.contract import BoxStatus, Event, Gap, State, Tail, Topics
from edgeguard.contract.base import Message
from edgeguard.contract.device import Lost
from edgeguard.types import Phase
from tests.center.support import Box, CenterProcess
from tests.support.mosquitto import Mosquitto, wait_for

NOW = datetime.now(UTC)
TOPICS = Topics("riverside", "box-1")
Ranges = list[tuple[int, int]]


class Line:
    """The way to the boxes: keeps what goes out; a broker that is away takes nothing."""

    def __init__(self) -> None:
        self.connected = True
        self.sent: list[tuple[str, bytes]] = []

    def send(self, topic: str, payload: bytes) -> bool:
        if self.connected:
            self.sent.append((topic, payload))
        return self.connected

    def taken(self) -> Ranges:
        """What was asked of box-1 since the last call."""
        sent, self.sent = self.sent, []
        assert {topic for topic, _ in sent} <= {TOPICS.gap}
        asked = [Gap.from_json(payload) for _, payload in sent]
        return [(gap.from_seq, gap.to_seq) for gap in asked]


@pytest.fixture
def store(database: Database) -> SqliteStore:
    return SqliteStore(database, RetentionConfig(), late_after_s=600)


@pytest.fixture
def box() -> Box:
    return Box(0)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def keeper(store: SqliteStore, line: Line) -> GapKeeper:
    hear(store, State(state=BoxStatus.ONLINE, bd_seq=1), TOPICS.state)
    return GapKeeper(store, Hub(), line.send)


def hear(store: SqliteStore, message: Message | Event, topic: str) -> None:
    store.take([Received(topic, message.to_json(), NOW)])


def step(box: Box, seq: int) -> Event:
    box._seq = seq - 1
    return box.event(Phase.NEW)


def come(store: SqliteStore, box: Box, *seqs: int) -> None:
    topic = f"eg1/riverside/{box.name}/event/lift"
    store.take([Received(topic, step(box, seq).to_json(), NOW) for seq in seqs])


def end(store: SqliteStore, seq: int, *lost: tuple[int, int]) -> None:
    ranges = tuple(Lost(from_seq=first, to_seq=last, reason="disk full") for first, last in lost)
    hear(store, Tail(seq=seq, lost=ranges), TOPICS.tail)


def holes(store: SqliteStore) -> Ranges:
    assert {(hole.site, hole.box) for hole in store.holes()} <= {("riverside", "box-1")}
    return [(hole.first, hole.last) for hole in store.holes()]


@pytest.mark.parametrize(
    ("seqs", "found"),
    [
        ([], []),
        ([1], []),
        ([1, 2, 3], []),
        ([3, 1, 2], []),
        ([2], [(1, 1)]),
        ([1, 3], [(2, 2)]),
        ([9, 5, 1], [(2, 4), (6, 8)]),
        ([LOOK_BACK + 500], [(500, LOOK_BACK + 499)]),
    ],
)
def test_holes_between_what_came(store: SqliteStore, box: Box, seqs: list[int], found: Ranges) -> None:
    come(store, box, *seqs)
    assert holes(store) == found


@pytest.mark.parametrize(
    ("seqs", "tail", "lost", "found"),
    [
        ([], 0, [], []),
        ([], 3, [], [(1, 3)]),
        ([1], 1, [], []),
        ([1], 4, [], [(2, 4)]),
        ([1, 4], 6, [(2, 2), (6, 6)], [(3, 3), (5, 5)]),
        ([1], 9, [(2, 9)], []),
        ([1], 9, [(2, 5), (4, 8)], [(9, 9)]),
        # An older tail than what has come, and losses beyond it.
        ([1, 2, 3], 2, [], []),
        ([LOOK_BACK * 3], LOOK_BACK * 3, [(1, 20)], [(LOOK_BACK * 2, LOOK_BACK * 3 - 1)]),
        ([1], 2**63 - 1, [(2, 2**63 - 2)], [(2**63 - 1, 2**63 - 1)]),
    ],
)
def test_the_tail_tells_the_end_and_what_is_lost(
    store: SqliteStore, box: Box, seqs: list[int], tail: int, lost: Ranges, found: Ranges
) -> None:
    come(store, box, *seqs)
    end(store, tail, *lost)
    assert holes(store) == found
    end(store, tail, *lost)
    assert holes(store) == found


def test_a_hole_is_asked_for_once_it_stands_still(store: SqliteStore, box: Box, keeper: GapKeeper, line: Line) -> None:
    come(store, box, 1, 5)
    keeper.look(0)
    keeper.look(SETTLE_S - 1)
    assert line.taken() == []
    for now_s in (SETTLE_S, SETTLE_S + 1, SETTLE_S + RETRY_FIRST_S - 1):
        keeper.look(now_s)
    assert line.taken() == [(2, 4)]


def test_a_hole_that_shrinks_is_left_to_fill(store: SqliteStore, box: Box, keeper: GapKeeper, line: Line) -> None:
    come(store, box, 1, 20)
    for number in range(18):
        keeper.look(number * (SETTLE_S - 1))
        come(store, box, 19 - number)
    keeper.look(18 * SETTLE_S)
    assert (line.taken(), holes(store)) == ([], [])


def test_asked_ever_more_rarely(store: SqliteStore, box: Box, keeper: GapKeeper, line: Line) -> None:
    come(store, box, 1, 3)
    asked_s = []
    for now_s in range(6 * int(RETRY_MOST_S)):
        keeper.look(now_s)
        asked_s += [now_s for _ in line.taken()]
    pauses = [after - before for before, after in itertools.pairwise(asked_s)]
    assert pauses[0] == RETRY_FIRST_S
    assert all(after == min(2 * before, RETRY_MOST_S) for before, after in itertools.pairwise(pauses))
    assert pauses[-1] == RETRY_MOST_S


def test_closed_when_it_has_come(store: SqliteStore, box: Box, keeper: GapKeeper, line: Line) -> None:
    come(store, box, 1, 4)
    keeper.look(0)
    keeper.look(SETTLE_S)
    assert line.taken() == [(2, 3)]
    assert store.boxes()[0].missing == 2
    come(store, box, 2, 3)
    keeper.look(SETTLE_S + 10 * RETRY_MOST_S)
    assert (line.taken(), holes(store), store.boxes()[0].missing) == ([], [], 0)


def test_half_of_it_came(store: SqliteStore, box: Box, keeper: GapKeeper, line: Line) -> None:
    come(store, box, 1, 6)
    keeper.look(0)
    keeper.look(SETTLE_S)
    come(store, box, 3)
    keeper.look(SETTLE_S + 1)
    assert line.taken() == [(2, 5)]
    keeper.look(2 * SETTLE_S + 1)
    assert line.taken() == [(2, 2), (4, 5)]


def test_what_is_lost_is_not_asked_for_again(store: SqliteStore, box: Box, keeper: GapKeeper, line: Line) -> None:
    come(store, box, 1, 6)
    keeper.look(0)
    keeper.look(SETTLE_S)
    assert line.taken() == [(2, 5)]
    end(store, 6, (2, 5))
    keeper.look(SETTLE_S + 10 * RETRY_MOST_S)
    assert (line.taken(), holes(store)) == ([], [])


def test_a_box_or_broker_that_is_away_is_asked_when_back(
    store: SqliteStore, box: Box, keeper: GapKeeper, line: Line
) -> None:
    come(store, box, 1, 3)
    keeper.look(0)
    hear(store, State(state=BoxStatus.OFFLINE, bd_seq=1), TOPICS.state)
    keeper.look(1000)
    assert line.taken() == []
    hear(store, State(state=BoxStatus.ONLINE, bd_seq=2), TOPICS.state)
    line.connected = False
    keeper.look(2000)
    line.connected = True
    keeper.look(2001)
    assert line.taken() == [(2, 2)]


def test_a_box_that_counts_anew(store: SqliteStore, box: Box, keeper: GapKeeper, line: Line) -> None:
    """Its disk was replaced: the old numbers are other events, and nobody can send what was missing."""
    come(store, box, *range(1, 8), 20)
    end(store, 20)
    come(store, Box(0), 1)
    assert holes(store) == []
    come(store, Box(0), 3)
    assert holes(store) == [(2, 2)]
    come(store, Box(0), 2)
    assert holes(store) == []


def test_a_hole_closes_though_its_event_was_here(store: SqliteStore, box: Box) -> None:
    """A box that counts anew sent its eighth event before its first: that one looked like one of the old count."""
    come(store, box, *range(1, 8), 20)
    again = Box(0)
    eighth = step(again, 8)
    hear(store, eighth, "eg1/riverside/box-1/event/lift")
    come(store, again, *range(1, 8))
    end(store, 8)
    assert holes(store) == [(8, 8)]
    hear(store, eighth, "eg1/riverside/box-1/event/lift")
    assert holes(store) == []


def test_boxes_are_kept_apart(store: SqliteStore, box: Box, keeper: GapKeeper, line: Line) -> None:
    come(store, box, 1, 2)
    come(store, Box(0, "box-2"), 1, 3)
    assert store.holes() == [Hole("riverside", "box-2", 2, 2)]
    keeper.look(0)
    keeper.look(SETTLE_S)
    assert line.taken() == []  # box-2 has never said that it is there


def test_the_box_is_asked_and_the_event_comes(center: CenterProcess, broker: Mosquitto) -> None:
    """The same through the whole program: a box hears `gap` on its topic, sends, and is not missing anything."""
    with Box(broker.port, "box-7") as box, center.client() as client:
        box._client.subscribe(box.topics.gap, 1)
        box.introduce()
        first, lost, last = (box.event(Phase.NEW) for _ in range(3))
        for event in (first, last):
            box.send(event)
        wait_for(lambda: [payload for topic, payload in box.heard if topic == box.topics.gap], "the gap", 40)
        asked = [Gap.from_json(payload) for topic, payload in box.heard if topic == box.topics.gap]
        assert [(gap.from_seq, gap.to_seq) for gap in asked] == [(lost.data.seq, lost.data.seq)]

        def missing() -> int:
            boxes = client.get("/api/boxes").json()
            return next(int(told["missing_events"]) for told in boxes if told["box"] == "box-7")

        assert missing() == 1
        box.send(lost)
        wait_for(lambda: missing() == 0, "the hole to close")
        assert client.get(f"/api/alarms/{lost.subject}").status_code == 200
