"""Person detectors: RTMDet, NanoDet, YOLOX and OpenCV's HOG, behind one port."""

from consentry.vision.persons.select import open_person_detector

__all__ = ["open_person_detector"]
