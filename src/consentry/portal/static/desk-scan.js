// Reading a visit code with the camera, where the browser itself can read codes. No picture is kept or leaves the page.

const PAUSE_MS = 150;

/** Return whether this browser reads QR codes and has a camera. */
export async function canScan() {
  const known = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []);
  return Boolean(known?.includes("qr_code") && navigator.mediaDevices);
}

/** Open the camera in a dialog and return the text of the first code that `fits`, or null where it was closed before. */
export async function scan(dialog, fits) {
  const video = dialog.querySelector("video");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    dialog.showModal();
    video.srcObject = stream;
    await video.play();
    return await firstCode(dialog, video, fits);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    dialog.close();
  }
}

async function firstCode(dialog, video, fits) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  while (dialog.open) {
    const found = await detector.detect(video);
    const code = found.map((one) => one.rawValue).find(fits);
    if (code) return code;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return null;
}
