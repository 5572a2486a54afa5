"""Connections that must not come about, and those that must: each with a reason a person can act on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeguard.contract import Birth, Software
from edgeguard.errors import UplinkError
from edgeguard.journal import Journal
from edgeguard.uplink import TlsConfig, Uplink, UplinkConfig
from tests.support.events import draft, episode_id
from tests.support.mosquitto import Authority, Certificate, Mosquitto, free_port, wait_for


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "box" / "journal.sqlite3", "s1", "b1") as journal:
        journal.record(draft(episode_id()))
        yield journal


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ca", "site authority")


@pytest.fixture
def broker(tmp_path: Path, authority: Authority) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker", authority=authority)
    broker.start()
    yield broker
    broker.stop()


def birth(bd_seq: int) -> Birth:
    return Birth(software=Software(version="0"), boot_id="boot", bd_seq=bd_seq)


def secure(broker: Mosquitto, ca: Path, own: Certificate, **changes: Any) -> UplinkConfig:
    tls = TlsConfig(ca=ca, cert=own.cert, key=own.key)
    settings: dict[str, Any] = {"host": "127.0.0.1", "port": broker.port, "tls": tls, "backoff_most_s": 0.5}
    return UplinkConfig(**{**settings, **changes})


def refused_with(config: UplinkConfig, journal: Journal, reason: str) -> None:
    """The reason is told, it keeps trying, nothing leaves the outbox."""
    with Uplink(config, journal, birth) as uplink:
        wait_for(lambda: reason in uplink.health.reason, f"the reason {reason!r}")
        assert not uplink.health.connected
    assert journal.stats().outbox_depth == 1
    assert journal.next_bd_seq() >= 2


@pytest.mark.parametrize("protocol", [311, 5])
def test_a_box_with_its_certificate_gets_through(
    broker: Mosquitto, authority: Authority, journal: Journal, protocol: int
) -> None:
    config = secure(broker, authority.ca, authority.issue("s1/b1"), protocol=protocol)
    with Uplink(config, journal, birth) as uplink:
        wait_for(lambda: journal.stats().outbox_depth == 0, "the event to be confirmed")
        assert uplink.health.connected


def test_a_broker_of_another_authority_is_not_believed(
    tmp_path: Path, broker: Mosquitto, authority: Authority, journal: Journal
) -> None:
    other = Authority(tmp_path / "other", "other authority")
    refused_with(secure(broker, other.ca, authority.issue("s1/b1")), journal, "certificate is not accepted")


def test_a_box_of_another_authority_is_not_let_in(
    tmp_path: Path, broker: Mosquitto, authority: Authority, journal: Journal
) -> None:
    other = Authority(tmp_path / "other", "other authority")
    refused_with(secure(broker, authority.ca, other.issue("s1/b1")), journal, "broker 127.0.0.1")


def test_a_box_under_another_name_loses_nothing(broker: Mosquitto, authority: Authority, journal: Journal) -> None:
    config = secure(broker, authority.ca, authority.issue("s1/b2"), protocol=5)
    with Uplink(config, journal, birth) as uplink:
        wait_for(lambda: "refused" in uplink.health.reason, "the refusal")
    assert journal.stats().outbox_depth == 1


def test_a_wrong_password_is_told(tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Mosquitto(tmp_path / "broker", passwords={"box": "right"})
    broker.start()
    monkeypatch.setenv("EDGEGUARD_TEST_PASSWORD", "wrong")
    lab = UplinkConfig(
        host="127.0.0.1",
        port=broker.port,
        insecure_lab=True,
        username="box",
        password_env="EDGEGUARD_TEST_PASSWORD",
        backoff_most_s=0.5,
    )
    refused_with(lab, journal, "log-in refused")
    monkeypatch.setenv("EDGEGUARD_TEST_PASSWORD", "right")
    with Uplink(lab, journal, birth):
        wait_for(lambda: journal.stats().outbox_depth == 0, "the event to be confirmed")
    broker.stop()


@pytest.mark.parametrize(
    ("host", "reason"), [("127.0.0.1", "connection refused"), ("no-such-host.invalid", "not known")]
)
def test_an_unreachable_broker_is_told(journal: Journal, host: str, reason: str) -> None:
    lab = UplinkConfig(host=host, port=free_port(), insecure_lab=True, backoff_most_s=0.5)
    refused_with(lab, journal, reason)


def test_files_that_are_not_there_are_refused_at_start(tmp_path: Path, journal: Journal) -> None:
    tls = TlsConfig(ca=tmp_path / "ca.crt", cert=tmp_path / "box.crt", key=tmp_path / "box.key")
    uplink = Uplink(UplinkConfig(host="127.0.0.1", tls=tls), journal, birth)
    with pytest.raises(UplinkError, match=r"ca\.crt is not a file"):
        uplink.__enter__()
    for path in (tls.ca, tls.cert, tls.key):
        path.write_text("rubbish")
    with pytest.raises(UplinkError, match="cannot be used"):
        uplink.__enter__()


def test_a_password_that_is_not_set_is_refused_at_start(journal: Journal) -> None:
    lab = UplinkConfig(host="127.0.0.1", insecure_lab=True, username="box", password_env="EDGEGUARD_NOT_SET")
    with pytest.raises(UplinkError, match="EDGEGUARD_NOT_SET"):
        Uplink(lab, journal, birth).__enter__()
