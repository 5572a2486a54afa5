"""The commands as a person types them; no time is judged."""

import json
from typing import Any

import pytest

from edgeguard.cli import main

MACHINE = {"cpu", "cores", "flags", "load_1m", "system", "python", "onnxruntime", "ffmpeg", "opencv", "provider"}


def bench(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["bench", *words, "--quick", "--json"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["machine"].keys() >= MACHINE
    return result


def test_pipeline(capsys: pytest.CaptureFixture[str]) -> None:
    result = bench(capsys, "pipeline")
    stages = {"gate", "letterbox", "network", "head", "tracker", "scenario and draft"}
    assert result["overhead"]["stages_ms"].keys() == stages
    assert result["overhead_ratio"] == result["overhead"]["overhead"]["wall"]
    # A picture of 16:9 leaves the network less to do; what is around it stays the same.
    assert result["overhead_16_9"]["bare_ms"] < result["overhead"]["bare_ms"]
    assert result["packet_to_voice"]["episodes"] == 3
    assert result["decode_ms"] > 0
    assert result["sessions"]["one_thread_each_hz"] > 0


def test_cameras(capsys: pytest.CaptureFixture[str]) -> None:
    result = bench(capsys, "cameras", "--count", "2", "--busy", "0.5")
    run = result["run"]
    assert (run["cameras"], run["busy"]) == (2, 1)
    assert run["frames"] > 0
    assert run["looks"] > 0
    assert 0 <= run["done"] <= 1
    assert run["cpu_cores"] > 0


def test_a_person_gets_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "cameras", "--quick", "--count", "1"]) == 0
    shown = capsys.readouterr()
    assert "bench cameras" in shown.out
    assert "run.cpu_cores" in shown.out
    assert "1 cameras, 0 busy" in shown.err


def test_an_unknown_model_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "pipeline", "--quick", "--model", "lift-x"]) == 2
    assert "no model 'lift-x', accepted: lift-n, lift-n-alone, lift-s, lift-s-384, yard-n" in capsys.readouterr().err
