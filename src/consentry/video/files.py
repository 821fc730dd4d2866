"""A recorded video file as a source: every frame, in order, with the time the file gives it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from av.error import FFmpegError

from consentry.platform.errors import SourceError
from consentry.video.decoding import Decoding, decoded, open_video, words
from consentry.video.model import Frame, Health, Size, SourceState
from consentry.video.picture import PictureConverter
from consentry.video.timeline import RecordedTimeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from consentry.video.decoding import OpenVideo

__all__ = ["CONTAINERS", "FileSource"]

# Left out on purpose: formats that read further files (concat, hls, dash), that make a picture of any text (tty, bin), and devices.
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,nut,ivf,dv,wtv,rm,swf,gxf,nsv,amv,dhav,kux,hxvs,"
    "h261,h263,h264,hevc,vvc,av1,obu,m4v,vc1,cavsvideo,mjpeg,mpjpeg,smjpeg,yuv4mpegpipe,gif,apng,"
    "wav,mp3,flac,aac,aiff,au,ac3,eac3,amr,"
    "jpeg_pipe,png_pipe,bmp_pipe,webp_pipe,tiff_pipe,gif_pipe,pgm_pipe,ppm_pipe,pbm_pipe"
)
_SIGNATURES = ((4, b"ftyp"), (4, b"mdat"), (4, b"moov"), (0, b"\x1aE\xdf\xa3"), (0, b"RIFF"), (0, b"FLV"), (0, b"OggS"), (0, b"\x00\x00\x01\xba"))
CUT_OFF_S = 1.0
CUT_OFF_SHARE = 0.02


class FileSource:
    """Reads one video file; see ``FrameSource``. ``size`` is known from the start, for one frame is decoded at once."""

    live = False

    def __init__(self, path: str, *, longest_side: int | None = None, decode_threads: int = 1) -> None:
        """Open ``path``; raise ``SourceError`` when it is missing, empty, damaged, or without a picture that can be decoded."""
        self.spec = path
        _check_readable(path)
        self._damage: list[str] = []
        self._warnings: tuple[str, ...] = ()
        self._video = _opened(path, Decoding(decode_threads, longest_side))
        self._timeline = RecordedTimeline(1 / self._video.frames_per_second)
        self._converter = PictureConverter(longest_side=longest_side, pixel_aspect=self._video.stream.sample_aspect_ratio)
        self._decoded = decoded(self._video, self._damage)
        self._count = 0
        self._state = SourceState.CONNECTING
        self._reason = "opened, not read yet"
        self._closed = False
        self._first = self._first_frame()

    @property
    def size(self) -> Size:
        """The picture's size, upright and with square pixels."""
        return self._first.size

    @property
    def duration(self) -> float | None:
        """Seconds according to the file's header."""
        return self._video.duration

    @property
    def health(self) -> Health:
        """The state, why, and the frames given so far."""
        return Health(self._state, self._reason, frames=self._count)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with the file; complete when the frames have ended."""
        return self._warnings

    def frames(self) -> Iterator[Frame]:
        """Yield every frame, once."""
        self._state, self._reason = SourceState.LIVE, "reading"
        frame: Frame | None = self._first
        end = 0.0
        while frame is not None and not self._closed:
            self._count += 1
            yield frame
            end = frame.time
            frame = self._next_frame()
        if not self._closed:
            self._finish(end)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        if not self._closed:
            self._closed = True
            self._video.container.close()

    def __enter__(self) -> Self:
        """Return the source."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the source."""
        self.close()

    def _first_frame(self) -> Frame:
        try:
            frame = self._next_frame()
        except SourceError:
            self.close()
            raise
        if frame is None:
            self.close()
            reason = self._damage[0] if self._damage else "the file holds none"
            raise SourceError("source.damaged", self.spec, f"no picture in it can be decoded ({reason})", "Copy or export it again.")
        return frame

    def _next_frame(self) -> Frame | None:
        if self._closed:
            return None
        picture = next(self._decoded, None)
        if picture is None:
            return None
        image = self._converted(picture)
        size = self._converter.size or Size(image.shape[1], image.shape[0])
        return Frame(image, self._timeline.place(picture.time), size)

    def _converted(self, picture: VideoFrame) -> NDArray[np.uint8]:
        try:
            return self._converter.convert(picture)
        except FFmpegError as error:
            problem = f"its pixel format {picture.format.name} cannot be converted ({words(error)})"
            raise SourceError("source.unsupported", self.spec, problem, "Convert it to MP4 with H.264.") from None

    def _finish(self, end: float) -> None:
        self._warnings = tuple(self._complaints(end))
        self._state = SourceState.ENDED
        self._reason = f"read to its end, but {'; '.join(self._warnings)}" if self._warnings else "read to its end"

    def _complaints(self, end: float) -> Iterator[str]:
        promised = self._video.duration
        if promised is not None and promised - end > max(CUT_OFF_S, CUT_OFF_SHARE * promised) + 1 / self._video.frames_per_second:
            yield f"the end is missing: the header says {promised:.1f} s, the pictures end at {end:.1f} s"
        if self._damage:
            yield f"damaged parts skipped: {len(self._damage)} (first: {self._damage[0]})"
        if self._timeline.repaired:
            yield f"missing or backward timestamps repaired: {self._timeline.repaired}"
        if self._converter.resized:
            yield f"the picture's size or orientation changed (times: {self._converter.resized}); all pictures were scaled to the first"


def _check_readable(path: str) -> None:
    try:
        entry = Path(path).stat()
        if stat.S_ISREG(entry.st_mode):
            with Path(path).open("rb"):
                pass
    except FileNotFoundError:
        raise SourceError("source.missing", path, "there is no such file", "Check the name and the path.") from None
    except PermissionError:
        raise SourceError("source.forbidden", path, "this user may not read it", "Give the user who runs Consentry the right to read it.") from None
    except OSError as error:
        problem = f"it cannot be read ({(error.strerror or 'unknown cause').lower()})"
        raise SourceError("source.unreadable", path, problem, "Check the name and the disk.") from None
    if not stat.S_ISREG(entry.st_mode):
        raise SourceError("source.not-a-file", path, "it is neither a file nor a folder", "Give a video file; a camera of this computer is webcam:0.")
    if entry.st_size == 0:
        raise SourceError("source.empty", path, "the file is empty", "Copy or export it again.")


def _opened(path: str, decoding: Decoding) -> OpenVideo:
    try:
        # "file:" keeps names such as "http:x.mp4" from being taken for addresses.
        return open_video(f"file:{path}", path, decoding, {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"})
    except SourceError as error:
        if error.code == "source.not-video" and _has_video_signature(path):
            raise SourceError("source.damaged", path, "it begins like a video but is damaged or cut off", "Copy or export it again.") from None
        raise


def _has_video_signature(path: str) -> bool:
    with Path(path).open("rb") as file:
        head = file.read(16)
    return any(head[offset : offset + len(mark)] == mark for offset, mark in _SIGNATURES)
