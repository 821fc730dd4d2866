// What this device keeps: to be saved as a file, taken in from one, or deleted.

import { readFile, save, writeFile } from "./agent-file.js";
import { allOf, forget, keepAll } from "./agent-store.js";
import { agent, say, stamp, tell, wordsFor } from "./agent-view.js";

const list = document.querySelector("[data-kept]");
const file = document.querySelector("input[type=file]");
const [saving, deleting] = ["save", "forget"].map((name) => document.querySelector(`[data-do="${name}"]`));

saving.addEventListener("click", async () => save(writeFile(await allOf(agent)), `consentry-clients-${stamp()}.json`));
deleting.addEventListener("click", async () => {
  if (!confirm(say("sure"))) return;
  await forget(await allOf(agent));
  show();
});
file.addEventListener("change", async () => {
  const found = readFile(await file.files[0].text());
  file.value = "";
  if (!found) return tell(wordsFor("no_file"));
  tell();
  await keepAll(agent, found);
  show();
});
show();

async function show() {
  const kept = await allOf(agent).catch(() => []);
  list.replaceChildren(...kept.map((one) => {
    const line = document.createElement("li");
    line.textContent = `${one.alias} ${one.mask} · ${one.project}${one.report ? "" : ` · ${say("unfiled")}`}`;
    return line;
  }));
  document.querySelector("[data-none]").hidden = kept.length > 0;
  for (const button of [saving, deleting]) button.hidden = kept.length === 0;
}
