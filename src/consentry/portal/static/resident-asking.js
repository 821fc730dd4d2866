// A guest at the door rings here: while the page is looked at it asks the site who waits, and shows them without being loaded again.

const EVERY_MS = 3000;
// Asking counts as using the session: a page that is left open must not keep somebody signed in for ever.
const LISTENS_MS = 60 * 60 * 1000;
const place = document.querySelector("[data-asking]");
const card = document.querySelector("[data-asking-card]");
const rests = document.querySelector("[data-asking-rests]");
const title = document.title;
let touched = Date.now();
let asking = false;

if (place) {
  for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, () => { touched = Date.now(); });
  document.addEventListener("visibilitychange", ask);
  setInterval(ask, EVERY_MS);
}

async function ask() {
  rests.hidden = Date.now() - touched < LISTENS_MS;
  if (asking || document.hidden || !rests.hidden) return;
  asking = true;
  try {
    const answer = await fetch(place.dataset.asking, { cache: "no-store", redirect: "error" });
    if (answer.ok) show(await answer.json());
  } catch {
    // Cut off, or signed out: what is shown stays, and the next time may do.
  } finally {
    asking = false;
  }
}

/** Show these guests: who is there already stays as they are, so that a finger on its way to the button finds it. */
function show(guests) {
  const known = new Map([...place.children].map((one) => [one.dataset.guest, one]));
  for (const guest of guests) {
    const key = `${guest.guest} ${guest.door}`;
    if (!known.delete(key)) place.prepend(drawn(key, guest));
  }
  for (const gone of known.values()) gone.remove();
  document.title = guests.length ? `(${guests.length}) ${title}` : title;
}

function drawn(key, guest) {
  const one = card.content.firstElementChild.cloneNode(true);
  one.dataset.guest = key;
  one.querySelector("[data-name]").textContent = guest.name;
  one.querySelector("[data-line]").textContent = guest.line;
  one.querySelector("form").action = place.dataset.yes.replace("GUEST", guest.guest);
  one.querySelector("button").value = guest.door;
  return one;
}
