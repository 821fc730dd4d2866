// What a desk keeps on its device: who it is, what waits to be sent, and what was refused. What was said of a visitor lies here encrypted to the site only.

import { database } from "./database.js";

const STORES = { desks: { keyPath: "desk" }, queue: { keyPath: ["desk", "counter"] }, refused: { keyPath: ["desk", "counter"] } };
const within = database("consentry-desk", STORES);

/** Return the desk with that id as this device knows it: {desk, name, project, projectName, pair, counter, seal}; undefined where it is none. */
export const deskOf = (id) => within("readonly", ({ desks }) => desks.get(id));

/** Return the id of the desk that this device became last, or undefined. */
export const lastDesk = () => within("readonly", ({ desks }) => desks.getAll())
  .then((all) => all.sort((one, other) => other.paired - one.paired)[0]?.desk);

/** Keep who this device is. Its counter starts below 1, the first number that the site takes. */
export const keepDesk = (desk) => within("readwrite", ({ desks }) => desks.put({ ...desk, counter: 0, paired: Date.now() }));

/** Keep what the site says of the desk now: its names, and the key to which it encrypts. */
export const renewDesk = (id, said) => change(id, (desk) => Object.assign(desk, said));

/** Return the next number of a desk's counter. It is kept before it is used: no number is used twice, also not by a second window. */
export const nextCounter = (id) => change(id, (desk) => { desk.counter += 1; }).then((desk) => desk.counter);

/** Put an entry into the queue: {desk, counter, at, kind, sealed}. */
export const enqueue = (entry) => within("readwrite", ({ queue }) => queue.add(entry));

/** Return everything that waits, of every desk that this device was, oldest first. */
export const waiting = () => within("readonly", ({ queue }) => queue.getAll()).then((all) => all.sort((one, other) => one.at - other.at));

/** Take an entry out of the queue, and in the same step keep why it was refused, where it was. */
export function settle(entry, refusal) {
  return within("readwrite", ({ queue, refused }) => {
    if (refusal) refused.put({ desk: entry.desk, counter: entry.counter, at: entry.at, kind: entry.kind, ...refusal });
    return queue.delete([entry.desk, entry.counter]);
  });
}

/** Return what was refused and not yet noted by staff. */
export const refusals = () => within("readonly", ({ refused }) => refused.getAll());

/** Forget a refusal that staff have noted; the site keeps its own. */
export const note = (refusal) => within("readwrite", ({ refused }) => refused.delete([refusal.desk, refusal.counter]));

function change(id, edit) {
  return within("readwrite", ({ desks }) => {
    const reading = desks.get(id);
    reading.onsuccess = () => {
      edit(reading.result);
      desks.put(reading.result);
    };
    return reading;
  });
}
