// One capture: a signed activation, a ticket, frames until the vault has decided or time is up.

import { Camera } from "./camera.js";
import { keyOf, nextCounter, signedText } from "./keys.js";
import { resultOf } from "./results.js";

const PAUSE_MS = 120;
const PATIENCE_MS = 15_000;
const API = "/api/v1/public";

/**
 * Look once. `wish`: {station, kind, purpose, consent, notice}; `show(state, progress, hint)` is told what the person is to do;
 * `attended()` runs around the request for the ticket and tells it whether staff stand by. Resolves with the `result` by name
 * (results.js) and, where the template goes into the person's own hands, the `token` that holds it; the `ticket`; `signal` ends it early.
 */
export async function capture(wish, video, show, signal, attended = (ask) => ask(false)) {
  const key = await keyOf(wish.station);
  if (!key) return { result: "unpaired" };
  let camera;
  try {
    camera = await Camera.open(video);
  } catch {
    return { result: "no_camera" };
  }
  try {
    const ticket = await attended((withStaff) => ticketFor({ ...wish, attended: withStaff }, key));
    signal.addEventListener("abort", () => fetch(addressOf(ticket), { method: "DELETE", keepalive: true }));
    return await frames(ticket, camera, show, signal);
  } catch (error) {
    return { result: signal.aborted ? "stopped" : resultOf(error) };
  } finally {
    camera.close();
  }
}

async function ticketFor(wish, key) {
  const { text, signature } = await signedText(key, {
    act: "button",
    at: new Date().toISOString(),
    attended: wish.attended,
    consent: wish.consent ?? null,
    counter: await nextCounter(wish.station),
    kind: wish.kind,
    nonce: Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(""),
    notice_sha256: wish.notice,
    purpose: wish.purpose,
    station: wish.station,
  });
  const body = JSON.stringify({ activation: text, signature, token: wish.token ?? null });
  const address = `${API}/stations/${encodeURIComponent(wish.station)}/tickets`;
  return asked(await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body, signal: AbortSignal.timeout(PATIENCE_MS) }));
}

async function frames(ticket, camera, show, signal) {
  const address = `${addressOf(ticket)}/frames`;
  for (;;) {
    signal.throwIfAborted();
    const body = await camera.frame();
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    const answer = await asked(await fetch(address, { method: "POST", headers: { "Content-Type": "image/jpeg" }, body, signal: patience }));
    if (answer.state === "done" || answer.state === "refused") return { result: resultOf(answer), token: answer.token, ticket: ticket.ticket };
    show(answer.state, answer.progress, answer.hint);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

const addressOf = (ticket) => `${API}/captures/${encodeURIComponent(ticket.ticket)}`;

async function asked(response) {
  const answer = await response.json();
  if (!response.ok) throw answer;
  return answer;
}
