"""The scene the product exists for: beep, picture, voice of a person; the e-bike goes, the case has its evidence."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from edgeguard.agent.box import Box
from edgeguard.agent.site import SiteConfig
from edgeguard.recordings import recording
from tests.center.conftest import CHROMIUM
from tests.center.support import NAME, CenterProcess
from tests.center.test_console import beep
from tests.support.boxes import at_work
from tests.support.mosquitto import Mosquitto, wait_for
from tests.support.speech import Pcm, best_match, loudness_curve, phrase_pcm, read_wav, write_wav

WITHIN_MS = 30_000
# What a person says into the browser's microphone, over and over.
SPOKEN = "staff_coming.zh"
TALK_S = 3.0
MICROPHONE_HZ = 48_000


@pytest.fixture
def center(tmp_path: Path, broker: Mosquitto) -> Iterator[CenterProcess]:
    (tmp_path / "center").mkdir()
    center = CenterProcess(tmp_path / "center", broker.port)
    center.start()
    yield center
    center.stop()


@contextmanager
def control_room(center: CenterProcess, microphone: Path) -> Iterator[Page]:
    """A browser that is logged in, may sound, and has a microphone in which somebody speaks."""
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    arguments += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    arguments += [f"--use-file-for-fake-audio-capture={microphone}", "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        context = browser.new_context(viewport={"width": 1920, "height": 1080}, permissions=["microphone"])
        context.add_cookies([{"name": n, "value": v, "url": center.address} for n, v in center.cookies().items()])
        page = context.new_page()
        page.goto(center.address)
        yield page
        browser.close()


def site_of(folder: Path, broker: Mosquitto, center: CenterProcess, token: str) -> SiteConfig:
    (folder / "token").write_text(token)
    upload = {"url": center.address, "token_file": folder / "token", "insecure_lab": True}
    return SiteConfig.model_validate(
        {
            "site": "hz",
            "box": "box-1",
            "place": {"building": "3", "unit": "2", "lift": "A"},
            "data_dir": folder / "box",
            "cameras": [
                {
                    "id": "lift-a",
                    "source": {"kind": "file", "path": recording("lift_ebike"), "loop": True, "rest_s": 25.0},
                }
            ],
            "voice": {"output": {"kind": "file", "path": folder / "lift.wav"}},
            "uplink": {"host": "127.0.0.1", "port": broker.port, "insecure_lab": True},
            "evidence": {"upload_clips": True, "upload": upload},
        }
    )


def seconds(later: str, earlier: datetime) -> float:
    return (datetime.fromisoformat(later) - earlier).total_seconds()


def likeness(lift: Path, talk: dict[str, str], microphone: Pcm) -> float:
    """How far the loudness of what was heard last in the lift follows what the microphone was told, -1..1."""
    heard, rate_hz = read_wav(lift)
    length_s = seconds(talk["ended_at"], datetime.fromisoformat(talk["started_at"])) - 0.3
    last = loudness_curve(heard[-round(length_s * rate_hz) :], rate_hz)
    twice = loudness_curve(np.concatenate([microphone] * 3), MICROPHONE_HZ)
    return best_match(last, twice)[1]


def test_beep_picture_voice_evidence(tmp_path: Path, broker: Mosquitto, center: CenterProcess) -> None:
    spoken = phrase_pcm(SPOKEN, MICROPHONE_HZ)
    microphone = write_wav(tmp_path / "microphone.wav", spoken, MICROPHONE_HZ)
    token = center.box_token("hz/box-1")
    with control_room(center, microphone) as page, at_work(Box(site_of(tmp_path, broker, center, token))):
        card = page.locator(".eg-card")
        expect(card).to_be_visible(timeout=WITHIN_MS)
        wait_for(lambda: beep(page) == "beeping", "the beep")
        expect(card.locator(".eg-live")).to_have_attribute("data-state", "live", timeout=WITHIN_MS)
        event_id = card.get_attribute("data-event")
        talk = card.locator(".eg-talk")
        talk.hover()
        pressed_at = datetime.now(UTC)
        page.mouse.down()
        expect(talk).to_have_attribute("data-state", "speaking", timeout=WITHIN_MS)
        # The microphone would carry the beep into the lift.
        wait_for(lambda: beep(page) == "silent", "silence while somebody speaks")
        page.wait_for_timeout(TALK_S * 1000)
        page.mouse.up()
        expect(card.locator(".eg-talksaid")).to_contain_text("Spoken for", timeout=WITHIN_MS)
        expect(card.locator(".eg-lines")).to_contain_text(f"{NAME} spoke at")
        wait_for(lambda: beep(page) == "beeping", "the beep again: nobody has acknowledged yet")
        expect(card.locator(".eg-clip")).to_be_visible(timeout=WITHIN_MS)
        card.locator(".eg-ack").click()
        expect(page.locator(f'.eg-row[data-event="{event_id}"] .eg-clip')).to_be_visible(timeout=WITHIN_MS)
        page.locator(".eg-row .eg-clip").click()
        wait_for(lambda: page.evaluate("document.querySelector('dialog video')?.currentTime ?? 0") > 0, "the clip")
        with center.client() as client:
            alarm = client.get(f"/api/alarms/{event_id}").json()
    voice, talked = alarm["actions"][:2]
    assert (voice["asset"], voice["result"]) == ("ebike_leave", "interrupted")
    assert (talked["type"], talked["result"]) == ("talk", "played")
    assert NAME in talked["detail"]
    assert [(talk["by"], talk["result"]) for talk in alarm["talks"]] == [(NAME, "spoken")]
    assert [picture["moment"] for picture in alarm["pictures"]] == ["before", "at", "after"]
    like = likeness(tmp_path / "lift.wav", talked, spoken)
    assert like > 0.7
    measured = {"press_to_sound_s": seconds(talked["started_at"], pressed_at), "likeness": round(like, 2)}
    print(json.dumps(measured | {"clip_bytes": alarm["clip"]["size_bytes"], "detail": talked["detail"]}))
