import logging
import traceback
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic

import numpy as np
import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from edgeguard.errors import ConfigError, SourceAuth, SourceError, SourceStalled
from edgeguard.sources import RtspConfig, RtspSource, SourceConfig, open_source, redact
from tests.support.rtsp import RtspServer

SECRET = "pa55 w@rd:/%"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://cam/1", "rtsp://cam/1"),
        ("rtsp://user:secret@cam:554/a/b", "rtsp://cam:554/a/b"),
        ("rtsp://user:se/cr#e?t@cam/1", "rtsp://cam/1"),
        ("rtsp://user:s@cr@et@cam/1?token=secret", "rtsp://cam/1"),
        ("rtsp://cam/user=admin&password=secret&channel=1", "rtsp://cam/user=***&password=***&channel=1"),
        ("user:secret@cam", "cam"),
        ("", ""),
    ],
)
def test_redact_shows_no_secret(url: str, shown: str) -> None:
    assert redact(url) == shown


def test_credentials_are_taken_out_of_the_address() -> None:
    config = RtspConfig(url="rtsp://us%40er:se%2Fcret@cam:8554/stream")
    assert config.url == "rtsp://cam:8554/stream"
    assert config.username == SecretStr("us@er")
    assert config.password == SecretStr("se/cret")
    assert config.address() == "rtsp://us%40er:se%2Fcret@cam:8554/stream"
    assert "cret@" not in repr(config) + str(config) + config.model_dump_json()
    assert "se/" not in repr(config) + str(config) + config.model_dump_json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://cam/secret"},
        {"url": "secret"},
        {"url": "rtsp://u:sec/ret@cam/1"},
        {"url": "rtsp://cam/1", "pasword": "secret"},
        {"url": "rtsp://cam/1", "password": "secret"},
        {"url": "rtsp://cam/1", "username": "u:secret", "password": "x"},
        {"url": "rtsp://cam/1", "username": "u", "password": "secret", "password_env": "PW"},
        {"url": "rtsp://cam/1", "username": "u", "password": "secret" * 30},
        {"url": "rtsp://u:secret@cam/1", "transport": "http"},
        {"url": "rtsp://u:secret/1"},
        {"url": "rtsp://cam:0/secret"},
    ],
)
def test_wrong_settings_are_refused_without_telling_them(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter[object](SourceConfig, config={"hide_input_in_errors": True}).validate_python(
            {"kind": "rtsp"} | wrong
        )
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("rtsp://cam/1", ("cam", 554)),
        ("rtsps://u:p@cam/1", ("cam", 322)),
        ("rtsps://cam:8322/1", ("cam", 8322)),
        ("rtsp://[::1]:8554/1", ("::1", 8554)),
    ],
)
def test_host_and_port(url: str, endpoint: tuple[str, int]) -> None:
    assert RtspConfig(url=url).endpoint() == endpoint


def test_the_password_comes_out_of_the_environment_given() -> None:
    config = RtspConfig(url="rtsp://cam/1", username=SecretStr("u"), password_env="LIFT_PW")
    assert config.resolved({"LIFT_PW": "x y"}).address() == "rtsp://u:x%20y@cam/1"
    with pytest.raises(ConfigError, match="LIFT_PW is not set"):
        open_source(config, "cam", environ={})


def test_frames_of_a_live_stream_carry_its_time(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    frames = list(islice(RtspSource(RtspConfig(url=rtsp_server.url), "lift-1").frames(), 30))
    times = [frame.monotonic_s for frame in frames]
    assert [frame.index for frame in frames] == list(range(30))
    # What came while FFmpeg looked into the stream comes at once; then at the camera's pace.
    assert np.allclose(np.diff(times[15:]), 1 / 15, atol=0.03)
    assert abs(monotonic() - times[-1]) < 2
    assert abs(datetime.now(UTC) - frames[-1].captured_at) < timedelta(seconds=2)
    assert frames[0].picture.luma.shape == (360, 640)
    assert not np.array_equal(frames[0].picture.luma, frames[-1].picture.luma)


def test_udp(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    config = RtspConfig(url=rtsp_server.url, transport="udp")
    assert len(list(islice(RtspSource(config, "cam").frames(), 5))) == 5


def test_user_and_password_with_awkward_characters(rtsp_server: RtspServer) -> None:
    rtsp_server.arguments = ("--user", "lift@1", "--password", SECRET)
    rtsp_server.start()
    config = RtspConfig(url=rtsp_server.url, username=SecretStr("lift@1"), password=SecretStr(SECRET))
    assert next(RtspSource(config, "cam").frames()).index == 0


def test_a_wrong_password_is_told_and_never_shown(rtsp_server: RtspServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rtsp_server.arguments = ("--user", "guard", "--password", "right")
    rtsp_server.start()
    config = RtspConfig(url=rtsp_server.url, username=SecretStr("guard"), password=SecretStr("wrong-one"))
    with pytest.raises(SourceAuth, match=f"cam {rtsp_server.url}: user name or password refused") as caught:
        next(RtspSource(config, "cam").frames())
    assert caught.value.__context__ is None
    told = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(config)
    assert "wrong-one" not in told


def test_nobody_there(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    rtsp_server.kill()
    with pytest.raises(SourceError, match="connection refused"):
        next(RtspSource(RtspConfig(url=rtsp_server.url), "cam").frames())


def test_no_such_stream(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    with pytest.raises(SourceError, match="404"):
        next(RtspSource(RtspConfig(url=rtsp_server.url + "-other"), "cam").frames())


def test_a_killed_server_ends_the_stream_with_an_error(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    frames = RtspSource(RtspConfig(url=rtsp_server.url), "cam").frames()
    next(frames)
    rtsp_server.kill()
    with pytest.raises(SourceError):
        list(frames)


def test_a_frozen_server_is_a_stall(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    frames = RtspSource(RtspConfig(url=rtsp_server.url, stall_timeout_s=1), "cam").frames()
    next(frames)
    rtsp_server.freeze()
    with pytest.raises(SourceStalled, match=r"no data"):
        list(frames)


def test_a_frozen_server_cannot_hold_an_opening(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    rtsp_server.freeze()
    with pytest.raises(SourceStalled):
        next(RtspSource(RtspConfig(url=rtsp_server.url, open_timeout_s=1), "cam").frames())
