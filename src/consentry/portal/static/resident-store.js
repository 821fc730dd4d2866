// What a resident's telephone keeps: the key pair, the pass that the site signed for it, whose it is, the doors, and by how much its clock is off.

import { database } from "./database.js";

const ONLY = "phone";
const within = database("consentry-resident", { phone: {} });

/** Return {pair, pass: {id, text, expires}, person, doors, offset_ms}, or undefined where this telephone was not set up. */
export const kept = () => within("readonly", ({ phone }) => phone.get(ONLY));

/** Keep what this telephone holds from now on. */
export const keep = (held) => within("readwrite", ({ phone }) => phone.put(held, ONLY));

/** Forget key and pass; the key cannot be made again. */
export const forget = () => within("readwrite", ({ phone }) => phone.delete(ONLY));
