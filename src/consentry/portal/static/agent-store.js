// What this device keeps for an agent, in IndexedDB: number and salt of each client. No other agent who signs in here sees it.

import { database } from "./database.js";

const within = database("consentry-agent", { clients: { keyPath: "nonce" } });

/** Keep clients (agent-file.js); one that is kept already is replaced. */
export const keepAll = (agent, clients) => within("readwrite", (stores) => clients.map((one) => stores.clients.put({ ...one, agent })).at(-1));

/** Return the clients that this device keeps for an agent. */
export async function allOf(agent) {
  const kept = await within("readonly", (stores) => stores.clients.getAll());
  return kept.filter((one) => one.agent === agent);
}

/** Return the client of a report, or undefined. */
export const ofReport = async (agent, report) => (await allOf(agent)).find((one) => one.report === report);

/** Delete clients from this device. */
export const forget = (clients) => within("readwrite", (stores) => clients.map((one) => stores.clients.delete(one.nonce)).at(-1));
