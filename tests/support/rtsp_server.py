"""An RTSP server of Debian's GStreamer packages, run by the system's Python: it serves one drawn or given stream.

    /usr/bin/python3 tests/support/rtsp_server.py --port 8554 [--codec h264|h265|mjpeg] [--user U --password P]
        [--file CLIP.mp4|CLIP.h264] [--jpegs FOLDER] [--fps 15 | --fps 1/4] [--width 640 --height 360] [--gop 15]

Prints "ready PORT" when it listens (port 0 takes a free one). The stream is rtsp://127.0.0.1:PORT/cam.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - versions are named first

# Encoder and payloader by codec; no B-frames, no look-ahead, as in a camera.
CODECS = {
    "h264": (
        "x264enc tune=zerolatency speed-preset=ultrafast key-int-max={gop} ! video/x-h264,profile=baseline",
        "rtph264pay name=pay0 pt=96 config-interval=1",
    ),
    "h265": (
        "x265enc tune=zerolatency speed-preset=ultrafast key-int-max={gop}",
        "rtph265pay name=pay0 pt=96 config-interval=1",
    ),
    "mjpeg": ("jpegenc", "rtpjpegpay name=pay0 pt=26"),
}


def pipeline(options: argparse.Namespace) -> str:
    """The launch line; its last element must be called pay0."""
    rate = options.fps if "/" in options.fps else f"{options.fps}/1"
    size = f"width={options.width},height={options.height},framerate={rate}"
    encode, pay = CODECS[options.codec]
    encode = encode.format(gop=options.gop)
    if options.audio_only:
        return "( audiotestsrc is-live=true ! mulawenc ! rtppcmupay name=pay0 pt=0 )"
    if options.file:
        # A bare .h264 has no times: the parser gives it those of its frame rate.
        demux = "" if options.file.endswith(".h264") else "! qtdemux "
        return f"( filesrc location={options.file} {demux}! h264parse ! {pay} )"
    if options.jpegs:
        pattern = Path(options.jpegs) / "%05d.jpg"
        paced = f"multifilesrc location={pattern} loop=true caps=image/jpeg,framerate={rate} ! jpegdec"
        return f"( {paced} ! videoconvert ! videoscale ! video/x-raw,format=I420,{size} ! {encode} ! {pay} )"
    drawn = f"videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,{size}"
    return f"( {drawn} ! {encode} ! {pay} )"


def protect(server: Any, factory: Any, user: str, password: str) -> None:
    """Ask for a password (Digest) before the stream may be described."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--file")
    parser.add_argument("--jpegs", help="folder of 00000.jpg, 00001.jpg ...")
    parser.add_argument("--audio-only", action="store_true")
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=360)
    parser.add_argument("--fps", default="15", help="or a fraction: 1/4")
    parser.add_argument("--codec", choices=sorted(CODECS), default="h264")
    parser.add_argument("--gop", type=int, default=15)
    options = parser.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(options.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline(options))
    factory.set_shared(True)
    if options.user:
        protect(server, factory, options.user, options.password)
    server.get_mount_points().add_factory("/cam", factory)
    if server.attach(None) == 0:
        sys.exit(f"cannot listen on port {options.port}")
    print("ready", server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
