from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml

from edgeguard.cli import main
from edgeguard.networks import models_dir
from tests.support import catalogues, face_models
from tests.support.model_server import ModelServer

MakeModel = Callable[..., Path]
ANSWER = np.zeros((1, 5, 6), np.float32)


def test_list_shows_what_there_is(make_model: MakeModel, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--models-dir", str(make_model(ANSWER))]) == 0
    out = capsys.readouterr().out
    assert "tiny.onnx" in out
    assert "64x64" in out


def test_check_passes_a_sound_file(make_model: MakeModel, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "check", "--models-dir", str(make_model(ANSWER))]) == 0
    assert capsys.readouterr().out.startswith("ok   tiny: ")


def test_check_names_a_damaged_file(make_model: MakeModel, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_model(ANSWER)
    (folder / "tiny.onnx").write_bytes(b"")
    assert main(["models", "check", "tiny", "--models-dir", str(folder)]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"BAD  tiny: {folder / 'tiny.onnx'}: sha256 is ")
    assert "(0 bytes), accepted: " in out


def test_models_of_bodies_are_listed_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("manifest.yaml", "body-posture.onnx"):
        (tmp_path / name).write_bytes((models_dir() / name).read_bytes())
    here = ["--models-dir", str(tmp_path)]
    assert main(["models", "list", "body-posture", *here]) == 0
    assert "tells who lies" in capsys.readouterr().out
    assert main(["models", "check", "body-posture", *here]) == 0
    assert capsys.readouterr().out == f"ok   body-posture: {tmp_path / 'body-posture.onnx'}\n"
    (tmp_path / "body-posture.onnx").write_bytes(b"")
    assert main(["models", "check", "body-posture", *here]) == 1
    assert "(0 bytes), accepted: " in capsys.readouterr().out
    assert main(["models", "check", "body-fight", *here]) == 1
    assert capsys.readouterr().out.startswith("BAD  body-fight: ")


def test_an_unknown_model_is_told_in_one_line(make_model: MakeModel, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "check", "none", "--models-dir", str(make_model(ANSWER))]) == 2
    assert "no model 'none', accepted: tiny" in capsys.readouterr().err


TINY = face_models.finder()
NAME = TINY.entry["name"]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    server = ModelServer({f"/{TINY.entry['file']}": TINY.data}).start()
    yield server
    server.stop()


@pytest.fixture
def known(tmp_path: Path, server: ModelServer) -> list[str]:
    """The end of every command: a catalogue of its own."""
    path = catalogues.write(tmp_path / "catalogue.yaml", catalogues.entry(TINY, server.url))
    return ["--catalogue", str(path)]


def test_pull_shows_what_it_is_fetches_and_list_knows_it(
    known: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "faces"
    listed = ["models", "list", "--in", str(folder), *known]
    assert main(listed) == 0
    out = capsys.readouterr().out
    assert "missing" in out
    assert f"to install {NAME}: edgeguard models pull {NAME} --to {folder} --catalogue" in out
    assert main(["models", "pull", NAME, "--to", str(folder), "--accept-licence", "CC0-1.0", *known]) == 0
    out = capsys.readouterr().out
    for word in (f"{len(TINY.data)} bytes", "CC0-1.0", "https://example.org/licence", "http://127.0.0.1"):
        assert word in out
    assert out.endswith(f"{NAME}: installed, {folder / TINY.entry['file']}\n")
    assert main(listed) == 0
    assert "to install" not in capsys.readouterr().out
    assert main(["models", "check", NAME, "--in", str(folder), *known]) == 0
    assert capsys.readouterr().out.startswith(f"ok   {NAME}: ")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([], "met no acceptance, accepted: --accept-licence CC0-1.0"),
        (["--accept-licence", "MIT"], "the licence of tiny-finder is CC0-1.0"),
    ],
)
def test_without_acceptance_nothing_is_fetched(
    known: list[str],
    server: ModelServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    message: str,
) -> None:
    assert main(["models", "pull", NAME, "--to", str(tmp_path / "faces"), *known, *more]) == 2
    assert message in capsys.readouterr().err
    assert server.seen == []
    assert not (tmp_path / "faces").exists()


def test_import_knows_a_file_of_the_catalogue(
    known: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x").write_bytes(TINY.data)
    words = ["models", "import", str(tmp_path / "x"), "--to", str(tmp_path / "faces"), *known]
    assert main(words) == 2
    assert "--accept-licence CC0-1.0" in capsys.readouterr().err
    assert main([*words, "--accept-licence", "CC0-1.0"]) == 0
    assert (tmp_path / "faces" / TINY.entry["file"]).read_bytes() == TINY.data


def test_import_takes_a_sites_own_model_and_list_shows_it(
    known: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = face_models.template()
    (tmp_path / "x.onnx").write_bytes(own.data)
    (tmp_path / "entry.yaml").write_text(yaml.safe_dump({"model": own.entry}))
    words = ["models", "import", str(tmp_path / "x.onnx"), "--describe", str(tmp_path / "entry.yaml")]
    assert main([*words, "--to", str(tmp_path / "faces"), *known]) == 0
    assert main(["models", "list", "tiny-face", "--in", str(tmp_path / "faces"), *known]) == 0
    out = capsys.readouterr().out
    assert "tells faces apart (own)" in out
    assert "Detectors" not in out


def test_check_tells_the_command_for_what_is_missing(
    known: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "faces"
    assert main(["models", "check", NAME, "--in", str(folder), *known]) == 1
    assert f"accepted: edgeguard models pull {NAME} --to {folder}" in capsys.readouterr().out


def test_a_failed_pull_is_told_in_one_line(
    known: list[str], server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script.append("404")
    words = ["models", "pull", NAME, "--to", str(tmp_path / "faces"), "--accept-licence", "CC0-1.0", *known]
    assert main(words) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "404 Not Found" in told
