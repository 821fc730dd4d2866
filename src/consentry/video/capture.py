"""The capture process: decodes one live source and publishes each picture, until it is killed, the source ends or its parent dies.

Started by ``consentry.video.process`` as ``python -m consentry.video.capture``. It reads one order from standard input, which then
stays open as long as the parent lives, and writes one line to standard output when it gives up.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from av.error import FFmpegError

from consentry.platform.errors import SourceError
from consentry.video.address import Kind
from consentry.video.decoding import Decoding, decoded, open_video, words
from consentry.video.model import Frame, Size
from consentry.video.order import CaptureOrder, error_to_line
from consentry.video.picture import PictureConverter
from consentry.video.slot import Arrival, FrameSlot
from consentry.video.timeline import LiveTimeline, Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.video.frame import VideoFrame

    from consentry.video.decoding import OpenVideo

__all__ = ["capture", "main"]

_OPTIONS: dict[Kind, dict[str, str]] = {
    Kind.RTSP: {"rtsp_transport": "tcp", "protocol_whitelist": "rtsp,rtsps,rtp,srtp,tcp,tls,udp,crypto", "allowed_media_types": "video"},
    Kind.HTTP: {"protocol_whitelist": "http,https,httpproxy,tcp,tls,crypto,data"},
    Kind.WEBCAM: {},
}
_STAMPLESS = frozenset({"mpjpeg", "mjpeg"})
_LUMPY = frozenset({"hls", "mpegts", "flv", "matroska,webm"})


def main() -> None:
    """Carry out the order on standard input."""
    order = CaptureOrder.from_line(sys.stdin.readline())
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    try:
        capture(order, FrameSlot(order.memory, order.capacity), lambda: os.eventfd_write(order.bell, 1))
    except SourceError as error:
        sys.stdout.write(error_to_line(error))
        sys.stdout.flush()


def capture(order: CaptureOrder, slot: FrameSlot, ring: Callable[[], None]) -> None:
    """Publish the pictures of ``order.address`` until they end, then raise ``SourceError`` with the reason."""
    shown = order.address.shown
    video = _opened(order)
    converter = PictureConverter(longest_side=order.longest_side, pixel_aspect=video.stream.sample_aspect_ratio, size=order.size)
    timeline = LiveTimeline(order.zero, order.after)
    stamps = _Stamps(video.container.format.name)
    damage: list[str] = []
    for number, picture in enumerate(decoded(video, damage), start=1):
        damage.clear()
        stamp = stamps.of(picture)
        arrived = time.monotonic()
        try:
            image = converter.convert(picture)
            size = converter.size or Size(image.shape[1], image.shape[0])
            slot.publish(Arrival(number, arrived, Frame(image, timeline.place(stamp, arrived), size)))
        except (FFmpegError, ValueError) as error:
            problem = words(error) if isinstance(error, FFmpegError) else str(error)
            raise SourceError("source.unsupported", shown, f"its pictures cannot be used: {problem}", "Set the camera to H.264 at 1080p.") from None
        ring()
    raise SourceError("source.interrupted", shown, damage[-1] if damage else "the stream ended", "Check the camera and the network.")


class _Stamps:
    """Reads the stamps of a stream's pictures, holding back those of a source that delivers in lumps until they are due."""

    def __init__(self, demuxer: str) -> None:
        self._has_stamps = demuxer not in _STAMPLESS
        self._pace = Pace() if demuxer in _LUMPY else None

    def of(self, picture: VideoFrame) -> float | None:
        stamp = picture.time if self._has_stamps and picture.pts is not None else None
        if self._pace is not None:
            time.sleep(self._pace.pause(stamp, time.monotonic()))
        return stamp


def _opened(order: CaptureOrder) -> OpenVideo:
    address = order.address
    demuxer = "v4l2" if address.kind is Kind.WEBCAM else None
    video = open_video(address.target, address.shown, Decoding(longest_side=order.longest_side), _OPTIONS[address.kind], demuxer)
    picture = video.container.format.name.endswith("_pipe") or video.container.format.name == "image2"
    if address.kind is Kind.HTTP and (picture or video.container.duration):
        what = "a single picture" if picture else "a finished recording"
        mend = "Download it and give the file, or give the address of the live stream."
        raise SourceError("source.not-live", address.shown, f"it is {what}, not a live stream", mend)
    return video


def _exit_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
