"""Options of commands that look for faces."""

from __future__ import annotations

import click

from consentry.vision.faces.detectors import AUTO, FACE_DETECTORS

__all__ = ["face_detector_option"]

face_detector_option = click.option(
    "--detector", metavar="|".join((AUTO, *FACE_DETECTORS)), default=AUTO, show_default=True, help="What finds faces; auto takes the best one present."
)
