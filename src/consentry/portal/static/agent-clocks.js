// How long until a clock of a report runs out, told anew every half minute; and what this device may forget since the site did.

import { allOf, forget } from "./agent-store.js";

const EVERY_MS = 30_000;
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
const spoken = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
const { agent } = document.querySelector("[data-agent]").dataset;

tick();
setInterval(tick, EVERY_MS);
forgetErased();

function tick() {
  for (const clock of document.querySelectorAll("time[data-until]")) {
    const seconds = Math.round((Date.parse(clock.dateTime) - Date.now()) / 1000);
    const [unit, size] = UNITS.find(([name, length]) => Math.abs(seconds) >= length || name === "second");
    clock.nextElementSibling.textContent = spoken.format(Math.trunc(seconds / size), unit);
  }
}

async function forgetErased() {
  const erased = new Set(Array.from(document.querySelectorAll("[data-erased]"), (one) => one.dataset.erased));
  if (erased.size) await forget((await allOf(agent)).filter((one) => erased.has(one.report)));
}
