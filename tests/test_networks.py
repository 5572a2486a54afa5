import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from pydantic import ValidationError

from edgeguard.detectors.manifest import find_model
from edgeguard.errors import ConfigError, ModelError
from edgeguard.networks import PROVIDERS, ExecutionConfig, Network, verify_file

MakeModel = Callable[..., Path]
ANSWER = np.array([[[1, 2, 3, 4, 0.9, 1]]], np.float32)
CPU = ExecutionConfig()


def test_a_missing_file_is_refused_by_name(make_model: MakeModel) -> None:
    spec = find_model("tiny", make_model(ANSWER))
    spec.path.unlink()
    with pytest.raises(ModelError, match=r"tiny.onnx: cannot be read \(No such file.*\), accepted: model 'tiny'"):
        Network(spec, CPU)


@pytest.mark.parametrize("damage", ["truncated", "changed", "empty"])
def test_a_damaged_file_is_refused_by_name_and_sum(make_model: MakeModel, damage: str) -> None:
    spec = find_model("tiny", make_model(ANSWER))
    whole = spec.path.read_bytes()
    left = {"truncated": whole[:-20], "changed": whole[:-1] + b"?", "empty": b""}[damage]
    spec.path.write_bytes(left)
    with pytest.raises(ModelError) as refused:
        verify_file(spec)
    met = hashlib.sha256(left).hexdigest()
    assert str(refused.value) == f"{spec.path}: sha256 is {met} ({len(left)} bytes), accepted: {spec.sha256}"


def test_a_file_that_is_no_network_is_refused(make_model: MakeModel) -> None:
    folder = make_model(ANSWER, sha256=hashlib.sha256(b"not a network").hexdigest())
    (folder / "tiny.onnx").write_bytes(b"not a network")
    with pytest.raises(ModelError, match=r"tiny.onnx: not a model that can be run: .*"):
        Network(find_model("tiny", folder), CPU)


@pytest.mark.parametrize("graph_input", [(1, 3, 32, 64), (2, 3, 64, 64), (1, 1, 64, 64), (1, 3, 64), (1, 64, 64, 3)])
def test_an_input_that_does_not_fit_is_refused(make_model: MakeModel, graph_input: tuple[int, ...]) -> None:
    spec = find_model("tiny", make_model(ANSWER, graph_input))
    with pytest.raises(ModelError) as refused:
        Network(spec, CPU)
    assert f"input is tensor(float) {list(graph_input)}, accepted: tensor(float) [1, 3, 64, 64]" in str(refused.value)


def test_symbolic_axes_fit(make_model: MakeModel) -> None:
    network = Network(find_model("tiny", make_model(ANSWER, ("batch", 3, "height", "width"))), CPU)
    np.testing.assert_allclose(network.run(np.zeros((1, 3, 64, 64), np.float32)), ANSWER)


def test_a_failing_run_names_the_file(make_model: MakeModel) -> None:
    network = Network(find_model("tiny", make_model(ANSWER)), CPU)
    with pytest.raises(ModelError, match=r"tiny.onnx: the network failed: "):
        network.run(np.zeros((1, 3, 32, 32), np.float32))


def test_a_provider_that_is_not_there_is_refused_or_runs(make_model: MakeModel) -> None:
    spec = find_model("tiny", make_model(ANSWER))
    execution = ExecutionConfig(provider="openvino", precision="bf16")
    if PROVIDERS["openvino"] in ort.get_available_providers():
        np.testing.assert_allclose(Network(spec, execution).run(np.zeros((1, 3, 64, 64), np.float32)), ANSWER, rtol=0.1)
        return
    with pytest.raises(ConfigError, match="provider is 'openvino', accepted on this machine: cpu"):
        Network(spec, execution)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"provider": "cuda"}, "'cpu' or 'openvino'"),
        ({"precision": "bf16"}, "bf16 with provider cpu, accepted: fp32"),
        ({"threads": 0}, "greater than or equal to 1"),
        ({"sessions": 0}, "greater than or equal to 1"),
        ({"device": "cpu"}, "not permitted"),
    ],
)
def test_a_wrong_configuration_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ExecutionConfig.model_validate(fields)
