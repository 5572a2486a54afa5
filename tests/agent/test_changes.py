from typing import Any

import pytest

from edgeguard.agent.changes import Effect, diff_sites
from edgeguard.agent.site import SiteConfig

LIFT: dict[str, Any] = {"id": "lift-a", "source": {"kind": "synthetic"}}
RTSP: dict[str, Any] = {
    "id": "lift-r",
    "source": {"kind": "rtsp", "url": "rtsp://cam/live?pass=one", "username": "u", "password": "one"},
}


def site(**changes: Any) -> SiteConfig:
    return SiteConfig.model_validate(
        {"site": "hz", "box": "box-1", "data_dir": "data", "cameras": [LIFT, RTSP], **changes}
    )


def camera(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return base | changes


def test_nothing_differs() -> None:
    diff = diff_sites(site(), site())
    assert not diff
    assert diff.changes == ()
    assert diff.cameras(Effect.CAMERA) == ()


@pytest.mark.parametrize(
    ("changes", "path", "effect"),
    [
        ({"site": "sh"}, "site", Effect.RESTART),
        ({"box": "box-2"}, "box", Effect.RESTART),
        ({"data_dir": "other"}, "data_dir", Effect.RESTART),
        ({"models_dir": "other"}, "models_dir", Effect.RESTART),
        ({"place": {"building": "3"}}, "place.building", Effect.AT_ONCE),
        ({"voice": {"volume_db": -3}}, "voice.volume_db", Effect.VOICE),
        ({"uplink": {"host": "b", "insecure_lab": True}}, "uplink", Effect.UPLINK),
        ({"privacy": {"blur_heads": False}}, "privacy.blur_heads", Effect.AT_ONCE),
        ({"remote_settings": True}, "remote_settings", Effect.AT_ONCE),
        ({"cameras": [RTSP]}, "cameras.lift-a", Effect.CAMERA_REMOVED),
        ({"cameras": [LIFT, RTSP, camera(LIFT, id="lift-c")]}, "cameras.lift-c", Effect.CAMERA_ADDED),
        ({"cameras": [camera(LIFT, detect_hz=5), RTSP]}, "cameras.lift-a.detect_hz", Effect.CAMERA),
        ({"cameras": [camera(LIFT, label="A"), RTSP]}, "cameras.lift-a.label", Effect.AT_ONCE),
        ({"cameras": [camera(LIFT, place={"lift": "A"}), RTSP]}, "cameras.lift-a.place.lift", Effect.AT_ONCE),
        ({"cameras": [camera(LIFT, voice={"output": {"kind": "none"}}), RTSP]}, "cameras.lift-a.voice", Effect.VOICE),
        (
            {"cameras": [camera(LIFT, scenarios=[{"kind": "lift_ebike", "clear_s": 6}]), RTSP]},
            "cameras.lift-a.scenarios.0.clear_s",
            Effect.CAMERA,
        ),
    ],
)
def test_one_change(changes: dict[str, Any], path: str, effect: Effect) -> None:
    (change,) = diff_sites(site(), site(**changes)).changes
    assert (change.path, change.effect) == (path, effect)


def test_the_order_of_cameras_means_nothing() -> None:
    assert not diff_sites(site(), site(cameras=[RTSP, LIFT]))


def test_old_and_new_are_shown() -> None:
    (change,) = diff_sites(site(), site(cameras=[camera(LIFT, detect_hz=5), RTSP])).changes
    assert str(change) == "cameras.lift-a.detect_hz: 10.0 -> 5.0 (camera is replaced, its open episodes go on)"
    assert diff_sites(site(), site(cameras=[camera(LIFT, detect_hz=5), RTSP])).cameras(Effect.CAMERA) == ("lift-a",)


def test_a_changed_password_is_seen_and_not_shown() -> None:
    source = RTSP["source"] | {"password": "two", "url": "rtsp://cam/live?pass=two"}
    diff = diff_sites(site(), site(cameras=[LIFT, camera(RTSP, source=source)]))
    assert [change.path for change in diff.changes] == ["cameras.lift-r.source.url", "cameras.lift-r.source.password"]
    assert not any("one" in str(change) or "two" in str(change) for change in diff.changes)
