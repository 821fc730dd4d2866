// The service worker of a page that works without the network. `SHELL` stands before this text: {name, version, page, languages, files}. Only what it lists is
// ever kept: the empty page in each language, and its files. Answers of the interface, with what they say of people, pass by.

const PREFIX = `${SHELL.name}-`;
const CACHE = PREFIX + SHELL.version;
const PATIENCE_MS = 4000;
const shellIn = (language) => `${SHELL.page}?lang=${language}`;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  const wanted = [...SHELL.languages.map(shellIn), ...SHELL.files].map((path) => new Request(path, { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(wanted)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.mode === "navigate") event.respondWith(pageFor(event.request, address));
  else if (SHELL.files.includes(address.pathname)) event.respondWith(kept(address.pathname).then((found) => found ?? fetch(event.request)));
});

/** Ask the site for a page; where it does not answer in time, give the kept one in the language that was asked for. */
async function pageFor(request, address) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) return answer;
  } catch {
    // Cut off: the kept page does.
  }
  const asked = address.searchParams.get("lang") ?? SHELL.languages.find((language) => navigator.language.startsWith(language.slice(0, 2)));
  return (await kept(shellIn(SHELL.languages.includes(asked) ? asked : SHELL.languages[0]))) ?? Response.error();
}

const kept = (path) => caches.match(path, { ignoreVary: true, cacheName: CACHE });
