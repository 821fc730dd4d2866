"""A real RTSP camera for the tests: GStreamer's server with an H.264 test pattern. Runs under Debian's own Python, not ours.

Usage: rtsp_server.py PORT [PASSWORD]. Prints ``ready`` when it listens; serves rtsp://127.0.0.1:PORT/camera: 25 pictures a
second, 320x240, one key picture a second. With a password it asks for the user ``admin``.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

PIPELINE = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)


def camera() -> GstRtspServer.RTSPMediaFactory:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(PIPELINE)
    factory.set_shared(True)
    return factory


def lock(server: GstRtspServer.RTSPServer, factory: GstRtspServer.RTSPMediaFactory, password: str) -> None:
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)  # noqa: FBT003 - GStreamer's own signature
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)  # noqa: FBT003 - GStreamer's own signature
    factory.set_permissions(permissions)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic("admin", password), token)
    server.set_auth(auth)


def serve(port: str, password: str | None) -> None:
    Gst.init(None)
    server, factory = GstRtspServer.RTSPServer(), camera()
    server.set_address("127.0.0.1")
    server.set_service(port)
    if password is not None:
        lock(server, factory, password)
    server.get_mount_points().add_factory("/camera", factory)
    server.attach(None)
    print("ready", flush=True)  # noqa: T201 - the test waits for this line
    GLib.MainLoop().run()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
