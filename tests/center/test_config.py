"""Settings: what is wrong is told with file, line, the value met and what is accepted."""

from pathlib import Path

import pytest

from edgeguard.center.config import CenterConfig
from edgeguard.errors import ConfigError
from edgeguard.yamlfile import load

LAB = "broker:\n  insecure_lab: true\n"


def test_defaults_open_nothing_to_the_outside(tmp_path: Path) -> None:
    file = tmp_path / "center.yaml"
    file.write_text(LAB)
    config = load(file, CenterConfig)
    assert (config.address, config.language, config.broker.host) == ("http://127.0.0.1:8080", "zh", "127.0.0.1")


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "met None, accepted: a mapping"),
        ("port: 1\n", 1, "broker: met nothing, accepted: a value"),
        ("broker: {}\n", 1, "broker: met a mapping of nothing, accepted: either tls: {ca: FILE} or insecure_lab: true"),
        (LAB + "  tls: {ca: ca.pem}\n", 1, "broker: met a mapping of insecure_lab, tls, accepted: either tls"),
        ("broker:\n  tls: {ca: ca.pem, cert: a.pem}\n", 2, "broker.tls: met a mapping of ca, cert, accepted: cert and"),
        (LAB + "port: 99999\n", 3, "port: met 99999, accepted: less than or equal to 65535"),
        (LAB + "port: http\n", 3, "port: met 'http', accepted: a valid integer"),
        (LAB + "\nlanguage: fr\n", 4, "language: met 'fr', accepted: 'zh' or 'en'"),
        (LAB + "lisen: 1\n", 3, "lisen: unknown, accepted: "),
        (LAB + "retention:\n  pictures_days: 0\n", 4, "retention.pictures_days: met 0, accepted: greater than"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, line: int, told: str) -> None:
    file = tmp_path / "center.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(file, CenterConfig)
    assert f"center.yaml:{line}: {told}" in str(refused.value)


def test_an_address_of_ipv6() -> None:
    settings = {"host": "::1", "tls": {"cert": "c", "key": "k"}, "broker": {"insecure_lab": True}}
    assert CenterConfig.model_validate(settings).address == "https://[::1]:8080"
