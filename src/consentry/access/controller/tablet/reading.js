// What was shown goes to the controller, which decides; and how its doors stand.

const TOKEN = document.querySelector("meta[name=door-token]").content;
const STATE_MS = 1000;
const PATIENCE_MS = 5000;

/** Show something at a door: `{code}`, `{card}`, `{card, pin}`, `{unit, pin}`, or the `{pin}` of the card that waits. Resolves with the controller's answer, or with the reason why there is none. */
export async function read(door, shown) {
  try {
    const headers = { "Content-Type": "application/json", "X-Door-Token": TOKEN };
    const response = await fetch("/read", { method: "POST", headers, body: JSON.stringify({ door, ...shown }), signal: AbortSignal.timeout(PATIENCE_MS) });
    // The controller began anew, and with it its token.
    if (response.status === 403) location.reload();
    if (response.status === 429) return { granted: false, reason: "too-fast" };
    if (response.status === 422) return { granted: false, reason: "denied-incorrect-authentication-factor" };
    return response.ok ? await response.json() : { granted: false, reason: "no-door" };
  } catch {
    return { granted: false, reason: "no-door" };
  }
}

/** Tell `seen` how the controller stands, again and again; null while it does not answer. `door` gives the door of this page: the controller sees that it is there. */
export async function watchState(seen, door) {
  seen(await state(door()));
  setTimeout(() => watchState(seen, door), STATE_MS);
}

async function state(door) {
  try {
    const headers = { "X-Door-Token": TOKEN };
    const response = await fetch(door ? `/state?${new URLSearchParams({ door })}` : "/state", { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.status === 403) location.reload();
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
