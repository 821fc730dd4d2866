// The page itself works without the network: a service worker keeps it, and the browser is asked not to clear what waits.

const { shell, page, worker } = document.body.dataset;

/** Let the service worker keep the page and its files; done when it has them all. */
export async function keepShell() {
  const policy = globalThis.trustedTypes?.createPolicy(shell, { createScriptURL: onlyWorker });
  await navigator.serviceWorker.register(policy ? policy.createScriptURL(worker) : worker, { scope: page });
  await navigator.serviceWorker.ready;
}

/** Ask that what waits is never cleared by the browser itself; return whether it promises that. */
export async function askToPersist() {
  return Boolean(await navigator.storage?.persisted?.() || await navigator.storage?.persist?.());
}

function onlyWorker(address) {
  if (address !== worker) throw new TypeError("another worker");
  return address;
}
