from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from edgeguard.errors import ConfigError, TruthError
from edgeguard.yamlfile import YamlFile, check, load


class Bark(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["bark"]
    loud_db: float = Field(default=60, le=90)


class Meow(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["meow"]
    soft_db: float = 20


class Site(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    opens: str = ""
    password: int = 0
    url: int = 0
    sounds: list[Annotated[Bark | Meow, Field(discriminator="kind")]] = []
    favourite: Bark | None = None


def write(folder: Path, text: str) -> Path:
    path = folder / "site.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_good_file(tmp_path: Path) -> None:
    site = load(write(tmp_path, "name: 安\nopens: 23:30\nsounds:\n- {kind: bark, loud_db: 7e1}\n"), Site)
    assert site == Site(name="安", opens="23:30", sounds=[Bark(kind="bark", loud_db=70)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "site.yaml:1: met None, accepted: a mapping, `name: value`"),
        ("- name\n", "site.yaml:1: met a list of 1, accepted: a mapping, `name: value`"),
        ("name: [\n", "site.yaml:2: "),
        ("name: a\n\tb: c\n", "site.yaml:2: "),
        ("name: a\nname: b\n", "site.yaml:2: name: given before in line 1"),
        ("name: a\nfavourite:\n  kind: bark\n  kind: bark\n", "site.yaml:4: kind: given before in line 3"),
        ("name: a\n[sic]: b\n", "site.yaml:2: met a list or a mapping as a key, accepted: a name"),
        ("opens: x\n", "site.yaml:1: name: met nothing, accepted: a value, it is required"),
        ("name: a\nopnes: x\n", "site.yaml:2: opnes: unknown, accepted: did you mean opens?"),
        ("name: a\nzzz: x\n", "accepted: favourite, name, opens, password, sounds, url"),
        (
            "name: a\nsounds:\n  - kind: bark\n    loud_db: 95\n",
            "site.yaml:4: sounds.0.bark.loud_db: met 95, accepted: less than or equal to 90",
        ),
        (
            "name: a\nsounds:\n- kind: bark\n- kind: meow\n  soft: 3\n",
            "site.yaml:5: sounds.1.meow.soft: unknown, accepted: did you mean soft_db?",
        ),
        ("name: a\nsounds:\n- kind: moo\n", "site.yaml:3: sounds.0.kind: met 'moo', accepted: 'bark', 'meow'"),
        ("name: a\nsounds:\n- soft_db: 1\n", "site.yaml:3: sounds.0.kind: met nothing, accepted: "),
        ("name: a\nfavourite: {kind: bark, luod_db: 3}\n", "did you mean loud_db?"),
        ("name: a\npassword: hunter2\n", "site.yaml:2: password: met (not shown), accepted: a valid integer"),
        ("name: a\nurl: rtsp://me:pw@cam/1\n", "met 'rtsp://***@cam/1'"),
        ("name: !!python/object:os.system x\n", "site.yaml:1: "),
        ("name: \x00\n", "accepted: YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, text), Site)
    assert message in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, "opnes: 3\nurl: x\n"), Site)
    assert len(str(refused.value).splitlines()) == 3


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: No such file"):
        load(tmp_path / "none.yaml", Site)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_bytes(b"name: \xff")
    with pytest.raises(ConfigError, match="accepted: YAML in UTF-8"):
        load(path, Site)


def test_settings_in_no_file() -> None:
    assert check({"name": "a"}, Site, "command line") == Site(name="a")
    with pytest.raises(ConfigError, match=r"^command line: url: met 'x', accepted: a valid integer"):
        check({"name": "a", "url": "x"}, Site, "command line")


def test_another_error_and_a_part_of_a_file(tmp_path: Path) -> None:
    file = YamlFile(write(tmp_path, "a: 1\nb:\n  kind: bark\n  loud_db: 99\n"), TruthError)
    with pytest.raises(TruthError, match=r"site\.yaml:4: b\.loud_db: met 99"):
        file.check(Bark, file.data["b"], at=("b",))
