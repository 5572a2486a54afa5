"""Live pictures over the page's websocket, from a box that answers, through the program as a person starts it."""

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from edgeguard.contract import CommandStatus, ViewCommand
from edgeguard.contract.moment import stamped_jpeg
from tests.center.answering import ACCEPTED, AnsweringBox, Page, knock, tiny_jpeg
from tests.center.support import ULIDS, CenterProcess
from tests.support.mosquitto import Mosquitto, wait_for

NAMES = (f"live-{number}" for number in itertools.count(1))
REJECTED, DONE, FAILED = CommandStatus.REJECTED, CommandStatus.DONE, CommandStatus.FAILED


@pytest.fixture
def box(broker: Mosquitto) -> Iterator[AnsweringBox]:
    """A new one for each test: nobody looks at its cameras yet."""
    with AnsweringBox(broker.port, next(NAMES)) as connected:
        yield connected


@pytest.fixture
def page(center: CenterProcess, cookies: dict[str, str]) -> Iterator[Page]:
    with Page(center, "/api/live", cookies) as opened:
        yield opened


def alarm(client: httpx.Client, box: AnsweringBox, **changes: Any) -> str:
    event_id = box.alarm(**changes)
    wait_for(lambda: client.get(f"/api/alarms/{event_id}").status_code == 200, "the card")
    return event_id


def test_frames_reach_the_page(center: CenterProcess, client: httpx.Client, box: AnsweringBox, page: Page) -> None:
    event_id = alarm(client, box)
    page.send({"show": [event_id]})
    view = page.until("running")
    command = box.asked()
    assert isinstance(command, ViewCommand)
    assert (command.args.camera, command.args.rate_hz) == ("lift-1", 2)
    assert command.args.duration_s <= 30
    box.frame(tiny_jpeg(1))
    number, _, jpeg = page.frame()
    assert (view["events"], view["view"], jpeg) == ([event_id], number, tiny_jpeg(1))
    looks = center.rows("SELECT who, detail FROM audit WHERE action = 'view' AND subject = ?", event_id)
    assert looks == [("operator", f"riverside/{box.name}/lift-1")]


def test_two_pages_share_one_command(
    center: CenterProcess, client: httpx.Client, box: AnsweringBox, page: Page, cookies: dict[str, str]
) -> None:
    """Also two alarms of one camera."""
    first, second = alarm(client, box), alarm(client, box)
    with Page(center, "/api/live", cookies) as other:
        page.send({"show": [first, second]})
        page.until("running")
        other.send({"show": [second]})
        other.until("running")
        box.frame(tiny_jpeg(1))
        assert page.frame()[2] == other.frame()[2] == tiny_jpeg(1)
        assert sorted(page.views[0]["events"]) == sorted([first, second])
        assert len(page.views) == len(box.commands) == 1


def test_a_slow_page_gets_the_newest_frame(
    center: CenterProcess, client: httpx.Client, box: AnsweringBox, page: Page, cookies: dict[str, str]
) -> None:
    """It holds nobody up, and does not see the past either."""
    event_id = alarm(client, box)
    with Page(center, "/api/live", cookies) as quick:
        for looking in (page, quick):
            looking.send({"show": [event_id]})
            looking.until("running")
        for number in range(12):
            box.frame(tiny_jpeg(number))
            quick.frames_until(tiny_jpeg(number))
        assert [page.frame()[2] for _ in range(2)] == [tiny_jpeg(0), tiny_jpeg(1)]
        with pytest.raises(TimeoutError):
            page.frame(0.3)
        page.send({"shown": 1})
        assert page.frame()[2] == tiny_jpeg(11)


def test_a_page_that_looks_elsewhere_gets_no_more_of_it(
    client: httpx.Client, box: AnsweringBox, page: Page, broker: Mosquitto
) -> None:
    with AnsweringBox(broker.port, next(NAMES)) as other:
        first, second = alarm(client, box), alarm(client, other)
        page.send({"show": [first]})
        page.until("running")
        for number in range(5):  # two go out, the newest of the others waits for its turn
            box.frame(tiny_jpeg(number))
        page.frame(), page.frame()
        page.send({"show": [second]})
        other.asked()
        other.frame(tiny_jpeg(9))
        page.send({"shown": 1})
        assert page.frame()[2] == tiny_jpeg(9)


def test_frames_never_reach_the_database(
    center: CenterProcess, client: httpx.Client, box: AnsweringBox, page: Page
) -> None:
    """Nor does what is no frame: a screen's wish is no reason to keep anything."""
    event_id = alarm(client, box)
    page.send({"show": [event_id]})
    page.until("running")
    for bad in (b"", b"<svg>", b"\xff\xd8\xff" + bytes(128 * 1024)):
        box.frame(bad)
    mark = b"frame that must not be kept"
    box.frame(tiny_jpeg(7) + mark)
    assert page.frame()[2] == tiny_jpeg(7) + mark
    assert center.rows("SELECT count(*) FROM picture WHERE box = ?", box.name) == [(0,)]
    assert center.rows("SELECT count(*) FROM dead_letter WHERE topic LIKE ?", f"%{box.name}%") == [(0,)]
    assert all(mark not in path.read_bytes() for path in center.data_dir.glob("center.sqlite3*"))


@pytest.mark.parametrize(
    ("answers", "detail"),
    [
        ([(REJECTED, "camera lift-1 is blind: no frames for 5 s")], "camera lift-1 is blind: no frames for 5 s"),
        ([(REJECTED, None)], "rejected"),
        ([ACCEPTED, (FAILED, "camera lift-1: no new picture")], "camera lift-1: no new picture"),
        ([(CommandStatus.EXPIRED, None)], "expired"),
    ],
)
def test_a_box_that_does_not_show(
    client: httpx.Client, box: AnsweringBox, page: Page, answers: list[Any], detail: str
) -> None:
    box.answers = answers
    page.send({"show": [alarm(client, box)]})
    assert page.until("refused")["detail"] == detail
    # It is asked again, and the picture comes without anybody's doing.
    box.answers = [ACCEPTED]
    page.until("running")
    assert len(box.commands) == 2


def test_a_box_that_is_away(center: CenterProcess, client: httpx.Client, box: AnsweringBox, page: Page) -> None:
    event_id = alarm(client, box)
    box.go(center)
    page.send({"show": [event_id]})
    page.until("offline")
    assert box.commands == []
    box.introduce()
    page.until("running")


def test_a_box_that_says_nothing(client: httpx.Client, box: AnsweringBox, page: Page) -> None:
    """Its frames count as an answer."""
    box.answers = []
    page.send({"show": [alarm(client, box)]})
    page.until("no_answer")
    box.frame(tiny_jpeg(3))
    page.until("running")


def test_nobody_looks_nobody_asks(
    center: CenterProcess, client: httpx.Client, box: AnsweringBox, cookies: dict[str, str]
) -> None:
    box.answers = [(REJECTED, "no")]
    with Page(center, "/api/live", cookies) as page:
        page.send({"show": [alarm(client, box)]})
        box.asked(2)
    time.sleep(5)  # the next would be due after four
    assert len(box.commands) == 2


def test_a_box_that_ends_at_once_is_not_hammered(client: httpx.Client, box: AnsweringBox, page: Page) -> None:
    box.answers = [ACCEPTED, (DONE, "0 pictures sent")]
    page.send({"show": [alarm(client, box)]})
    box.asked()
    time.sleep(1.5)
    assert len(box.commands) == 1


@pytest.mark.parametrize(
    ("clock_s", "taken_s_ago", "least_ms", "most_ms"),
    [
        (0, 30, 30_000, 50_000),
        (0, None, 0, 20_000),
        (0, -5, 0, 20_000),
        # Two clocks that disagree tell nothing about age.
        (3600, 30, 0, 20_000),
        (-3600, 30, 0, 20_000),
        (0, 10**9, 2**32 - 1, 2**32 - 1),
    ],
)
def test_how_old_a_frame_is(
    client: httpx.Client,
    box: AnsweringBox,
    page: Page,
    clock_s: float,
    taken_s_ago: float | None,
    least_ms: int,
    most_ms: int,
) -> None:
    box.clock_s = clock_s
    page.send({"show": [alarm(client, box)]})
    page.until("running")
    jpeg = tiny_jpeg(1)
    if taken_s_ago is not None:
        jpeg = stamped_jpeg(jpeg, datetime.now(UTC) - timedelta(seconds=taken_s_ago))
    box.frame(jpeg)
    assert least_ms <= page.frame()[1] <= most_ms


def test_four_cards_at_most(client: httpx.Client, box: AnsweringBox, page: Page) -> None:
    ids = [alarm(client, box, camera=f"lift-{number}") for number in range(6)]
    nobody = ULIDS.new(datetime.now(UTC))
    page.send({"show": [nobody, *ids[:2]]})
    wait_for(lambda: len(box.commands) == 2, "two views")
    page.send({"show": ids})
    wait_for(lambda: len(box.commands) == 4, "four views")
    time.sleep(0.3)
    assert len(box.commands) == 4


def test_an_alarm_without_a_camera(client: httpx.Client, box: AnsweringBox, page: Page) -> None:
    page.send({"show": [alarm(client, box, camera=None)]})
    assert page.told()["views"] == []


@pytest.mark.parametrize(
    "message",
    [
        "",
        "x",
        "[]",
        '{"show": "x"}',
        '{"show": ["../x"]}',
        '{"shown": -1}',
        '{"other": 1}',
        '{"show": [' + ", ".join(['"01KGF6Y5R00000000000000001"'] * 65) + "]}",
        b"\xff\xfe",
    ],
)
def test_a_message_that_is_none(page: Page, message: str | bytes) -> None:
    page.send(message)
    assert page.closed() == 1008


def test_the_door(center: CenterProcess, cookies: dict[str, str]) -> None:
    """A session of this page, nothing else: no guess, no other site, no box."""
    token = center.box_token("riverside/box-1")
    strangers: list[dict[str, Any]] = [
        {"cookies": {}},
        {"cookies": {"edgeguard_session": "guess"}},
        {"cookies": cookies, "origin": "https://elsewhere.example"},
        {"cookies": cookies, "origin": "null"},
        {"cookies": {}, "authorization": f"Bearer {token}"},
    ]
    for path, stranger in itertools.product(("/api/live", "/api/talk/01KGF6Y5R00000000000000001"), strangers):
        with pytest.raises(InvalidStatus) as shut:
            knock(center, path, **stranger)
        assert shut.value.response.status_code == 403
