"""Somebody before a browser's camera who does what the page asks: a rendered head that turns a few degrees and blinks from picture to picture.

A film cannot do it, for the order is drawn anew for each capture. The page opens the browser's own fake camera first, so that permissions, policies and
secure contexts are those of a real one; its pictures are then replaced. The head moves with each picture that the page takes and not with the clock, so
that a slow machine sees the same person as a fast one.
"""

from __future__ import annotations

import base64
import json
from functools import cache

from tests.vision.faces.scenes import HEIGHT, WIDTH, encoded, head, portrait

__all__ = ["CAMERA", "before_the_camera"]

CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
"""What a browser is started with that has such a camera."""
FAR, STEP = 32, 16
"""Degrees; twelve pictures are enough for a turn and a blink, so that ten seconds are enough on a slow machine."""
_CLOSED = "closed"
_SCRIPT = """(() => {
  const given = %(pictures)s;
  const [far, step, closed, width, height] = [%(far)d, %(step)d, "%(closed)s", %(width)d, %(height)d];
  const goals = { "turn-left": far, "turn-right": -far };
  const pictures = {};
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  let [yaw, taken, track] = [0, 0, null];

  async function load() {
    for (const [name, text] of Object.entries(given)) {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      pictures[name] ??= await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    }
  }

  function move() {
    const asked = document.querySelector("[data-capture]")?.dataset.stage;
    yaw += Math.max(-step, Math.min(step, (goals[asked] ?? 0) - yaw));
    taken = asked === "blink" && yaw === 0 ? taken + 1 : 0;
    show(taken %% 4 === 1 || taken %% 4 === 2 ? closed : yaw);
  }

  function show(name) {
    canvas.getContext("2d").drawImage(pictures[name], 0, 0);
    track.requestFrame();
  }

  const opened = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    for (const one of (await opened(wanted)).getTracks()) one.stop();
    await load();
    const stream = canvas.captureStream(0);
    [track] = stream.getVideoTracks();
    show(0);
    return stream;
  };
  const toBlob = HTMLCanvasElement.prototype.toBlob;
  HTMLCanvasElement.prototype.toBlob = function (...how) {
    toBlob.apply(this, how);
    if (track) move();
  };
})();"""


@cache
def before_the_camera(name: str) -> str:
    """Return the script that puts somebody (a portrait of ``tests.vision.faces.scenes``) before the camera of a browser's pages."""
    shown, yaws = portrait(name), range(-FAR, FAR + 1, STEP)
    pictures = {str(yaw): encoded(head(shown, yaw)) for yaw in yaws} | {_CLOSED: encoded(head(shown, closed=True))}
    given = json.dumps({key: base64.b64encode(data).decode() for key, data in pictures.items()})
    return _SCRIPT % {"pictures": given, "far": FAR, "step": STEP, "closed": _CLOSED, "width": WIDTH, "height": HEIGHT}
