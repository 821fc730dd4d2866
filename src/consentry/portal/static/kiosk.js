// What every page of a station does: go back to the start when it is left alone, and hand over to the next person.

import { handOver, watchIdleness } from "./idle.js";

const { start, idle } = document.body.dataset;

watchIdleness(Number(idle), document.querySelector("dialog[data-idle]"), start, () => document.documentElement.dataset.busy === "true");
for (const link of document.querySelectorAll("[data-hand-over]")) {
  link.addEventListener("click", (event) => { event.preventDefault(); handOver(start); });
}
