import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from edgeguard.actuators.relay import Pulse, Relay
from edgeguard.actuators.relay_build import build_relay
from edgeguard.actuators.relay_config import HttpRelayConfig, RelayDriverConfig
from edgeguard.errors import ConfigError, RelayError, RelayLate
from tests.support.mosquitto import Authority, free_port
from tests.support.relay_web import WebBoard


def relay_of(board: WebBoard, **settings: Any) -> Relay:
    usual = {"on": {"url": f"{board.url}/on"}, "off": {"url": f"{board.url}/off"}, "timeout_s": 0.5}
    return build_relay(HttpRelayConfig.model_validate({"kind": "http"} | usual | settings))


def pulse(seconds: float = 0.05, within_s: float = 5.0) -> Pulse:
    return Pulse(seconds, time.monotonic() + within_s)


def test_on_then_off() -> None:
    with WebBoard() as board:
        relay = relay_of(board)
        relay.check()
        relay.pulse(pulse())
        assert board.paths == ["/off", "/on", "/off"]
        relay.check()
        assert board.paths == ["/off", "/on", "/off"], "a connection is enough"
        assert (relay.promises.hardware_pulse, relay.promises.watchdog_s) == (False, None)


def test_a_board_that_ends_the_pulse_itself_with_a_body() -> None:
    with WebBoard() as board:
        on = {"url": f"{board.url}/relay/0?t={{seconds}}", "method": "POST", "body": '{"ms": {milliseconds}}'}
        relay = relay_of(board, on=on, off=None, status={"url": f"{board.url}/status"})
        assert relay.promises.hardware_pulse
        relay.pulse(pulse(0.25))
        relay.check()
        assert [asked[:2] for asked in board.asked] == [("POST", "/relay/0?t=0.25"), ("GET", "/status")]
        assert board.asked[0][3] == '{"ms": 250}'


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        ({"username": "gate", "password_env": "RELAY_SECRET"}, "Basic Z2F0ZTpvcGVuLXNlc2FtZQ=="),
        ({"token_env": "RELAY_SECRET"}, "Bearer open-sesame"),
        ({}, None),
    ],
)
def test_it_proves_who_it_is(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], header: str | None) -> None:
    monkeypatch.setenv("RELAY_SECRET", "open-sesame")
    with WebBoard() as board:
        relay_of(board, **settings).check()
        assert board.asked[0][2] == header


def test_a_variable_that_is_not_set_is_told_at_start() -> None:
    with WebBoard() as board, pytest.raises(ConfigError, match="token_env: the environment has no usable NO_SUCH"):
        relay_of(board, token_env="NO_SUCH")


def test_too_late_closes_nothing() -> None:
    with WebBoard() as board:
        with pytest.raises(RelayLate):
            relay_of(board).pulse(pulse(within_s=0.3))  # its answer may take 0.5 s
        assert "/on" not in board.paths


@pytest.mark.parametrize("status", [401, 500, 302])
def test_an_answer_that_is_no_success_fails_and_it_is_told_to_release(status: int) -> None:
    with WebBoard() as board:
        board.status = status
        with pytest.raises(RelayError, match=f"met the answer {status}"):
            relay_of(board).pulse(pulse())
        assert board.paths == ["/on", "/off"]


def test_a_board_that_never_comes_to_an_end_is_cut_off() -> None:
    with WebBoard() as board:
        board.drips = True
        began_s = time.monotonic()
        with pytest.raises(RelayError):
            relay_of(board).check()
        assert time.monotonic() - began_s < 2


def test_nobody_there() -> None:
    url = f"http://localhost:{free_port()}"
    relay = build_relay(HttpRelayConfig.model_validate({"kind": "http", "on": {"url": url}, "off": {"url": url}}))
    with pytest.raises(RelayError, match=r"localhost:\d+: nothing listens there"):
        relay.check()


def test_tls_with_the_right_authority_and_with_the_wrong_one(tmp_path: Path) -> None:
    right, wrong = Authority(tmp_path / "right", "right"), Authority(tmp_path / "wrong", "wrong")
    with WebBoard(right) as board:
        relay_of(board, ca=right.ca, timeout_s=4).check()
        asked = len(board.asked)
        for settings in ({"ca": wrong.ca}, {}):
            with pytest.raises(RelayError, match="its certificate is not accepted"):
                relay_of(board, timeout_s=4, **settings).pulse(pulse())
        assert len(board.asked) == asked, "nothing was sent to who could not prove who it is"


def test_a_ca_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    settings = {"kind": "http", "on": {"url": "https://b/on"}, "off": {"url": "https://b/off"}}
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(ConfigError, match=f"{name} cannot be used"):
            build_relay(HttpRelayConfig.model_validate(settings | {"ca": tmp_path / name}))


ON = {"url": "http://board/on"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"on": ON}, "else nothing releases the contact"),
        ({"on": {"url": "http://gate:secret@board/on"}, "off": ON}, "without user name and password"),
        ({"on": {"url": "ftp://board/on"}, "off": ON}, "http://HOST"),
        ({"on": {"url": "http://board/on now"}, "off": ON}, "without spaces"),
        ({"on": ON, "off": {"url": "http://other/off"}}, "same host"),
        ({"on": ON, "off": ON, "username": "gate"}, "together"),
        ({"on": ON, "off": ON, "username": "g", "password_env": "P", "token_env": "T"}, "not both"),
        ({"on": ON | {"method": "DELETE"}, "off": ON}, "method"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(RelayDriverConfig).validate_python({"kind": "http", **settings})
