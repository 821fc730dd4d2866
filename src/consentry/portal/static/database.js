// A database of this browser (IndexedDB), opened for one transaction at a time.

/**
 * Return a function that runs one transaction of the database `name`; `stores`: what it holds, {name: options}.
 *
 * `ask` gets the stores by name and returns a request, whose result is what the function returns once everything is on the disk.
 */
export const database = (name, stores) => (mode, ask) => opened(name, stores).then((found) => new Promise((resolve, reject) => {
  const transaction = found.transaction(Object.keys(stores), mode, { durability: "strict" });
  let request;
  transaction.oncomplete = () => { found.close(); resolve(request?.result); };
  transaction.onabort = () => { found.close(); reject(transaction.error ?? request?.error); };
  request = ask(Object.fromEntries(Object.keys(stores).map((store) => [store, transaction.objectStore(store)])));
}));

function opened(name, stores) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const [store, options] of Object.entries(stores)) request.result.createObjectStore(store, options);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
