// The commitment to a client's number: SHA-256 over six parts, each behind its length (attribution/commitment.py, docs/attribution-agents.md).

const SALT_BYTES = 32;
const LENGTH_BYTES = 4;

/** Return whether this browser can commit: only in a secure context. */
export const canCommit = () => Boolean(globalThis.crypto?.subtle);

/** Return 32 random bytes. Whoever loses them can never open the commitment. */
export const newSalt = () => crypto.getRandomValues(new Uint8Array(SALT_BYTES));

/** Return the commitment (hexadecimal) to `phone`, in E.164, under `salt`. `ground`: {origin, project, agency, nonce}. */
export async function commitment(ground, salt, phone) {
  const texts = [ground.origin, ground.project, ground.agency, ground.nonce].map(bytesOf);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", prefixed([...texts, salt, bytesOf(phone)]))));
}

/** Return bytes as base64url without padding, as a visit code and a receipt file write them. */
export const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const bytesOf = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function prefixed(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + LENGTH_BYTES + part.length, 0));
  let at = 0;
  for (const part of parts) {
    new DataView(whole.buffer).setUint32(at, part.length);
    whole.set(part, at + LENGTH_BYTES);
    at += LENGTH_BYTES + part.length;
  }
  return whole;
}
