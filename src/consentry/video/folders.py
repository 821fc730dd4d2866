"""A folder of pictures as a source: sorted as a person would (``2`` before ``10``), a set number to the second."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from av.error import FFmpegError

from consentry.platform.errors import SourceError
from consentry.video.decoding import Decoding, decoded, open_video
from consentry.video.model import Frame, Health, Size, SourceState
from consentry.video.picture import PictureConverter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

__all__ = ["FolderSource"]

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm"})
_FORMATS = "jpeg_pipe,png_pipe,bmp_pipe,webp_pipe,tiff_pipe,pgm_pipe,ppm_pipe"
_STRICT = Decoding(options=(("err_detect", "explode"),))
_TIFF = frozenset({".tif", ".tiff"})
MEND = "Remove it from the folder or copy it again."


class FolderSource:
    """Reads the pictures of one folder; see ``FrameSource``. A picture that cannot be read ends it with an error naming it."""

    live = False

    def __init__(self, folder: str, *, spec: str, images_per_second: float, longest_side: int | None = None) -> None:
        """List ``folder`` and read its first picture; raise ``SourceError`` when there is none or it cannot be read."""
        self.spec = spec
        self._paths = _pictures(folder, spec)
        self._rate = images_per_second
        self._longest_side = longest_side
        self._count = 0
        self._state = SourceState.CONNECTING
        self._reason = "opened, not read yet"
        self._closed = False
        self.size = self._frame(0).size

    @property
    def duration(self) -> float | None:
        """Seconds that the pictures last at their rate."""
        return len(self._paths) / self._rate

    @property
    def health(self) -> Health:
        """The state, why, and the frames given so far."""
        return Health(self._state, self._reason, frames=self._count)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Nothing: a folder is read whole or refused."""
        return ()

    def frames(self) -> Iterator[Frame]:
        """Yield every picture, once."""
        self._state, self._reason = SourceState.LIVE, "reading"
        for index in range(len(self._paths)):
            if self._closed:
                return
            frame = self._checked_frame(index)
            self._count += 1
            yield frame
        self._state, self._reason = SourceState.ENDED, "read to its end"

    def close(self) -> None:
        """Stop; safe to call twice."""
        self._closed = True

    def __enter__(self) -> Self:
        """Return the source."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the source."""
        self.close()

    def _checked_frame(self, index: int) -> Frame:
        try:
            frame = self._frame(index)
            self._check_size(index, frame.size)
        except SourceError as error:
            self._state, self._reason = SourceState.FAILED, str(error)
            raise
        return frame

    def _check_size(self, index: int, size: Size) -> None:
        if size != self.size:
            problem = f"it measures {size.width}x{size.height}, the first picture {self.size.width}x{self.size.height}"
            raise SourceError("source.mixed-sizes", str(self._paths[index]), problem, "Keep pictures of one camera and size in a folder.")

    def _frame(self, index: int) -> Frame:
        path = self._paths[index]
        # Strictly, for half a JPEG would pass as a grey-bottomed picture; but libav's TIFF decoder then refuses sound files too.
        decoding = Decoding() if path.suffix.lower() in _TIFF else _STRICT
        video = open_video(io.BytesIO(_bytes(path)), str(path), decoding, {"format_whitelist": _FORMATS})
        with video.container:
            picture = next(decoded(video, []), None)
            if picture is None:
                raise SourceError("source.damaged", str(path), "the picture is damaged or cut off", MEND)
            converter = PictureConverter(longest_side=self._longest_side, pixel_aspect=video.stream.sample_aspect_ratio)
            try:
                image = converter.convert(picture)
            except FFmpegError:
                problem = f"its pixel format {picture.format.name} cannot be converted"
                raise SourceError("source.unsupported", str(path), problem, "Save it as JPEG or PNG.") from None
        return Frame(image, index / self._rate, converter.size or Size(image.shape[1], image.shape[0]))


def _pictures(folder: str, spec: str) -> list[Path]:
    try:
        paths = [path for path in Path(folder).iterdir() if path.suffix.lower() in PICTURES and not path.name.startswith(".")]
    except PermissionError:
        raise SourceError("source.forbidden", spec, "this user may not read the folder", "Give the user who runs Consentry the right to read it.") from None
    if not paths:
        raise SourceError("source.empty", spec, "the folder holds no pictures", "Put JPEG or PNG pictures in it, or give a video file.")
    return sorted(paths, key=_natural)


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.split(r"([0-9]+)", path.name)]


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError("source.unreadable", str(path), f"it cannot be read ({(error.strerror or 'unknown cause').lower()})", MEND) from None
    if not data:
        raise SourceError("source.empty", str(path), "the picture is empty", MEND)
    return data
