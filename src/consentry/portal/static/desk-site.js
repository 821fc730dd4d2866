// What a desk asks the site. Whatever the network or the site's own trouble keeps from being answered is an `Unreachable`; a refusal is a `Refused`.

import { signedText } from "./keys.js";

const API = "/api/v1/public/desk";
const PATIENCE_MS = 8000;

/** Nobody answered, or not now: `after` seconds, where the site says for how long. */
export class Unreachable extends Error {
  constructor(after = 0) {
    super("unreachable");
    this.after = after;
  }
}

/** The site answered and refused: `code` says why. */
export class Refused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** Make this device a desk: `code` as staff see it, `key` the public half in base64. */
export const pairWith = (code, key) => ask(`${API}/pairing`, { code, public_key: key });

/** Return what the site says of a desk. */
export const faceOf = (desk) => ask(`${API}/${desk}`);

/** Return the key to which a desk encrypts what waits. */
export const sealFor = (desk) => ask(`${API}/${desk}/seal`);

/** Send encrypted entries; resolves with {outcomes, now, skew_s}, the outcomes in the order of the entries. */
export const send = (desk, entries) => ask(`${API}/${desk}/arrivals`, { sent: new Date().toISOString(), entries: entries.map((entry) => entry.sealed) });

/** Return the reports whose clients may arrive now. */
export async function expected(desk) {
  return ask(`${API}/${desk.desk}/expected`, await signedText(desk.pair, { at: Date.now(), desk: desk.desk, want: "expected" }));
}

async function ask(path, body) {
  const response = await answered(path, body);
  if (response.status === 429 || response.status >= 500) throw new Unreachable(Number(response.headers.get("Retry-After")) || 0);
  const said = await response.json().catch(() => { throw new Unreachable(); });
  if (!response.ok) throw new Refused(String(said.type).split(":").pop());
  return said;
}

async function answered(path, body) {
  const sent = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  try {
    return await fetch(path, { ...sent, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new Unreachable();
  }
}
