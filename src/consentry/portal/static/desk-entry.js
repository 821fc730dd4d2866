// What a desk signs, and how it is encrypted to the site before it is kept.

import { signedText } from "./keys.js";
import { nextCounter } from "./desk-store.js";

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const INFO = new TextEncoder().encode("consentry/desk-queue/v1");
// Each entry has a key of its own, which encrypts once: a nonce that never changes repeats nothing.
const NONCE = new Uint8Array(12);
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Return an arrival as an entry of the queue, numbered, signed with the desk's key and clock, and encrypted. `kind` is all that can be read of it. */
export async function entryOf(desk, arrival, kind) {
  const counter = await nextCounter(desk.desk);
  const at = Date.now();
  const signed = await signedText(desk.pair, { arrival, at, counter, desk: desk.desk, project: desk.project });
  return { desk: desk.desk, counter, at, kind, sealed: await sealed(desk.seal, JSON.stringify(signed)) };
}

/** Return a fresh secret of a visitor's link, 128 bits in letters that nobody mistakes for another, and the hash under which the site will know it. */
export async function newLink() {
  let value = crypto.getRandomValues(new Uint8Array(16)).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let secret = "";
  for (let place = 0; place < 26; place += 1, value >>= 5n) secret = LETTERS[Number(value & 31n)] + secret;
  return { secret, digest: hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret))) };
}

/** Encrypt a text to `seal` ({epoch, point}), the site's public key: nothing on this device can read it again. */
async function sealed(seal, text) {
  const site = bytes(seal.point);
  const own = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const theirs = await crypto.subtle.importKey("raw", site, CURVE, false, []);
  const shared = await crypto.subtle.importKey("raw", await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256), "HKDF", false, ["deriveKey"]);
  const terms = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: joined(INFO, point, site) };
  const key = await crypto.subtle.deriveKey(terms, shared, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv: NONCE }, key, new TextEncoder().encode(text));
  return { epoch: seal.epoch, point: base64(point), box: base64(new Uint8Array(box)) };
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) { whole.set(part, start); start += part.length; }
  return whole;
}

const base64 = (content) => btoa(Array.from(content, (byte) => String.fromCharCode(byte)).join(""));
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
