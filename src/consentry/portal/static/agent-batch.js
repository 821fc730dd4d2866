// The batch of the day before: the list is read in this page, every row is checked, and only masks and commitments are sent.

import { beginReports, fileBatch } from "./agent-calls.js";
import { canCommit } from "./agent-commitment.js";
import { clientsOf, textOf } from "./agent-csv.js";
import { draftOf, keptOf, save, writeFile } from "./agent-file.js";
import { forget, keepAll } from "./agent-store.js";
import { shownTime } from "./agent-times.js";
import { agent, during, say, showPart, stamp, tell, wordsFor, write, zone } from "./agent-view.js";

const MOST_ROWS = 500;
const form = document.querySelector("form[data-list]");
const [saving, filing, again] = ["save", "file", "again"].map((name) => document.querySelector(`[data-do="${name}"]`));
let rows = [];
let results = new Map();

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
  const { project, list } = form.elements;
  const { form: shape, left } = project.selectedOptions[0].dataset;
  const text = textOf(new Uint8Array(await list.files[0].arrayBuffer()));
  if (text === null) throw { code: "encoding" };
  const read = clientsOf(text, { form: shape, zone, now: Date.now() });
  if (!read) throw { code: "columns" };
  const good = read.filter((row) => row.client);
  if (read.length === 0) throw { code: "empty" };
  if (good.length > MOST_ROWS) throw { code: "too_many" };
  results = new Map();
  rows = good.length ? await committed(project.value, read, good.length) : read;
  list.value = "";
  write({ good: String(good.length), wrong: String(read.length - good.length), left });
  document.querySelector("[data-cap]").hidden = good.length <= Number(left);
  filing.hidden = true;
  saving.hidden = !good.length;
  draw("checked", (row) => (row.problem ? wordsFor(row.problem, row.detail) : say("ready")));
  showPart("save");
}

async function committed(project, read, count) {
  const { origin, agency, nonces } = await beginReports(project, count);
  const free = [...nonces];
  return Promise.all(read.map(async (row) => {
    if (row.problem) return row;
    return { ...row, client: await keptOf({ origin, project, agency, nonce: free.shift() }, row.client) };
  }));
}

const clients = () => rows.flatMap((row) => (row.client ? [row.client] : []));

function offer() {
  save(writeFile(clients()), `consentry-${form.elements.project.value}-${stamp()}.json`);
  filing.hidden = false;
}

async function send() {
  await keepAll(agent, clients());
  const good = rows.filter((row) => row.client);
  const drafts = good.map((row) => ({ number: row.number, ...draftOf(row.client) }));
  const answer = await fileBatch(good[0].client.project, "good-rows", drafts);
  results = new Map(answer.rows.map((row) => [row.number, row]));
  rows = rows.map((row) => withResult(row, answer.receipt));
  await keepAll(agent, clients());
  await forget(good.filter((row) => results.get(row.number)?.problem).map((row) => row.client));
  write({ filed: String(answer.filed), refused: String(rows.length - answer.filed) });
  again.hidden = !answer.filed;
  draw("results", outcome);
  showPart("done");
}

function withResult(row, receipt) {
  const announced = results.get(row.number)?.announced;
  if (announced) return { ...row, client: { ...row.client, report: announced.report, filed: announced.filed, receipt } };
  return { number: row.number, said: row.client ?? row.said, problem: row.problem ?? results.get(row.number)?.problem?.code ?? "other", detail: row.detail };
}

function outcome(row) {
  const announced = results.get(row.number)?.announced;
  if (!announced) return wordsFor(row.problem, row.detail);
  const alike = announced.possible_duplicates ? say("alike", announced.possible_duplicates) : "";
  return `${say("row_filed", shownTime(announced.clocks.lead_reached, zone))} ${announced.outside_window ? say("row_outside") : ""} ${alike}`.trim();
}

/** Fill a table: the number of each row, whom it reports, and what is to be said of it. */
function draw(name, words) {
  const body = document.querySelector(`[data-table="${name}"] tbody`);
  body.replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    const said = row.client ?? row.said;
    for (const text of [row.number, `${said.alias} ${said.mask}`.trim() || "—", words(row)]) line.insertCell().textContent = text;
    line.className = row.problem ? "wrong" : "right";
    return line;
  }));
}
