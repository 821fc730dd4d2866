"""Puts the sound of a recording beside its redacted pictures. It is encoded anew, so nothing but what can be heard is carried over."""

from __future__ import annotations

from fractions import Fraction
from heapq import merge
from typing import TYPE_CHECKING, Any

import av
from av.error import FFmpegError

from consentry.platform.errors import InputError
from consentry.video.decoding import Decoding, decoded, open_video, words
from consentry.video.files import CONTAINERS
from consentry.vision.store import staged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

    Timed = tuple[float, Packet[Any]]

__all__ = ["has_sound", "join_sound"]

_SAFE = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
_LAYOUTS = {1: "mono"}
_RATE = 48_000


def has_sound(recording: Path) -> bool:
    """Tell whether the file has a track of sound that can be decoded."""
    with _opened(recording) as container:
        return any(stream.codec_context is not None for stream in container.streams.audio)


def join_sound(pictures: Path, recording: Path, target: Path) -> None:
    """Write the video of ``pictures``, whose first frame is at 0, with the first sound of ``recording`` to ``target`` (MP4).

    Raises:
        InputError: ``video.unwritable`` where the two cannot be joined or written.
    """
    try:
        with staged(target) as part, av.open(str(pictures)) as shown, _opened(recording) as heard:
            _join(shown, heard, part, _first_time(recording))
    except (FFmpegError, OSError) as error:
        reason = words(error) if isinstance(error, FFmpegError) else (error.strerror or "unknown cause").lower()
        mend = "Choose a folder that is writable and has room, or leave --keep-audio away."
        raise InputError("video.unwritable", str(target), f"pictures and sound cannot be joined ({reason})", mend) from None


def _join(shown: InputContainer, heard: InputContainer, part: Path, start: float) -> None:
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        video = out.add_stream_from_template(shown.streams.video[0])
        audio = out.add_stream("aac", rate=_RATE, layout=_LAYOUTS.get(heard.streams.audio[0].channels, "stereo"))
        for _, packet in merge(_copied(shown, video), _encoded(heard, audio, start), key=lambda entry: entry[0]):
            out.mux(packet)


def _copied(shown: InputContainer, video: av.VideoStream) -> Iterator[Timed]:
    for packet in shown.demux(shown.streams.video[0]):
        if packet.dts is not None and packet.time_base is not None:
            time = float(packet.dts * packet.time_base)
            packet.stream = video
            yield time, packet


def _encoded(heard: InputContainer, audio: AudioStream, start: float) -> Iterator[Timed]:
    """Yield the sound from the moment ``start`` of the recording on, in packets of AAC with their times."""
    resampler = av.AudioResampler("fltp", audio.codec_context.layout, _RATE)
    for frame in heard.decode(audio=0):
        if frame.time is None or frame.time < start:
            continue
        frame.pts = round((frame.time - start) * _RATE)
        frame.time_base = Fraction(1, _RATE)
        for piece in resampler.resample(frame):
            yield from _timed(audio.encode(piece))
    for rest in (*resampler.resample(None), None):
        yield from _timed(audio.encode(rest))


def _timed(packets: list[Packet[AudioStream]]) -> Iterator[Timed]:
    for packet in packets:
        if packet.pts is not None and packet.time_base is not None:
            yield float(packet.pts * packet.time_base), packet


def _first_time(recording: Path) -> float:
    """Return when the first picture is shown, in seconds of the recording's own clock."""
    video = open_video(f"file:{recording}", str(recording), Decoding(), _SAFE)
    with video.container:
        first = next(decoded(video, []), None)
        return first.time if first is not None and first.time is not None else 0.0


def _opened(recording: Path) -> InputContainer:
    return av.open(f"file:{recording}", options=_SAFE, metadata_errors="replace")
