"""One door to every kind of source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.video.address import Kind, parse_address
from consentry.video.files import FileSource
from consentry.video.folders import FolderSource
from consentry.video.live import LiveSource
from consentry.video.loop import LoopSource

if TYPE_CHECKING:
    from consentry.video.model import FrameSource

__all__ = ["open_source"]


def open_source(spec: str, *, longest_side: int | None = None, decode_threads: int = 1) -> FrameSource:
    """Open a file, a folder of pictures (``folder?fps=10``), ``rtsp://``, ``http(s)://`` (MJPEG, HLS), ``webcam:N`` or ``loop:FILE``.

    ``longest_side``: frames are scaled down so that neither side is longer, in pixels. ``decode_threads``: threads that decode a
    file; a live source decodes in one thread of a process of its own. Raises ``SourceError`` for what cannot be opened; a live
    source connects when its frames are read.
    """
    address = parse_address(spec)
    if address.kind is Kind.LOOP:
        return LoopSource(address, longest_side=longest_side, decode_threads=decode_threads)
    if address.live:
        return LiveSource(address, longest_side=longest_side)
    if address.kind is Kind.FOLDER:
        return FolderSource(address.target, spec=address.shown, images_per_second=address.images_per_second, longest_side=longest_side)
    return FileSource(address.target, longest_side=longest_side, decode_threads=decode_threads)
