"""What a site file must not say about a gate, and how it is told."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from edgeguard.agent.box import Box
from edgeguard.agent.check import examine
from edgeguard.agent.site import SiteConfig
from edgeguard.errors import ConfigError
from tests.conftest import MakeModel
from tests.support.gates import models

FACE, PLATE = {"kind": "gate_face", "gate": "north"}, {"kind": "gate_plate", "gate": "north"}
UPLOAD = {"url": "https://127.0.0.1:1/", "token_env": "T"}


def site(scenarios: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    camera = {"id": "gate", "source": {"kind": "synthetic"}, "scenarios": scenarios}
    return {
        "site": "hz",
        "box": "box-1",
        "data_dir": "data",
        "voice": {"output": {"kind": "memory"}},
        "cameras": [camera],
        "relays": [{"id": "strike", "driver": {"kind": "memory"}}],
        "gates": [{"id": "north", "relay": "strike"}],
        "access": {"gates": [{"id": "north", "means": ["face", "plate", "card"]}]},
        **more,
    }


def verifying(*first: dict[str, str], face: str = "verify") -> dict[str, Any]:
    return {"access": {"gates": [{"id": "north", "means": ["face", "plate", "card"], "face": face, "first": first}]}}


def test_cameras_and_readers_that_count_as_first_are_accepted() -> None:
    SiteConfig.model_validate(site([FACE, PLATE], **verifying()))
    named = verifying({"camera": "gate"}, {"reader": "lobby"})
    SiteConfig.model_validate(site([FACE, PLATE], claims={"token_env": "T"}, **named))


@pytest.mark.parametrize("scenarios", [[FACE], [PLATE], [FACE, PLATE]])
def test_a_gate_is_accepted(scenarios: list[dict[str, Any]]) -> None:
    SiteConfig.model_validate(site(scenarios))


@pytest.mark.parametrize(
    ("scenarios", "more", "message"),
    [
        # Purpose: a face model looks where a gate is and nowhere else.
        ([FACE, {"kind": "lift_ebike"}], {}, "gate_face: met beside lift_ebike, accepted: gate_face, gate_plate"),
        ([FACE, {"kind": "conduct_loiter"}], {}, "gate_face: met beside conduct_loiter, accepted"),
        ([FACE], {"place": {"lift": "1"}}, "gate_face: met at a camera of a lift, accepted: at a gate's"),
        # Never the only way in.
        ([FACE], {"access": {"gates": [{"id": "north", "means": ["face"]}]}}, "a face must never be the only way in"),
        ([FACE], {"access": {"gates": [{"id": "north", "means": ["card"]}]}}, "takes card, accepted: means with face"),
        (
            [PLATE],
            {"access": {"gates": [{"id": "north", "means": ["card"]}]}},
            "takes card, accepted: means with plate",
        ),
        ([PLATE], {"access": None}, "met gate north, accepted: none of `access.gates`"),
        ([PLATE], {"gates": []}, "met gate north, accepted: none of `gates`"),
        # What leaves the box.
        ([FACE], {"privacy": {"blur_heads": False}}, "met privacy.blur_heads false, accepted: true, or"),
        (
            [FACE],
            {"evidence": {"upload_clips": True, "upload": UPLOAD}},
            "met evidence.upload_clips, which are not blurred",
        ),
        ([PLATE], {"evidence": {"upload_pictures": True, "upload": UPLOAD}}, "met evidence.upload_pictures, which are"),
        ([PLATE], {"access": None, "claims": {"token_env": "T"}}, "claims: met without access"),
        # Something first, then the face.
        ([PLATE], verifying(), "gate north verifies faces, accepted: with a camera that has gate_face for it"),
        ([FACE], verifying({"camera": "ramp"}), "first: met camera ramp, accepted: gate"),
        ([FACE], verifying({"reader": "lobby"}), "first: met a reader, accepted: with `claims`"),
        ([FACE], verifying({"reader": "lobby", "camera": "gate"}), "exactly one of: camera; reader"),
        ([FACE], verifying({"camera": "gate"}, face="search"), "first needs a face that is verified"),
    ],
)
def test_what_is_refused(scenarios: list[dict[str, Any]], more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SiteConfig.model_validate(site(scenarios, **more))
    assert message in str(refused.value)


def test_with_a_legal_basis_a_site_may_upload() -> None:
    evidence = {"upload_clips": True, "upload": UPLOAD}
    SiteConfig.model_validate(site([PLATE], evidence=evidence, privacy={"legal_basis": "by-law 12"}))


def test_a_start_without_face_models_names_the_command_that_mends_it(tmp_path: Path, make_model: MakeModel) -> None:
    detectors, _ = models(tmp_path, make_model)
    settings = site(
        [FACE], data_dir=str(tmp_path / "data"), models_dir=str(detectors), faces_dir=str(tmp_path / "none")
    )
    settings["cameras"][0]["model"] = "tiny"
    with pytest.raises(ConfigError, match=r"no model that finds faces, accepted: edgeguard models pull \S+ --to"):
        Box(SiteConfig.model_validate(settings)).check()


def test_a_start_without_plate_models_names_what_is_missing(tmp_path: Path, make_model: MakeModel) -> None:
    detectors, faces = models(tmp_path, make_model)
    (detectors / "plate-reader.onnx").unlink()
    settings = site([PLATE], data_dir=str(tmp_path / "data"), models_dir=str(detectors), faces_dir=str(faces))
    settings["cameras"][0]["model"] = "tiny"
    with pytest.raises(Exception, match=r"plate-reader\.onnx"):
        Box(SiteConfig.model_validate(settings)).check()


def test_a_refusal_is_told_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    written = site([{"kind": "lift_ebike"}], access={"gates": [{"id": "north", "means": ["face"]}]})
    path.write_text(yaml.safe_dump(written, sort_keys=False), "utf-8")
    (finding,) = examine(path).errors
    assert finding.line is not None
    assert "a face must never be the only way in" in finding.text
