from pathlib import Path

import pytest

from edgeguard.agent.place import PlaceConfig
from edgeguard.agent.site import SiteConfig, load_site
from edgeguard.errors import ConfigError

SITE = """\
site: xihu
box: lift-3
data_dir: data
place: {building: "3", address_code: "330106"}
cameras:
  - id: lift-a
    place: {lift: A}
    source: {kind: file, path: clips/a.mp4}
    scenarios:
      - kind: lift_ebike
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "site.yaml"
    path.write_text(text, "utf-8")
    return path


def test_relative_paths_are_those_of_the_file(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, SITE))
    assert site.data_dir == tmp_path / "data"
    source = site.cameras[0].source
    assert source.kind == "file"
    assert source.path == tmp_path / "clips" / "a.mp4"


def test_a_camera_adds_to_the_place_of_its_box() -> None:
    place = PlaceConfig(lift="A").at("xihu", PlaceConfig(building="3", lift="?"))
    assert (place.site, place.building, place.lift) == ("xihu", "3", "A")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("site: xihu", "site: xihu/3", "site.yaml:1: site: met 'xihu/3', accepted: "),
        ("    source:", "    sauce:", "site.yaml:8: cameras.0.sauce: unknown, accepted: did you mean source?"),
        ("kind: file", "kind: film", "source.kind: met 'film', accepted: 'rtsp', 'usb', 'file', 'synthetic'"),
        ("      - kind: lift_ebike", "      - {kind: lift_ebike, clear_s: 9}", "site.yaml:10: "),
        ("data_dir: data\n", "", "data_dir: met nothing, accepted: a value, it is required"),
        ("cameras:\n", "uplink: {host: broker}\ncameras:\n", "accepted: tls with ca, cert and key"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_site(write(tmp_path, SITE.replace(old, new)))
    assert told in str(caught.value)


def test_two_cameras_of_one_name_are_refused(tmp_path: Path) -> None:
    camera = SITE[SITE.index("  - id") :]
    with pytest.raises(ConfigError, match="met lift-a more than once"):
        load_site(write(tmp_path, SITE + camera))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: No such file"):
        load_site(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "example", sorted((Path(__file__).parents[2] / "cameras").glob("*.yaml")), ids=lambda p: p.name
)
def test_the_examples_are_right(example: Path) -> None:
    assert isinstance(load_site(example), SiteConfig)
