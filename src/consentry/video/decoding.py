"""Opens a video with libav and decodes its pictures; turns what libav says into one clear error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
from av import error as av_error
from av.stream import Disposition

from consentry.platform.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

__all__ = ["Decoding", "OpenVideo", "decoded", "open_video", "words"]

DEFAULT_RATE = 25.0
FASTEST_RATE = 1000
# From this shrinkage on, what the skipped loop filter leaves is averaged away (about 1 of 255 levels on 1080p to 640).
INVISIBLE_BLOCKS_FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to decode: ``threads`` of libav, the ``longest_side`` that pictures will be scaled to, codec ``options``."""

    threads: int = 1
    longest_side: int | None = None
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OpenVideo:
    """An open container and the video stream chosen from it."""

    container: InputContainer
    stream: VideoStream

    @property
    def frames_per_second(self) -> float:
        """The nominal rate, for frames without timestamps."""
        rate = self.stream.average_rate or self.stream.guessed_rate
        return float(rate) if rate and 0 < rate <= FASTEST_RATE else DEFAULT_RATE

    @property
    def duration(self) -> float | None:
        """Seconds according to the header, or ``None``."""
        if self.stream.duration and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base)
        return self.container.duration / av.time_base if self.container.duration else None


def open_video(file: str | BinaryIO, subject: str, decoding: Decoding, options: Mapping[str, str], demuxer: str | None = None) -> OpenVideo:
    """Open ``file`` (an address for libav or its bytes) and choose the video stream.

    ``subject`` is what errors call it, so that no password in ``file`` reaches them. Raises ``SourceError``.
    """
    try:
        container = av.open(file, "r", format=demuxer, options=dict(options), metadata_errors="replace")
    except av_error.FFmpegError as error:
        raise _opening_error(error, subject) from None
    try:
        return OpenVideo(container, _prepared(_video_stream(container, subject), decoding))
    except SourceError:
        container.close()
        raise


def decoded(video: OpenVideo, damage: list[str]) -> Iterator[VideoFrame]:
    """Yield the pictures in order; what cannot be read or decoded is skipped and noted in ``damage``."""
    for packet in _packets(video, damage):
        try:
            yield from packet.decode()
        except av_error.FFmpegError as error:
            damage.append(words(error))


def words(error: av_error.FFmpegError) -> str:
    """Return what libav says without the address, which may hold a password."""
    return (error.strerror or type(error).__name__).lower()


def _packets(video: OpenVideo, damage: list[str]) -> Iterator[Packet[VideoStream]]:
    try:
        yield from video.container.demux(video.stream)
    except av_error.FFmpegError as error:
        damage.append(f"reading stopped: {words(error)}")


def _video_stream(container: InputContainer, subject: str) -> VideoStream:
    pictures = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not pictures:
        mend = "Give a file or stream with video; sound or a cover picture cannot be counted."
        raise SourceError("source.no-video", subject, "it has no moving pictures", mend)
    best = container.streams.best("video")
    stream = next((stream for stream in pictures if best is not None and stream.index == best.index), pictures[0])
    if stream.codec_context is None:
        raise SourceError("source.unsupported", subject, "its video cannot be decoded here", "Convert it to H.264, or set the camera to H.264.")
    return stream


def _prepared(stream: VideoStream, decoding: Decoding) -> VideoStream:
    context = stream.codec_context
    stream.thread_type = "NONE" if decoding.threads == 1 else "AUTO"
    context.thread_count = decoding.threads
    options = dict(decoding.options)
    if decoding.longest_side is not None and max(context.width, context.height) >= INVISIBLE_BLOCKS_FACTOR * decoding.longest_side:
        options["skip_loop_filter"] = "all"
    context.options = options
    return stream


def _opening_error(error: av_error.FFmpegError, subject: str) -> SourceError:
    for kinds, code, problem, mend in _CAUSES:
        if isinstance(error, kinds):
            return SourceError(code, subject, problem, mend)
    return SourceError("source.unreachable", subject, f"it cannot be opened ({words(error)})", "Check the address, the network and that the camera is on.")


_UNSUPPORTED = (av_error.DecoderNotFoundError, av_error.DemuxerNotFoundError, av_error.ProtocolNotFoundError)
_CAUSES = (
    ((av_error.FileNotFoundError, av_error.HTTPNotFoundError), "source.missing", "there is nothing of this name", "Check the name and the path."),
    ((av_error.PermissionError,), "source.forbidden", "this user may not read it", "Give the user who runs Consentry the right to read it."),
    (
        (av_error.HTTPUnauthorizedError, av_error.HTTPForbiddenError),
        "source.refused",
        "the camera refuses the user name or password",
        "Write the address as rtsp://user:password@camera/...",
    ),
    (
        (av_error.InvalidDataError, av_error.ArgumentError),
        "source.not-video",
        "it is not a video that can be read",
        "Give a video file or the address of a camera's stream.",
    ),
    (_UNSUPPORTED, "source.unsupported", "this kind of video is not supported", "Convert it to MP4 with H.264."),
)
