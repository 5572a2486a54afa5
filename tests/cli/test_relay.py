from pathlib import Path

import pytest
import yaml

from edgeguard.cli import main
from tests.support.modbus import ModbusDevice
from tests.support.mosquitto import free_port
from tests.support.relay_board import RelayBoard


def site_file(folder: Path, port: int, contact_port: int | None = None) -> str:
    gate: dict[str, object] = {"id": "north", "relay": "strike"}
    if contact_port is not None:
        gate["contact"] = {"kind": "contact", "host": "127.0.0.1", "port": contact_port, "address": 0, "poll_ms": 20}
    driver = {"kind": "modbus", "host": "127.0.0.1", "port": port, "coil": 0, "timeout_s": 0.3}
    settings = {
        "site": "hz",
        "box": "box-1",
        "data_dir": "data",
        "cameras": [{"id": "c", "model": "lift-n", "source": {"kind": "synthetic"}}],
        "relays": [{"id": "strike", "driver": driver, "pulse_s": 0.2}],
        "gates": [gate],
    }
    path = folder / "site.yaml"
    path.write_text(yaml.safe_dump(settings))
    return str(path)


@pytest.mark.parametrize("name", ["north", "strike"])
def test_it_opens_once_and_tells_what_was_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    with RelayBoard() as board, ModbusDevice() as device:
        device.set("discrete_input", 0, 1)
        path = site_file(tmp_path, board.port, device.port)
        assert main(["relay", "test", name, "-c", path, "--yes", "--watch-s", "0.1"]) == 0
        assert len(board.pulses_s) == 1
    told = capsys.readouterr().out
    for words in (
        "coil 0, gate north: the board answers",
        "the door is closed before",
        "closed after",
        "released by the box",
        "the door is closed after",
    ):
        assert words in told


def test_without_a_yes_nothing_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RelayBoard() as board:
        assert main(["relay", "test", "north", "-c", site_file(tmp_path, board.port)]) == 1
        assert board.history == []
    assert "Nobody can be asked here; --yes says that it may" in capsys.readouterr().out


def test_a_board_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["relay", "test", "north", "-c", site_file(tmp_path, free_port()), "--yes"]) == 1
    assert "FAILED: 127.0.0.1:" in capsys.readouterr().out


def test_a_relay_that_the_site_has_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["relay", "test", "south", "-c", site_file(tmp_path, 502), "--yes"]) == 2
    assert "relay south, accepted: strike, north" in capsys.readouterr().err


def test_the_files_are_checked_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = site_file(tmp_path, 502)
    assert main(["config", "check", path]) == 0
    assert "no commands.keys" in capsys.readouterr().out
    assert main(["config", "show", path]) == 0
    assert "pulse_s: 0.2" in capsys.readouterr().out
    Path(path).write_text(Path(path).read_text().replace("relay: strike", "relay: strick"))
    assert main(["config", "check", path]) == 1
    assert "gate north: met relay strick, accepted: strike" in capsys.readouterr().out


def test_a_variable_that_is_missing_is_told_at_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(site_file(tmp_path, 502))
    settings = yaml.safe_load(path.read_text())
    call = {"url": "http://board/on"}
    settings["relays"][0]["driver"] = {"kind": "http", "on": call, "off": call, "token_env": "NO_SUCH"}
    path.write_text(yaml.safe_dump(settings))
    assert main(["config", "check", str(path)]) == 1
    assert "the environment has no usable NO_SUCH" in capsys.readouterr().out
