// Reading a code with the tablet's camera, where the browser itself can. No picture is kept or leaves the page.

const PAUSE_MS = 120;
const PASS = /C[PG]1\.[A-Za-z0-9_.-]+/;

/** Return the pass in a text, such as that of a code or of a link in one; null where there is none. */
export const passIn = (text) => PASS.exec(text)?.[0] ?? null;

/** Look through the camera while `dialog` is open and return the first pass that is seen; null where none is, or there is no camera. */
export async function scan(dialog) {
  const video = dialog.querySelector("video");
  if (!(await canScan())) return null;
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } }).catch(() => null);
  try {
    if (!stream || !dialog.open) return null;
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    return await firstPass(dialog, video);
  } finally {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    video.hidden = true;
  }
}

async function canScan() {
  const known = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []);
  return Boolean(known?.includes("qr_code") && navigator.mediaDevices);
}

async function firstPass(dialog, video) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  while (dialog.open) {
    const found = await detector.detect(video);
    const pass = found.map((one) => passIn(one.rawValue)).find(Boolean);
    if (pass) return pass;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return null;
}
