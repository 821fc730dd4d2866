// Reporting a client: the number is typed once, stays in this page and in the agent's own file, and is not filed before that file was offered.

import { beginReports, fileReport } from "./agent-calls.js";
import { canCommit } from "./agent-commitment.js";
import { clientOf } from "./agent-csv.js";
import { draftOf, keptOf, save, writeFile } from "./agent-file.js";
import { keepAll } from "./agent-store.js";
import { shownTime } from "./agent-times.js";
import { agent, during, say, showPart, stamp, tell, wordsFor, write, zone } from "./agent-view.js";

const form = document.querySelector("form[data-client]");
const [saving, filing, again] = ["save", "file", "again"].map((name) => document.querySelector(`[data-do="${name}"]`));
let kept;

if (!canCommit()) {
  tell(wordsFor("insecure"));
  form.querySelector("button").disabled = true;
}
form.addEventListener("submit", (event) => { event.preventDefault(); during(event.submitter, prepare); });
saving.addEventListener("click", offer);
again.addEventListener("click", offer);
filing.addEventListener("click", () => during(filing, send));
document.querySelector('[data-do="change"]').addEventListener("click", () => showPart("enter"));

async function prepare() {
  const { project, alias, phone, planned } = form.elements;
  const chosen = project.selectedOptions[0];
  const read = clientOf({ alias: alias.value, phone: phone.value, planned: planned.value }, { form: chosen.dataset.form, zone, now: Date.now() });
  if (read.problem) throw { code: read.problem };
  const { origin, agency, nonces } = await beginReports(project.value, 1);
  kept = await keptOf({ origin, project: project.value, agency, nonce: nonces[0] }, read.client);
  write({ mask: kept.mask, alias: kept.alias, project: chosen.textContent.trim(), commitment: kept.commitment });
  filing.hidden = true;
  showPart("save");
}

function offer() {
  save(writeFile([kept]), `consentry-${kept.project}-${kept.alias}-${stamp()}.json`);
  filing.hidden = false;
}

async function send() {
  await keepAll(agent, [kept]);
  const filed = await fileReport(kept.project, draftOf(kept));
  kept = { ...kept, report: filed.report, filed: filed.filed, receipt: filed.receipt };
  await keepAll(agent, [kept]);
  form.reset();
  show(filed);
}

function show(filed) {
  const { clocks } = filed;
  const times = { filed: filed.filed, lead: clocks.lead_reached, reply: clocks.reply_due, valid: clocks.valid_until };
  write(Object.fromEntries(Object.entries(times).map(([name, at]) => [name, shownTime(at, zone)])));
  write({ report: filed.report, alike: filed.possible_duplicates ? say("alike", filed.possible_duplicates) : say("none_alike") });
  document.querySelector("[data-outside]").hidden = !filed.outside_window;
  const code = document.querySelector("[data-code-link]");
  code.href = code.dataset.codeLink.replace("REPORT", filed.report);
  showPart("done");
}
