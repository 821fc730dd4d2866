// What a resident's telephone keeps: the key pair, the pass that the site signed for it, the doors, and by how much its clock is off.

import { database } from "./database.js";

const ONLY = "phone";
const within = database("consentry-resident", { phone: undefined });

/** Return {pair, pass: {id, text, expires}, begins, doors, offset_ms}, or undefined where this telephone was not set up. */
export const kept = () => within("readonly", (store) => store.get(ONLY));

/** Keep what this telephone holds from now on. */
export const keep = (phone) => within("readwrite", (store) => store.put(phone, ONLY));

/** Forget key and pass; the key cannot be made again. */
export const forget = () => within("readwrite", (store) => store.delete(ONLY));
