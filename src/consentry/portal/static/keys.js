// The station's key: ECDSA on P-256, made by this browser, kept in IndexedDB, never extractable. Beside it a counter that only grows.

import { database } from "./database.js";

const within = database("consentry-station", { keys: {} });
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

/** Return whether this browser can keep a key: only in a secure context, and not in every private window. */
export const canKeep = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

/** Return the key pair kept for a station, or undefined. */
export const keyOf = (station) => within("readonly", ({ keys }) => keys.get(station)).then((kept) => kept?.pair);

/** Make a key pair whose private half no script can read. */
export const makeKey = () => crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);

/** Return the public half as base64 of the uncompressed point (65 bytes). */
export async function publicKey(pair) {
  return base64(await crypto.subtle.exportKey("raw", pair.publicKey));
}

/** Keep a key pair. Its counter starts at the clock, so that a device that lost its counter goes on above the old one. */
export const keep = (station, pair) => within("readwrite", ({ keys }) => keys.put({ pair, counter: Math.floor(Date.now() / 1000) }, station));

/** Return the next number of a station's counter. It is kept before it is used: no number is used twice. */
export function nextCounter(station) {
  return within("readwrite", ({ keys }) => {
    const reading = keys.get(station);
    reading.onsuccess = () => {
      reading.result.counter += 1;
      keys.put(reading.result, station);
    };
    return reading;
  }).then((kept) => kept.counter);
}

/** Sign a text; base64 of r and s, 32 bytes each. */
async function sign(pair, text) {
  return base64(await crypto.subtle.sign(SIGNATURE, pair.privateKey, new TextEncoder().encode(text)));
}

/** Return an object as canonical JSON (RFC 8785), with its signature. */
export async function signedText(pair, object) {
  const text = canonical(object);
  return { text, signature: await sign(pair, text) };
}

/** Write an object of texts, whole numbers, truth values, null and such objects as RFC 8785 does. Its names are ASCII, which sorts the same either way. */
function canonical(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

function base64(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)));
}
