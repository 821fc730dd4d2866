// Pairing: this device makes its key and shows the site the public half, together with the code that staff typed.

import { canKeep, keep, keyOf, makeKey, publicKey } from "./keys.js";

const section = document.querySelector("[data-pairing]");
const form = section.querySelector("form");
const station = section.dataset.pairing;

if (!canKeep()) {
  tell("unable");
  form.hidden = true;
  section.hidden = false;
} else {
  section.hidden = Boolean(await keyOf(station));
  form.addEventListener("submit", (event) => { event.preventDefault(); pair(); });
}
document.documentElement.dataset.paired = String(section.hidden);

async function pair() {
  const made = await makeKey();
  const body = JSON.stringify({ code: form.elements.code.value.trim(), public_key: await publicKey(made) });
  const response = await fetch("/api/v1/public/stations/pairing", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => null);
  if (!response?.ok || (await response.json()).station !== station) return tell("failed");
  await keep(station, made);
  location.reload();
}

function tell(name) {
  for (const line of section.querySelectorAll("[data-tell]")) line.hidden = line.dataset.tell !== name;
}
