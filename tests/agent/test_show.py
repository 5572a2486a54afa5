from pathlib import Path

from edgeguard.agent.show import HIDDEN, Line, effective
from edgeguard.agent.site import SiteConfig
from edgeguard.yamlfile import YamlFile, load

SITE = """\
box: box-1
site: "on"
data_dir: data
cameras:
  - source: {kind: rtsp, url: "rtsp://user:hunter2@10.0.0.1/x?token=hunter2"}
    id: a
    label: 'Lift: A'
  - id: b
    source: {kind: rtsp, url: "rtsp://10.0.0.1/x", username: u, password_env: LIFT_B}
  - id: c
    source: {kind: rtsp, url: "rtsp://10.0.0.1/x", username: u, password_env: LIFT_C}
voice: {output: {kind: none}, optional_phrases: [ebike_thanks]}
"""


def lines(folder: Path, text: str = SITE) -> list[Line]:
    path = folder / "site.yaml"
    path.write_text(text, "utf-8")
    file = YamlFile(path)
    return list(effective(file.check(SiteConfig), file.data, {"LIFT_B": "hunter2"}))


def test_given_and_default(tmp_path: Path) -> None:
    given = {line.path: line.given for line in lines(tmp_path)}
    for path in ("box", "cameras", "cameras.0.label", "cameras.0.source.username", "voice.optional_phrases"):
        assert given[path]
    for path in ("place", "place.lift", "cameras.0.detect_hz", "cameras.0.reader.stall_after_s", "voice.languages"):
        assert not given[path]


def test_what_has_names_is_shown_under_them(tmp_path: Path) -> None:
    brokers = "sensors: {brokers: {shed: {host: 10.0.0.9, insecure_lab: true}}}\n"
    shown = {line.path: line for line in lines(tmp_path, SITE + brokers)}
    assert shown["sensors.brokers.shed.host"].text.strip() == 'host: "10.0.0.9"'
    assert shown["sensors.brokers.shed.host"].given
    assert not shown["sensors.brokers.shed.port"].given


def test_secrets_are_hidden(tmp_path: Path) -> None:
    shown = lines(tmp_path)
    assert "hunter2" not in str(shown)
    texts = {line.path: line for line in shown}
    assert texts["cameras.0.source.password"].text.endswith(HIDDEN)
    assert texts["cameras.1.source.password_env"].note == "set in this environment"
    assert texts["cameras.2.source.password_env"].note == "NOT set in this environment"


def test_the_file_comes_first_in_its_own_order(tmp_path: Path) -> None:
    top = [line.path for line in lines(tmp_path) if "." not in line.path]
    assert top[:5] == ["box", "site", "data_dir", "cameras", "voice"]
    assert {"place", "uplink", "evidence", "ops"} <= set(top[5:])


PLAIN = """\
site: "on"
box: box-1
data_dir: data
place: {building: "3", address_code: "330106"}
cameras:
  - id: a
    label: 'Lift "A": 东'
    source: {kind: file, path: a b.mp4, recorded_at: 2026-01-31T08:00:00Z}
    scenarios:
      - kind: lift_ebike
        cabin: [[0, 0], [1, 0.5], [0.5, 1]]
        armed: {timezone: Asia/Shanghai, windows: [{start: "22:00", end: "06:00", days: [mon]}]}
voice:
  output: {kind: none}
  quiet_hours: [{start: "22:00", end: "06:30", phrases: [ebike_leave]}]
uplink: {host: h, insecure_lab: true}
ops: {}
"""


def test_what_is_shown_reads_the_same(tmp_path: Path) -> None:
    again = tmp_path / "again.yaml"
    again.write_text("\n".join(line.text for line in lines(tmp_path, PLAIN)), "utf-8")
    assert load(again, SiteConfig) == load(tmp_path / "site.yaml", SiteConfig)
