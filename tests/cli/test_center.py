"""`edgeguard center`: wrong settings and a taken port end with one line and nothing half-started."""

import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest


def refused(*options: str) -> str:
    command = [sys.executable, "-m", "edgeguard", "center", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    return ended.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "command line: broker: met a mapping of nothing, accepted: either tls: {ca: FILE} or insecure_lab: true"),
        (["--insecure-lab", "--listen", ":x"], "HOST:PORT"),
        (["--insecure-lab", "--broker", "broker:99999"], "command line: broker.port: met 99999, accepted: less than"),
        (["--config", "none.yaml"], "none.yaml: No such file"),
    ],
)
def test_wrong_settings(options: list[str], told: str) -> None:
    assert told in refused(*options)


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("", ["--listen", "localhost"], "center.yaml:1: broker: met a mapping of nothing, accepted: either tls"),
        ("- a\n", ["--insecure-lab"], "center.yaml:1: met a list of 1, accepted: a mapping"),
        ("port: 80\nbroker: x\n", ["--insecure-lab"], "center.yaml:2: broker: met 'x', accepted: a mapping"),
        ("broker:\n  port: 1\n", ["--broker", "b:99999", "--insecure-lab"], "center.yaml:2: broker.port: met 99999"),
    ],
)
def test_a_wrong_file_below_the_options(tmp_path: Path, text: str, options: list[str], told: str) -> None:
    file = tmp_path / "center.yaml"
    file.write_text(text)
    assert told in refused("--config", str(file), *options)


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert str(tmp_path) in refused("--insecure-lab", "--data", str(tmp_path / "data"))


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert address in refused("--insecure-lab", "--listen", address, "--data", str(tmp_path))
