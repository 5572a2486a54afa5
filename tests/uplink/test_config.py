from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.uplink import TlsConfig, UplinkConfig

TLS = TlsConfig(ca=Path("ca"), cert=Path("cert"), key=Path("key"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "host"),
        ({"host": ""}, "host"),
        ({"host": "h"}, "tls is missing"),
        ({"host": "h", "tls": TLS, "insecure_lab": True}, "one of them"),
        ({"host": "h", "insecure_lab": True, "port": 70_000}, "port"),
        ({"host": "h", "insecure_lab": True, "protocol": 3}, "protocol"),
        ({"host": "h", "insecure_lab": True, "verify": False}, "verify"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        UplinkConfig(**settings)


def test_the_port_follows_from_the_security() -> None:
    assert UplinkConfig(host="h", tls=TLS).effective_port == 8883
    assert UplinkConfig(host="h", insecure_lab=True).effective_port == 1883
