// What this device keeps for an agent, in IndexedDB: number and salt of each client. No other agent who signs in here sees it.

const DATABASE = "consentry-agent";
const STORE = "clients";

/** Keep clients (agent-file.js); one that is kept already is replaced. */
export const keepAll = (agent, clients) => within("readwrite", (store) => clients.map((one) => store.put({ ...one, agent })));

/** Return the clients that this device keeps for an agent. */
export async function allOf(agent) {
  const [asked] = await within("readonly", (store) => [store.getAll()]);
  return asked.result.filter((one) => one.agent === agent);
}

/** Return the client of a report, or undefined. */
export const ofReport = async (agent, report) => (await allOf(agent)).find((one) => one.report === report);

/** Delete clients from this device. */
export const forget = (clients) => within("readwrite", (store) => clients.map((one) => store.delete(one.nonce)));

function within(mode, ask) {
  return opened().then((database) => new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const asked = ask(transaction.objectStore(STORE));
    transaction.oncomplete = () => { database.close(); resolve(asked); };
    transaction.onabort = () => { database.close(); reject(transaction.error); };
  }));
}

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "nonce" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
