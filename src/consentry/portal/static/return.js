// A page that could not be shown to whoever came from a door's screen: it goes back there by itself, for the next person waits.

const SHOWN_MS = 10_000;

document.querySelector("[data-return]").addEventListener("click", (event) => { event.preventDefault(); history.back(); });
setTimeout(() => history.back(), SHOWN_MS);
