"""A network that goes on from the bundled file; needs torch, which the recipe's own environment has."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch: Any = pytest.importorskip("torch")
pytest.importorskip("onnxslim")

LIFT_N = Path(__file__).parents[2] / "models" / "lift-n.onnx"


@pytest.fixture(scope="module")
def batches() -> Any:
    return [torch.rand(2, 3, 96, 160, generator=torch.Generator().manual_seed(n)) for n in range(2)]


@pytest.fixture
def network(shared: Path, batches: Any) -> Any:
    from models.training.bundled import bundled_network  # noqa: PLC0415  # only where torch is

    return bundled_network(LIFT_N, shared / "models" / "yolov8n.pt", batches)


def answered(path: Path, pictures: np.ndarray) -> np.ndarray:
    import onnxruntime  # noqa: PLC0415

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"images": pictures})[0])


@pytest.mark.shared
def test_it_answers_as_the_file_does(network: Any) -> None:
    picture = torch.rand(1, 3, 320, 320)
    np.testing.assert_allclose(network(picture)[0].detach().numpy(), answered(LIFT_N, picture.numpy()), atol=1e-3)


@pytest.mark.shared
def test_a_training_batch_meets_the_statistics_it_was_measured_on(network: Any, batches: Any) -> None:
    norm = network.model[0].bn
    output = network.model[0].conv(batches[0])
    assert output.mean((0, 2, 3)).detach().numpy() == pytest.approx(norm.running_mean.numpy(), abs=0.15)


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore")  # torch's older exporter speaks of the newer one and of shapes
def test_the_export_takes_pictures_of_any_size_and_can_be_gone_on_from(
    network: Any, shared: Path, tmp_path: Path
) -> None:
    from models.training.network import export_onnx  # noqa: PLC0415

    picture = torch.rand(1, 3, 192, 320)
    told = network(picture)[0].detach().numpy()
    export_onnx(network, tmp_path / "any.onnx", 320)
    np.testing.assert_allclose(answered(tmp_path / "any.onnx", picture.numpy()), told, atol=1e-3)

    from models.training.bundled import bundled_network  # noqa: PLC0415

    again = bundled_network(tmp_path / "any.onnx", shared / "models" / "yolov8n.pt")
    np.testing.assert_allclose(again(picture)[0].detach().numpy(), told, atol=1e-3)


@pytest.mark.shared
def test_another_architecture_is_refused(shared: Path) -> None:
    from models.training.bundled import bundled_network  # noqa: PLC0415

    with pytest.raises(ValueError, match="found no model"):
        bundled_network(shared / "models" / "yunet_n_320.onnx", shared / "models" / "yolov8n.pt")


@pytest.mark.shared
def test_the_mean_of_a_network_with_itself_is_that_network(network: Any, shared: Path) -> None:
    from models.training.bundled import bundled_network  # noqa: PLC0415
    from models.training.network import mixed  # noqa: PLC0415

    picture = torch.rand(1, 3, 96, 160)
    told = network(picture)[0].detach().numpy()
    both = mixed([network, bundled_network(LIFT_N, shared / "models" / "yolov8n.pt")])
    np.testing.assert_allclose(both(picture)[0].detach().numpy(), told, atol=1e-3)
