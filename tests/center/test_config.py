"""Settings: what is wrong is told with file, line, the value met and what is accepted."""

from pathlib import Path

import pytest

from edgeguard.center.config import load_config, parse_config
from edgeguard.errors import ConfigError

LAB = "broker:\n  insecure_lab: true\n"


def test_defaults_open_nothing_to_the_outside(tmp_path: Path) -> None:
    file = tmp_path / "center.yaml"
    file.write_text(LAB)
    config = load_config(file)
    assert (config.address, config.language, config.broker.host) == ("http://127.0.0.1:8080", "zh", "127.0.0.1")


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 0, "broker"),
        ("- a\n", 0, "name: value"),
        ("a: [\n", 0, "YAML"),
        ("broker: {}\n", 1, "insecure_lab"),
        (LAB + "  tls: {ca: ca.pem}\n", 1, "exactly one"),
        ("broker:\n  tls: {ca: ca.pem, cert: a.pem}\n", 2, "cert and key"),
        (LAB + "port: 99999\n", 3, "99999"),
        (LAB + "port: http\n", 3, "'http'"),
        (LAB + "\nlanguage: fr\n", 4, "'zh' or 'en'"),
        (LAB + "lisen: 1\n", 3, "lisen"),
        (LAB + "retention:\n  pictures_days: 0\n", 4, "pictures_days"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, line: int, told: str) -> None:
    file = tmp_path / "center.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load_config(file)
    assert f"center.yaml:{line or ''}" in str(refused.value)
    assert told in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.yaml")


def test_an_address_of_ipv6() -> None:
    settings = {"host": "::1", "tls": {"cert": "c", "key": "k"}, "broker": {"insecure_lab": True}}
    assert parse_config(settings, "command line").address == "https://[::1]:8080"
