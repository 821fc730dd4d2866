"""Cameras that speak HTTP, for the tests: an MJPEG stream, a sliding HLS playlist, and things that are no live video."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import av
import cv2

from tests.video.clips import quarters, times_at, write_clip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RATE = 10
SEGMENTS = 30


class Camera(BaseHTTPRequestHandler):
    """Serves /video.mjpg, /live.m3u8 (one segment a second goes by), /ended.m3u8, /clip.mp4, /snapshot.jpg, /page and /locked."""

    def __init__(self, *args: object, folder: Path, begin: float, stop: threading.Event) -> None:
        self.folder, self.begin, self.stop = folder, begin, stop
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        name = self.path.split("?")[0].removeprefix("/")
        if name == "video.mjpg":
            with suppress(ConnectionError):
                self.stream_pictures()
        elif name == "locked":
            self.send_error(401)
        elif name in {"live.m3u8", "ended.m3u8"}:
            self.answer("application/vnd.apple.mpegurl", self.playlist(ended=name == "ended.m3u8").encode())
        elif name == "snapshot.jpg":
            self.answer("image/jpeg", jpeg())
        elif name == "page":
            self.answer("text/html", b"<html>please log in</html>" * 50)
        elif (self.folder / name).is_file():
            self.answer("video/mp2t", (self.folder / name).read_bytes())
        else:
            self.send_error(404)

    def answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream_pictures(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        self.end_headers()
        body = jpeg()
        while not self.stop.wait(1 / RATE):
            self.wfile.write(b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(body) + body + b"\r\n")

    def playlist(self, *, ended: bool) -> str:
        newest = SEGMENTS if ended else min(SEGMENTS, 4 + int(time.monotonic() - self.begin))
        first = 0 if ended else max(0, newest - 5)
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
        for index in range(first, newest):
            lines += ["#EXTINF:1.0,", f"live{index}.ts"]
        return "\n".join([*lines, *(["#EXT-X-ENDLIST"] if ended else [])]) + "\n"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    """Says nothing on stderr when who asked goes away before the answer, as one that gives a camera up does: the tests read stderr."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def jpeg() -> bytes:
    written, body = cv2.imencode(".jpg", quarters(64, 48))
    assert written
    return body.tobytes()


def cut_into_segments(clip: Path, playlist: Path) -> None:
    options = {"hls_time": "1", "hls_list_size": "0"}
    with av.open(str(clip)) as source, av.open(str(playlist), "w", format="hls", options=options) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)


@contextmanager
def http_camera(folder: Path) -> Iterator[str]:
    """Serve until the block ends; yield the address without the path."""
    cut_into_segments(write_clip(folder / "clip.mp4", times_at(RATE, RATE * SEGMENTS)), folder / "live.m3u8")
    stop = threading.Event()
    server = Server(("127.0.0.1", 0), partial(Camera, folder=folder, begin=time.monotonic(), stop=stop))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
