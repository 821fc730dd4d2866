"""Options that several commands share."""

from __future__ import annotations

import os

import click

from consentry.vision.persons.select import AUTO, DETECTORS

__all__ = ["DETECTION_SIDE", "detector_option", "threads_option"]

DETECTION_SIDE = 640
"""Longest side in pixels of the pictures that people are looked for in; a detector enlarges smaller ones itself."""

detector_option = click.option(
    "--detector", metavar="|".join((AUTO, *DETECTORS)), default=AUTO, show_default=True, help="What finds people; auto takes the best one present."
)

threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=lambda: len(os.sched_getaffinity(0)),
    show_default="the processors that this process may use",
    help="Threads that look for people.",
)
