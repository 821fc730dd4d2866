// A database of this browser (IndexedDB), opened for one transaction at a time.

/** Return a function that runs one transaction of the database `name`; `stores` are what it holds: {name: options}. */
export const database = (name, stores) => (mode, ask) => opened(name, stores).then((found) => new Promise((resolve, reject) => {
  const names = Object.keys(stores);
  const transaction = found.transaction(names, mode, { durability: "strict" });
  const request = ask(...names.map((store) => transaction.objectStore(store)));
  transaction.oncomplete = () => { found.close(); resolve(request.result); };
  transaction.onabort = () => { found.close(); reject(transaction.error ?? request.error); };
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
