"""Every error of a site file at once, each at its line."""

from pathlib import Path

import pytest

from edgeguard.agent.check import examine

SITE = """\
site: hz
box: box-1
data_dir: data
voice: {output: {kind: none}}
cameras:
  - id: a
    source: {kind: synthetic}
"""

WRONG = """\
site: hz
box: box-1
data_dir: /dev/null/data
cameras:
  - id: a
    source: {kind: file, path: none.mp4}
  - id: b
    model: big
    source: {kind: rtsp, url: "rtsp://10.0.0.1/x", username: u, password_env: EDGEGUARD_NO_SUCH}
    voice: {output: {kind: none}, languages: [xx]}
  - id: c
    source: {kind: rtsp, url: "rtsp://user:hunter2@10.0.0.1/x"}
    scenarios: [{kind: lift_ebike, phrases: {leave: go}}]
voice: {output: {kind: none}}
uplink: {host: h, username: u, password_env: EDGEGUARD_NO_SUCH, tls: {ca: a, cert: b, key: c}}
evidence: {upload_clips: true, upload: {url: "https://h", token_env: EDGEGUARD_NO_SUCH}}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "site.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_good_file(tmp_path: Path) -> None:
    found = examine(write(tmp_path, SITE))
    assert found.errors == ()
    assert found.site is not None
    assert [str(notice).removeprefix(str(tmp_path)) for notice in found.notices] == [
        "/site.yaml:1: no uplink: nobody is told of an event, the box keeps it",
        "/site.yaml:1: no ops: `edgeguard status` and Prometheus cannot ask this box",
    ]
    assert not (tmp_path / "data").exists(), "nothing is made"


def test_all_that_cannot_work_at_once(tmp_path: Path) -> None:
    found = examine(write(tmp_path, WRONG))
    told = [(error.line, error.text) for error in found.errors]
    assert [line for line, _ in told] == [3, 6, 9, 8, 10, 13, 15, 15, 16]
    for (_, text), part in zip(
        told,
        (
            "data_dir: met /dev/null/data, accepted: a folder this user may write to",
            f"source.path: met {tmp_path / 'none.mp4'}, accepted: a file or folder that is there",
            "the environment variable EDGEGUARD_NO_SUCH is not set",
            "no model 'big', accepted: lift-n, lift-n-alone, lift-s, lift-s-384, yard-n",
            "phrase ebike_leave is not there in 'xx'; accepted: zh, en",
            "c: lift_ebike.phrases: no phrase 'go'",
            "uplink.tls: a is not a file",
            "environment variable EDGEGUARD_NO_SUCH is not set (uplink.password_env)",
            "evidence.upload: met no token in environment variable EDGEGUARD_NO_SUCH",
        ),
        strict=True,
    ):
        assert part in text
    assert [notice.line for notice in found.notices] == [1, 12]
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (SITE, "", [(1, "met None, accepted: a mapping, `name: value`")]),
        ("box: box-1\n", "box: [\n", [(4, "expected ',' or ']'")]),
        (
            "{kind: synthetic}",
            "{kind: synthetic, fps: 0, sede: 1}",
            [
                (7, "cameras.0.source.synthetic.fps: met 0, accepted: greater than 0"),
                (7, "cameras.0.source.synthetic.sede: unknown, accepted: did you mean seed?"),
            ],
        ),
        (
            "voice: {",
            "ops: {address: 0.0.0.0}\nvoice: {",
            [(4, "ops.address: met '0.0.0.0', accepted: 127.0.0.1 or ::1")],
        ),
    ],
    ids=["empty", "no YAML", "two errors", "an open port"],
)
def test_what_cannot_be_read(tmp_path: Path, old: str, new: str, told: list[tuple[int, str]]) -> None:
    found = examine(write(tmp_path, SITE.replace(old, new)))
    assert found.site is None
    assert [error.line for error in found.errors] == [line for line, _ in told]
    assert all(error.text.startswith(text) for error, (_, text) in zip(found.errors, told, strict=True))


def test_no_file(tmp_path: Path) -> None:
    (error,) = examine(tmp_path / "none.yaml").errors
    assert (error.line, error.text) == (None, "No such file or directory")


def test_a_finding_taken_apart(tmp_path: Path) -> None:
    first, second = (error.to_dict() for error in examine(write(tmp_path, WRONG)).errors[1:3])
    assert (first["key"], first["line"], first["met"]) == ("source.path", 6, str(tmp_path / "none.mp4"))
    assert first["accepted"] == "a file or folder that is there"
    assert "key" not in second


@pytest.mark.parametrize(
    "example", sorted((Path(__file__).parents[2] / "cameras").glob("*.yaml")), ids=lambda p: p.name
)
def test_only_what_a_desk_lacks_is_wrong_with_the_examples(example: Path) -> None:
    """Passwords and certificates are the site's; everything else in an example must be right."""
    assert [
        error.text for error in examine(example).errors if "is not set" not in error.text and "file" not in error.text
    ] == []


def test_a_rule_that_stays_off_is_a_notice_at_its_line(tmp_path: Path) -> None:
    text = SITE + "    scenarios:\n      - kind: lift_ebike\n      - kind: conduct_smoking\n"
    found = examine(write(tmp_path, text))
    assert found.errors == ()
    (told,) = [notice for notice in found.notices if "pose" in notice.text]
    assert told.line == 10
    assert (
        "a: conduct_smoking stays off without a pose network: `edgeguard models convert yolo11n-pose.pt`" in told.text
    )
