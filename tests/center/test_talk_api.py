"""Hold to talk, from the page's websocket to a box that answers, through the program as a person starts it."""

import itertools
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from edgeguard.contract import CommandStatus, TalkChunk, TalkCommand
from tests.center.answering import ACCEPTED, Answer, AnsweringBox, Page
from tests.center.support import NAME, CenterProcess, running_center
from tests.support.mosquitto import Mosquitto, wait_for

NAMES = (f"talk-{number}" for number in itertools.count(1))
LONGEST_S = 5
RATE_HZ, PIECE_S = 16_000, 0.1
REJECTED, DONE, FAILED = CommandStatus.REJECTED, CommandStatus.DONE, CommandStatus.FAILED


@pytest.fixture(scope="module")
def center(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CenterProcess]:
    settings = f"broker: {{}}\ntalk: {{longest_s: {LONGEST_S}}}\n"
    yield from running_center(tmp_path_factory.mktemp("center"), broker.port, settings)


@pytest.fixture
def box(broker: Mosquitto) -> Iterator[AnsweringBox]:
    with AnsweringBox(broker.port, next(NAMES)) as connected:
        yield connected


@pytest.fixture
def event_id(client: httpx.Client, box: AnsweringBox) -> str:
    return alarm(client, box)


@pytest.fixture
def page(center: CenterProcess, cookies: dict[str, str], event_id: str) -> Iterator[Page]:
    """The button is pressed: nothing has been said yet."""
    with press(center, cookies, event_id) as opened:
        yield opened


def alarm(client: httpx.Client, box: AnsweringBox, **changes: Any) -> str:
    event_id = box.alarm(**changes)
    wait_for(lambda: client.get(f"/api/alarms/{event_id}").status_code == 200, "the card")
    return event_id


def press(center: CenterProcess, cookies: dict[str, str], event_id: str) -> Page:
    return Page(center, f"/api/talk/{event_id}", cookies)


def piece(number: int) -> bytes:
    return np.full(int(PIECE_S * RATE_HZ), number, "<i2").tobytes()


def numbers(chunks: list[TalkChunk]) -> list[int]:
    """What was said, in the order it came; checks that chunks are numbered and the last one is the last."""
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert {chunk.rate_hz for chunk in chunks} == {RATE_HZ}
    return [int(chunk.pcm[0]) for chunk in chunks if len(chunk.pcm)]


def talks(client: httpx.Client, event_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/alarms/{event_id}").json()["talks"]
    return found


def ended(client: httpx.Client, event_id: str) -> dict[str, Any]:
    """The only talk of an alarm, once it is over."""
    wait_for(lambda: [talk for talk in talks(client, event_id) if talk["ended_at"]], "the end of the talk")
    (talk,) = talks(client, event_id)
    return talk


def test_a_talk(center: CenterProcess, client: httpx.Client, box: AnsweringBox, event_id: str, page: Page) -> None:
    assert page.told() == {"state": "connecting", "longest_s": LONGEST_S}
    page.until("speaking")
    wait_for(lambda: talks(client, event_id), "the card")
    (talk,) = talks(client, event_id)
    assert (talk["by"], talk["camera"], talk["result"], talk["ended_at"]) == (NAME, "lift-1", "speaking", None)
    for number in range(1, 6):
        page.send(piece(number))
    page.send("end")
    page.until("ending")
    command = box.asked()
    assert isinstance(command, TalkCommand)
    assert (command.args.camera, command.args.event_id, command.by) == ("lift-1", event_id, NAME)
    assert command.args.duration_s == LONGEST_S
    assert numbers(box.spoken(command)) == [1, 2, 3, 4, 5]
    box.say(command, DONE, "0.5 s heard")
    assert page.until("ended") == {"state": "ended", "result": "spoken", "detail": "0.5 s heard", "audio_s": 0.5}
    assert page.closed() == 1000
    talk = ended(client, event_id)
    assert (talk["id"], talk["by"], talk["result"], talk["audio_s"]) == (command.id, NAME, "spoken", 0.5)
    assert talk["started_at"] < talk["ended_at"]
    told = center.rows("SELECT who, action, detail FROM audit WHERE subject = ? ORDER BY id", event_id)
    assert told == [(NAME, "cmd/talk", "lift-1"), (NAME, "talk", "spoken, 0.5 s: 0.5 s heard")]


def test_words_before_the_box_is_ready_are_not_lost(
    client: httpx.Client, broker: Mosquitto, center: CenterProcess, cookies: dict[str, str]
) -> None:
    """Even when the button was let go before the box said a word."""
    with AnsweringBox(broker.port, next(NAMES)) as box:
        box.answers = []
        event_id = alarm(client, box)
        with press(center, cookies, event_id) as page:
            for number in range(1, 21):
                page.send(piece(number))
            page.send("end")
            command = box.asked()
            time.sleep(0.5)
            assert box.chunks == {}
            box.say(command, *ACCEPTED)
            assert numbers(box.spoken(command)) == list(range(1, 21))
            box.say(command, DONE)
            assert page.until("ended")["result"] == "spoken"
        assert ended(client, event_id)["audio_s"] == pytest.approx(20 * PIECE_S)


def test_nothing_said(client: httpx.Client, box: AnsweringBox, event_id: str, page: Page) -> None:
    page.send("end")
    assert numbers(box.spoken(box.asked())) == []
    box.say(box.asked(), DONE)
    assert page.until("ended")["audio_s"] == 0
    assert ended(client, event_id)["result"] == "spoken"


@pytest.mark.parametrize("torn", [False, True])
def test_a_lost_page_ends_the_talk(
    client: httpx.Client, box: AnsweringBox, event_id: str, page: Page, torn: bool
) -> None:
    page.until("speaking")
    page.send(piece(1))
    wait_for(lambda: box.chunks, "the first words")
    if torn:
        page.tear()
    else:
        page.__exit__()
    assert numbers(box.spoken(box.asked())) == [1]
    box.say(box.asked(), DONE)
    talk = ended(client, event_id)
    assert (talk["result"], talk["audio_s"]) == ("lost", PIECE_S)


def test_a_page_that_falls_silent_ends_the_talk(
    client: httpx.Client, box: AnsweringBox, event_id: str, page: Page
) -> None:
    """The connection stands, the microphone is gone: nobody holds the lift's voice for ever."""
    page.until("speaking")
    page.send(piece(1))
    assert numbers(box.spoken(box.asked())) == [1]
    box.say(box.asked(), DONE)
    assert page.until("ended")["result"] == "lost"


def test_nobody_speaks_for_ever(client: httpx.Client, box: AnsweringBox, event_id: str, page: Page) -> None:
    page.until("speaking")
    over = threading.Event()

    def speak() -> None:
        while not over.wait(PIECE_S):
            page.send(piece(1))

    speaking = threading.Thread(target=speak, daemon=True)
    speaking.start()
    try:
        told = page.until("ended")
    finally:
        over.set()
        speaking.join()
    assert told["result"] == "cut_off"
    said = numbers(box.spoken(box.asked()))
    assert 1 <= len(said) <= LONGEST_S / PIECE_S
    assert told["audio_s"] == pytest.approx(len(said) * PIECE_S)
    assert ended(client, event_id)["result"] == "cut_off"


@pytest.mark.parametrize(
    ("answers", "result", "detail"),
    [
        ([(REJECTED, "this box has no camera 'lift-1'")], "rejected", "this box has no camera 'lift-1'"),
        ([(REJECTED, "busy: guard is speaking")], "busy", "guard"),
        ([(REJECTED, None)], "rejected", "rejected"),
        ([(CommandStatus.EXPIRED, None)], "rejected", "expired"),
        ([(FAILED, "no loudspeaker")], "failed", "no loudspeaker"),
    ],
)
def test_a_box_that_refuses(
    client: httpx.Client,
    broker: Mosquitto,
    center: CenterProcess,
    cookies: dict[str, str],
    answers: list[Answer],
    result: str,
    detail: str,
) -> None:
    """What was said meanwhile goes nowhere."""
    with AnsweringBox(broker.port, next(NAMES)) as box:
        box.answers = answers
        event_id = alarm(client, box)
        with press(center, cookies, event_id) as page:
            page.send(piece(1))
            told = page.until("ended")
            assert (told["result"], told["detail"], told["audio_s"]) == (result, detail, 0)
            assert page.closed() == 1000
        assert numbers(box.spoken(box.asked())) == []
        talk = ended(client, event_id)
        assert (talk["by"], talk["result"], talk["detail"]) == (NAME, result, detail)


@pytest.mark.parametrize(("status", "result"), [(DONE, "cut_off"), (FAILED, "failed")])
def test_a_box_that_stops_in_the_middle(
    client: httpx.Client, box: AnsweringBox, event_id: str, page: Page, status: CommandStatus, result: str
) -> None:
    page.until("speaking")
    page.send(piece(1))
    wait_for(lambda: box.chunks, "the first words")
    box.say(box.asked(), status, "that is all")
    for _ in range(10):
        time.sleep(0.05)
        page.send(piece(2))
    told = page.until("ended")
    assert (told["result"], told["detail"]) == (result, "that is all")
    assert told["audio_s"] >= PIECE_S
    assert numbers(box.spoken(box.asked()))[0] == 1
    assert ended(client, event_id)["result"] == result


def test_a_box_that_says_nothing(
    client: httpx.Client, broker: Mosquitto, center: CenterProcess, cookies: dict[str, str]
) -> None:
    with AnsweringBox(broker.port, next(NAMES)) as box:
        box.answers = []
        event_id = alarm(client, box)
        with press(center, cookies, event_id) as page:
            page.send(piece(1))
            assert page.until("ended")["result"] == "no_answer"
        assert numbers(box.spoken(box.asked())) == []


def test_a_box_that_does_not_say_that_it_is_done(
    client: httpx.Client, box: AnsweringBox, event_id: str, page: Page
) -> None:
    page.send(piece(1))
    page.send("end")
    assert page.until("ended")["result"] == "unconfirmed"
    assert ended(client, event_id)["audio_s"] == PIECE_S


def test_a_box_that_is_away(
    center: CenterProcess, client: httpx.Client, box: AnsweringBox, cookies: dict[str, str], event_id: str
) -> None:
    box.go(center)
    with press(center, cookies, event_id) as page:
        assert page.until("ended")["result"] == "offline"
    assert box.commands == []
    assert ended(client, event_id)["result"] == "offline"


def test_one_voice_per_lift(
    center: CenterProcess, client: httpx.Client, box: AnsweringBox, cookies: dict[str, str], event_id: str, page: Page
) -> None:
    """Another alarm of the same lift is told who speaks; another lift of the same box is free."""
    page.until("speaking")
    same, other = alarm(client, box), alarm(client, box, camera="lift-2")
    with press(center, cookies, same) as second, press(center, cookies, other) as third:
        told = second.until("ended")
        assert (told["result"], told["detail"]) == ("busy", NAME)
        third.until("speaking")
        assert [talk["result"] for talk in talks(client, same)] == ["busy"]
    assert len(box.commands) == 2
    page.send("end")
    box.spoken(box.asked())
    box.say(box.asked(), DONE)
    page.until("ended")
    with press(center, cookies, same) as again:
        again.until("speaking")


def test_the_next_waits_for_the_last_word(
    center: CenterProcess, client: httpx.Client, box: AnsweringBox, cookies: dict[str, str], event_id: str, page: Page
) -> None:
    """The button was let go, the box still plays: who presses now is not sent away."""
    page.send(piece(1))
    page.send("end")
    page.until("ending")
    with press(center, cookies, event_id) as second:
        second.send(piece(2))
        time.sleep(0.3)
        assert len(box.commands) == 1
        box.say(box.asked(), DONE)
        second.until("speaking")
        assert page.until("ended")["result"] == "spoken"
        second.send("end")
        assert numbers(box.spoken(box.asked(2))) == [2]


def test_an_alarm_without_a_camera_speaks_on_the_box(
    client: httpx.Client, box: AnsweringBox, center: CenterProcess, cookies: dict[str, str]
) -> None:
    with press(center, cookies, alarm(client, box, camera=None)) as page:
        page.until("speaking")
        command = box.asked()
        assert isinstance(command, TalkCommand)
        assert command.args.camera is None


@pytest.mark.parametrize("message", [b"", b"\0", b"\0" * 3201, b"\0" * 16_002, "", "END", "{}"])
def test_a_message_that_is_none(
    client: httpx.Client, box: AnsweringBox, event_id: str, page: Page, message: str | bytes
) -> None:
    page.until("speaking")
    page.send(piece(1))
    page.send(message)
    assert numbers(box.spoken(box.asked())) == [1]
    box.say(box.asked(), DONE)
    assert page.until("ended")["result"] == "lost"
    assert page.closed() == 1008


def test_the_longest_piece(client: httpx.Client, box: AnsweringBox, page: Page) -> None:
    page.send(b"\1\0" * (RATE_HZ // 2))
    page.send("end")
    assert numbers(box.spoken(box.asked())) == [1]


def test_an_alarm_that_is_not_there(center: CenterProcess, cookies: dict[str, str]) -> None:
    for nobody in ("01KGF6Y5R00000000000000001", "x"):
        with press(center, cookies, nobody) as page:
            assert page.closed() == 4404


def test_a_flood_is_not_kept(client: httpx.Client, box: AnsweringBox, event_id: str, page: Page) -> None:
    """Faster than any microphone: what is said reaches the box in order, the center keeps a bounded queue of it."""
    for number in range(600):
        page.send(piece(number)[:64])
    page.send("end")
    assert numbers(box.spoken(box.asked())) == list(range(600))


def test_a_center_that_dies_in_the_middle(
    center: CenterProcess, client: httpx.Client, box: AnsweringBox, event_id: str, page: Page
) -> None:
    """A talk without an end would look like one that goes on."""
    page.until("speaking")
    center.kill()
    center.start()
    assert [talk["result"] for talk in talks(client, event_id)] == ["lost"]
    assert talks(client, event_id)[0]["ended_at"] is not None


def test_without_a_broker(
    center: CenterProcess, client: httpx.Client, broker: Mosquitto, cookies: dict[str, str]
) -> None:
    """Last of this file: the boxes lose their broker too."""
    with AnsweringBox(broker.port, next(NAMES)) as box:
        event_id = alarm(client, box)
    broker.stop()
    wait_for(lambda: client.get("/healthz").json()["broker"] == "away", "the outage")
    with press(center, cookies, event_id) as page:
        assert page.until("ended")["result"] == "no_broker"
    assert ended(client, event_id)["result"] == "no_broker"
    broker.start()
