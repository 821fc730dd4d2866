// The code that a door reads: the pass that the site signed, the door, the half minute, and this telephone's own signature over both (docs/passes.md).

const STEP_MS = 30000;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

/** Return the number of the half minute in which an instant (milliseconds since 1970) lies. */
export const stepAt = (now) => Math.floor(now / STEP_MS);

/** Return for how many milliseconds the code of an instant is shown still. */
export const leftAt = (now) => STEP_MS - (now % STEP_MS);

/** Return the whole code for a door in a half minute. */
export async function codeFor({ pair, pass }, door, step) {
  const said = new TextEncoder().encode(`consentry/door/v1\n${pass.id}\n${door}\n${step}`);
  const signature = new Uint8Array(await crypto.subtle.sign(SIGNATURE, pair.privateKey, said));
  return `${pass.text}.${door}.${step}.${base64url(signature)}`;
}

/** Return when a pass begins, in milliseconds since 1970, as its signed body says. */
export function beginOf(text) {
  const body = text.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(body)).nbf * 1000;
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
