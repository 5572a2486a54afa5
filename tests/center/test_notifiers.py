"""Webhooks and SMS against a real server: signed, verified, refused."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from edgeguard.center.notifiers import Channel, MemoryNotifier, Message, Notifier, build_notifier
from edgeguard.errors import ConfigError, NotifyError
from tests.center.hook import Hook
from tests.support.mosquitto import Authority, free_port

NOW = datetime(2026, 1, 31, 8, 0, 0, tzinfo=UTC)
TOLD = Message("center-7", '{"name": "紧急求助"}', "紧急求助 7栋")


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", "between us")
    monkeypatch.setenv("SMS_TOKEN", "token")


def channel(**settings: Any) -> Any:
    return TypeAdapter(Channel).validate_python(settings)


def webhook(url: str, **settings: Any) -> Notifier:
    return build_notifier(channel(kind="webhook", url=url, secret_env="HOOK_SECRET", **settings))


def test_a_webhook_is_signed_over_its_time_and_body(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "hooks")
    with Hook(authority) as hook:
        webhook(f"{hook.url}/alarm", ca=authority.ca).send(TOLD, NOW)
    ((path, headers, body),) = hook.seen
    assert (path, body) == ("/alarm", TOLD.body.encode())
    assert headers["x-edgeguard-delivery"] == "center-7"
    assert headers["x-edgeguard-timestamp"] == "2026-01-31T08:00:00.000Z"
    # As the other side does it, by docs/routing.md.
    expected = hmac.new(b"between us", b"2026-01-31T08:00:00.000Z." + body, hashlib.sha256).hexdigest()
    assert headers["x-edgeguard-signature"] == f"sha256={expected}"


def test_a_wrong_certificate_hears_nothing(tmp_path: Path) -> None:
    right, wrong = Authority(tmp_path / "right", "right"), Authority(tmp_path / "wrong", "wrong")
    with Hook(right) as hook:
        for ca in (wrong.ca, None):
            with pytest.raises(NotifyError, match="CERTIFICATE_VERIFY_FAILED"):
                webhook(hook.url, ca=ca).send(TOLD, NOW)
        assert hook.seen == []


@pytest.mark.parametrize("status", [301, 400, 401, 404, 429, 500, 503])
def test_any_other_answer_is_an_error_with_its_number(status: int) -> None:
    with Hook() as hook:
        hook.script.append(status)
        with pytest.raises(NotifyError, match=str(status)):
            webhook(hook.url).send(TOLD, NOW)


def test_nobody_there() -> None:
    with pytest.raises(NotifyError, match="ConnectError"):
        webhook(f"http://127.0.0.1:{free_port()}").send(TOLD, NOW)


def test_an_sms_goes_to_the_gateway_with_its_token() -> None:
    with Hook() as hook:
        build_notifier(channel(kind="sms", url=f"{hook.url}/send", to="+8613800000000", token_env="SMS_TOKEN")).send(
            TOLD, NOW
        )
    ((_, headers, body),) = hook.seen
    assert headers["authorization"] == "Bearer token"
    assert json.loads(body) == {"id": "center-7", "to": "+8613800000000", "text": "紧急求助 7栋"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": "http://platform.example/x"}, "https://, or http:// on loopback"),
        ({"url": "https://user:secret@platform.example"}, "string_pattern_mismatch"),
        ({"url": "ftp://x"}, "string_pattern_mismatch"),
    ],
)
def test_an_address_that_is_not_safe_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        channel(kind="webhook", secret_env="HOOK_SECRET", **settings)


def test_a_secret_or_a_file_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="secret_env: the environment has no NO_SUCH"):
        build_notifier(channel(kind="webhook", url="https://a.example", secret_env="NO_SUCH"))
    with pytest.raises(ConfigError, match=r"ca: met .*none.pem"):
        webhook("https://a.example", ca=tmp_path / "none.pem")


def test_the_one_in_memory_refuses_when_told_to() -> None:
    memory = MemoryNotifier()
    memory.send(TOLD, NOW)
    memory.refusal = "closed"
    with pytest.raises(NotifyError, match="closed"):
        memory.send(TOLD, NOW)
    assert memory.sent == [TOLD]
