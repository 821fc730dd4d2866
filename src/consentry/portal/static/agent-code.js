// The visit code at the desk: behind the site's own part stand salt and number from this device or the agent's file. It is drawn here, not on the site.

import { fullCode, readFile } from "./agent-file.js";
import { keepAll, ofReport } from "./agent-store.js";
import { agent, showPart, tell, wordsFor } from "./agent-view.js";
import { draw } from "./qr.js";

const { report, code, nonce } = document.querySelector("[data-code]").dataset;
const file = document.querySelector("input[type=file]");

file.addEventListener("change", read);
show(await ofReport(agent, report));

function show(kept) {
  draw(document.querySelector("svg.qr"), fullCode(code, kept));
  showPart(kept ? "whole" : "bare");
}

async function read() {
  const found = readFile(await file.files[0].text())?.find((one) => one.nonce === nonce);
  if (!found) return tell(wordsFor("not_in_file"));
  tell();
  const kept = { ...found, report };
  await keepAll(agent, [kept]);
  show(kept);
}
