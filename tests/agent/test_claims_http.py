"""Readers of cards and keypads over real HTTP."""

import json
from collections.abc import Iterator
from concurrent.futures import Future
from http.client import HTTPConnection
from typing import Any

import pytest

from edgeguard.access import CardClaim, Decision, PinClaim, QrClaim, Reason
from edgeguard.access.claims import MEANS, Claim
from edgeguard.agent.claims_http import ClaimsConfig, ClaimServer
from edgeguard.errors import ConfigError
from tests.support.directories import at
from tests.support.mosquitto import free_port

TOKEN = "0123456789abcdef"


class AnsweringDesk:
    """Says yes to everything."""

    def __init__(self) -> None:
        self.asked: list[Claim] = []
        self.readers: list[str | None] = []

    def present(self, claim: Claim, reader: str | None = None) -> "Future[Decision]":
        self.asked.append(claim)
        self.readers.append(reader)
        answer: Future[Decision] = Future()
        answer.set_result(Decision(Reason.LISTED, MEANS[type(claim)], "north", at()))
        return answer


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> ClaimsConfig:
    monkeypatch.setenv("READERS_TOKEN", TOKEN)
    return ClaimsConfig(port=free_port(), token_env="READERS_TOKEN")


@pytest.fixture
def desk(config: ClaimsConfig) -> Iterator[AnsweringDesk]:
    desk = AnsweringDesk()
    with ClaimServer(config, {"north": desk}):
        yield desk


def post(config: ClaimsConfig, body: Any, path: str = "/gates/north/claims", token: str = TOKEN) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", config.port, timeout=20)
    try:
        data = body if isinstance(body, bytes) else json.dumps(body)
        connection.request("POST", path, data, {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_what_is_shown_is_asked_for_and_answered(config: ClaimsConfig, desk: AnsweringDesk) -> None:
    for body in ({"card": "04A1"}, {"number": "12", "pin": "483920"}, {"code": "EG1X"}):
        assert post(config, body) == (200, {"outcome": "granted", "reason": "listed"})
    assert desk.asked == [CardClaim("04A1"), PinClaim("12", "483920"), QrClaim("EG1X")]
    assert post(config, {"card": "04A1", "reader": "lobby"})[0] == 200
    assert desk.readers == [None, None, None, "lobby"]


@pytest.mark.parametrize(
    ("body", "more", "status", "told"),
    [
        ({"card": "04A1"}, {"token": "wrong"}, 401, "token"),
        ({"card": "04A1"}, {"path": "/gates/south/claims"}, 404, "north"),
        ({"card": "04A1"}, {"path": "/"}, 404, "north"),
        ({}, {}, 400, "exactly one of"),
        ({"card": "04A1", "code": "X"}, {}, 400, "exactly one of"),
        ({"number": "12"}, {}, 400, "exactly one of"),
        ({"face": "me"}, {}, 400, "face"),
        ({"card": "1", "reader": "the lobby"}, {}, 400, "reader"),
        (b"{", {}, 400, "JSON"),
        (b"x" * 5000, {}, 413, "2048"),
    ],
)
def test_what_is_no_claim_is_told_and_asks_nobody(
    config: ClaimsConfig, desk: AnsweringDesk, body: Any, more: dict[str, str], status: int, told: str
) -> None:
    code, answer = post(config, body, **more)
    assert (code, told in answer["error"]) == (status, True), answer
    assert "04A1" not in answer["error"]
    assert desk.asked == []


def test_a_port_that_is_taken_and_a_token_that_is_none_are_refused(
    config: ClaimsConfig, desk: AnsweringDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=rf"claims.port: met {config.port}"), ClaimServer(config, {"north": desk}):
        pass
    monkeypatch.setenv("READERS_TOKEN", "short")
    with pytest.raises(ConfigError, match="READERS_TOKEN has 5 characters, accepted: 16"):
        config.token()
