// A station that is left alone goes back to its start and keeps nothing of the last person on the screen.

const ACTS = ["pointerdown", "pointermove", "keydown", "scroll", "touchstart"];
const RETRY_MS = 5000;

/** Show the start page and drop this page from the history; until the server answers, the screen is empty. */
export async function handOver(start) {
  document.body.replaceChildren();
  // A door's own page is elsewhere, and may be reached where this server is not.
  if (new URL(start, location.href).origin !== location.origin) return location.replace(start);
  try {
    await fetch(start, { cache: "no-store" });
    location.replace(start);
  } catch {
    setTimeout(() => handOver(start), RETRY_MS);
  }
}

/** Ask after `seconds` without an act whether somebody is still there; without an answer, hand over. `busy()` says when not to ask. */
export function watchIdleness(seconds, dialog, start, busy) {
  let last = Date.now();
  const note = () => { last = Date.now(); };
  for (const act of ACTS) addEventListener(act, note, { passive: true, capture: true });
  dialog.addEventListener("close", note);
  setInterval(() => {
    if (busy()) return note();
    const quiet = (Date.now() - last) / 1000;
    if (quiet > seconds + Number(dialog.dataset.seconds)) handOver(start);
    else if (quiet > seconds && !dialog.open) dialog.showModal();
  }, 500);
  // A page that the browser kept for going back is another person's.
  addEventListener("pageshow", (event) => { if (event.persisted) handOver(start); });
}
