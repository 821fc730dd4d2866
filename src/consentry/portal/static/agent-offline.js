// The pinned page: terms in, receipt file and draft out; code and receipt file in, QR code out. Nothing leaves it but what its reader carries.

import { clientOf } from "./agent-csv.js";
import { canCommit } from "./agent-commitment.js";
import { draftOf, fullCode, keptOf, readFile, save, writeFile } from "./agent-file.js";
import { draw } from "./qr.js";

const page = document.documentElement;
const [client, code] = document.forms;
const result = document.querySelector("#result");
let own;

page.lang = navigator.language.startsWith("zh") ? "zh-CN" : "en";
document.querySelector("#language").addEventListener("click", () => { page.lang = page.lang === "en" ? "zh-CN" : "en"; });
client.addEventListener("submit", (event) => { event.preventDefault(); told("client", commit); });
code.addEventListener("submit", (event) => { event.preventDefault(); told("code", showCode); });
document.querySelector("#save").addEventListener("click", () => save(writeFile([own]), `consentry-${own.project}-${own.alias}.json`));

/** Run a step; where it fails, show the words for that. */
async function told(step, act) {
  const wrong = document.querySelector(`#${step}-wrong`);
  wrong.hidden = true;
  await act().catch(() => { wrong.hidden = false; });
}

async function commit() {
  if (!canCommit()) throw new Error("insecure");
  const { form, ...ground } = JSON.parse(client.elements.terms.value);
  const { alias, phone, planned } = client.elements;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const read = clientOf({ alias: alias.value, phone: phone.value, planned: planned.value }, { form, zone, now: Date.now() });
  if (read.problem) throw new Error(read.problem);
  own = await keptOf(ground, read.client);
  document.querySelector("#draft").value = JSON.stringify({ project: own.project, ...draftOf(own) });
  result.hidden = false;
}

async function showCode() {
  const shown = code.elements.code.value.trim();
  const clients = readFile(await code.elements.file.files[0].text());
  const kept = clients.length === 1 ? clients[0] : clients.find((one) => shown.split(".")[1] === one.report);
  const picture = document.querySelector("svg");
  draw(picture, fullCode(shown, kept));
  picture.removeAttribute("hidden");
}
