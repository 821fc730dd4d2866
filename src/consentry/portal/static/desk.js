// The front desk: which device this is, and then one visitor after the other.

import { Desk } from "./desk-screen.js";
import { isRevoked, pair, renew } from "./desk-pairing.js";
import { askToPersist, keepShell } from "./shell.js";
import { Unreachable } from "./desk-site.js";
import { deskOf, lastDesk } from "./desk-store.js";
import { say, tell, write } from "./desk-words.js";
import { canKeep } from "./keys.js";

const { page } = document.body.dataset;
const trouble = document.querySelector("[data-trouble]");
const part = (name) => document.querySelector(`[data-part="${name}"]`);

addEventListener("unhandledrejection", ({ reason }) => tell(trouble, `${say("unable")} (${reason?.name})`));
keepShell().then(() => write("shell", say("shell_kept")), () => write("shell", say("shell_not_kept")));
await start().catch((error) => tell(trouble, `${say("unable")} (${error.name})`));

async function start() {
  if (!canKeep()) return tell(trouble, say("unable"));
  const id = location.pathname.slice(page.length + 1);
  const last = id || await lastDesk();
  if (!id && last) return goTo(last);
  const desk = id && await deskOf(id);
  if (desk) return open(desk);
  if (id) tell(trouble, say("unpaired"));
  return askToPair();
}

async function open(desk) {
  stage("working");
  part("desk").hidden = false;
  new Desk(desk).start();
  if (!await askToPersist()) write("durable", say("durable_no"));
  await renew(desk).catch((error) => {
    if (!isRevoked(error)) return;
    tell(trouble, say("revoked"));
    document.querySelector(".columns").hidden = true;
    askToPair();
  });
}

function askToPair() {
  const form = document.querySelector("[data-pairing]");
  part("pairing").hidden = false;
  stage("pairing");
  form.elements.pair.focus();
  form.addEventListener("submit", (event) => { event.preventDefault(); become(form.elements.pair.value); });
}

async function become(code) {
  try {
    goTo(await pair(code));
  } catch (error) {
    tell(trouble, say(error instanceof Unreachable ? "pairing_away" : "pairing_failed"));
  }
}

function goTo(desk) {
  location.replace(`${page}/${desk}${location.search}`);
}

function stage(name) {
  document.body.dataset.stage = name;
}
