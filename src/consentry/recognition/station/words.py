"""What a kiosk says to the person for each code of a station worker, in Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.recognition.station.model import CapturePhase
from consentry.vision.faces.quality import Component

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HINTS", "NO_FACE", "PHASES", "REFUSALS"]

NO_FACE: Final = "no-face"
"""The hint while nobody is in the picture."""

HINTS: Final[Mapping[str, Mapping[str, str]]] = {
    NO_FACE: {"zh-CN": "请面对镜头", "en": "Please stand in front of the camera"},
    Component.SINGLE_FACE: {"zh-CN": "请一个人站在画框内", "en": "Please stand in the frame alone"},
    Component.INTER_EYE_DISTANCE: {"zh-CN": "请再靠近一些", "en": "Please come closer"},
    Component.YAW: {"zh-CN": "请正对镜头", "en": "Please look straight into the camera"},
    Component.PITCH: {"zh-CN": "请平视镜头", "en": "Please hold your head level"},
    Component.ROLL: {"zh-CN": "请把头摆正", "en": "Please hold your head upright"},
    Component.LUMINANCE: {"zh-CN": "光线太暗或太亮，请换个位置", "en": "It is too dark or too bright here, please move a little"},
    Component.UNIFORMITY: {"zh-CN": "光线只照到半边脸，请转向光源", "en": "Only half of your face is lit, please turn towards the light"},
    Component.DYNAMIC_RANGE: {"zh-CN": "画面对比度太低，请避开逆光或雾气", "en": "The picture is too flat, please step away from glare"},
    Component.EYES_VISIBLE: {"zh-CN": "请睁开眼睛，摘下墨镜", "en": "Please open your eyes and take off dark glasses"},
    Component.MOUTH_VISIBLE: {"zh-CN": "请摘下口罩，露出口鼻", "en": "Please uncover your mouth and nose"},
    Component.SHARPNESS: {"zh-CN": "画面模糊，请站稳", "en": "The picture is blurred, please hold still"},
}
"""By hint, what the person can do."""

PHASES: Final[Mapping[CapturePhase, Mapping[str, str]]] = {
    CapturePhase.LOOKING: {"zh-CN": "请看镜头", "en": "Please look into the camera"},
    CapturePhase.TURN_LEFT: {"zh-CN": "请慢慢向左转头", "en": "Please turn your head slowly to your left"},
    CapturePhase.TURN_RIGHT: {"zh-CN": "请慢慢向右转头", "en": "Please turn your head slowly to your right"},
    CapturePhase.BLINK: {"zh-CN": "请看镜头，闭一下眼睛再睁开", "en": "Look into the camera, close your eyes for a moment and open them"},
    CapturePhase.DONE: {"zh-CN": "完成", "en": "Done"},
    CapturePhase.REFUSED: {"zh-CN": "未完成", "en": "It did not work"},
}
"""By phase, what the person is asked."""

REFUSALS: Final[Mapping[str, Mapping[str, str]]] = {
    "capture.several-faces": {
        "zh-CN": "画面里不止一张脸，没有读取任何人。请单独上前再试。",
        "en": "There was more than one face. Nobody was read. Please step up alone.",
    },
    "capture.outside-zone": {
        "zh-CN": "您的脸在画框之外，没有读取。请站到画框内再试。",
        "en": "Your face was outside the frame and was not read. Please step into it.",
    },
    "capture.no-face": {"zh-CN": "没有看到人脸。", "en": "No face was seen."},
    "capture.quality": {"zh-CN": "画面一直不够清楚，没有读取。", "en": "The picture was not good enough, and was not read."},
    "capture.liveness": {
        "zh-CN": "无法确认是真人在镜头前。请用其他方式，或请工作人员协助。",
        "en": "We could not tell that a person stood there. Take the other way, or ask staff.",
    },
    "capture.timeout": {"zh-CN": "时间到了。请再试一次，或用其他方式。", "en": "Time ran out. Please try again, or take the other way."},
}
"""By code of a refusal of the worker's own, what happened; the vault's and the web process's codes have words of theirs."""
