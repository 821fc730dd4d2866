// The client of one report: as this device keeps them, or as the agent's own file does, which is opened on the page.

import { readFile } from "./agent-file.js";
import { keepAll, ofReport } from "./agent-store.js";
import { agent, tell, wordsFor } from "./agent-view.js";

/** Call `show` with what this device keeps of the client of a report, or with nothing; and again with what a file that is opened holds of them. */
export async function findClient(report, nonce, show) {
  const file = document.querySelector("input[type=file]");
  file.addEventListener("change", async () => {
    const found = readFile(await file.files[0].text())?.find((one) => one.nonce === nonce);
    if (!found) return tell(wordsFor("not_in_file"));
    tell();
    const kept = { ...found, report };
    await keepAll(agent, [kept]);
    show(kept);
  });
  show(await ofReport(agent, report));
}
