// The pass on this telephone: set it up once, renew it in good time, and show a new code every half a minute, with or without the network.

import { canKeep, makeKey, publicKey } from "./keys.js";
import { draw } from "./qr.js";
import { beginOf, codeFor, leftAt, stepAt } from "./resident-pass.js";
import { Away, SignedOut, newPass, ownDoors } from "./resident-site.js";
import { forget, keep, kept } from "./resident-store.js";
import { askToPersist, keepShell } from "./shell.js";

const TICK_MS = 500;
const CLOCK_MS = 15000;
const said = JSON.parse(document.body.dataset.said);
const find = (selector) => document.querySelector(selector);
const doors = find("[data-doors]");
let phone;
let shown = "";
let ticking;

keepShell().catch(() => {});
find("[data-do=set-up]").addEventListener("click", setUp);
find("[data-do=forget]").addEventListener("click", () => forget().then(() => location.reload()));
addEventListener("hashchange", chooseScanned);
await start();

async function start() {
  if (!canKeep()) return tell("unable");
  phone = await kept();
  show();
  await freshen().catch(explain);
}

/** Make a key that cannot leave this telephone, and have a pass signed for it. */
async function setUp() {
  try {
    const pair = await makeKey();
    const { person, doors: own } = await ownDoors();
    const { pass, offset_ms } = await newPass(await publicKey(pair));
    await keepAll({ pair, pass, person, doors: own, offset_ms });
    askToPersist();
    tell();
  } catch (error) {
    explain(error);
  }
}

/** Learn from the site what changed: doors, the clock, whether the pass still holds, and whether it is to be signed anew. */
async function freshen() {
  const { person, doors: own, passes, offset_ms } = await ownDoors();
  // Somebody else may be signed in on a shared telephone: the pass on it is none of theirs.
  if (phone?.person !== person) return;
  const known = passes.get(phone.pass.id);
  if (!known) {
    await forget();
    phone = undefined;
    show();
    return tell("ended");
  }
  const { pass } = known.renew ? await newPass(await publicKey(phone.pair)) : phone;
  await keepAll({ ...phone, pass, doors: own, offset_ms });
}

async function keepAll(held) {
  phone = held;
  await keep(held);
  show();
}

function show() {
  find("[data-part=new]").hidden = Boolean(phone);
  find("[data-part=pass]").hidden = !phone;
  if (!phone) return;
  const chosen = doors.value;
  const language = document.documentElement.lang.slice(0, 2);
  doors.replaceChildren(...phone.doors.map((door) => new Option(door[language], door.id)));
  if (phone.doors.some((door) => door.id === chosen)) doors.value = chosen;
  if (!phone.doors.length) tell("no_doors");
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  find("[data-value=until]").textContent = format.format(phone.pass.expires);
  chooseScanned();
  sayClock();
  shown = "";
  ticking ??= setInterval(tick, TICK_MS);
  tick();
}

/** Choose the door whose label was scanned: it names this page, with the door behind the number sign. */
function chooseScanned() {
  const scanned = new URLSearchParams(location.hash.slice(1)).get("door");
  if (!scanned || !phone) return;
  if (!phone.doors.some((door) => door.id === scanned)) return tell("other_door");
  doors.value = scanned;
}

async function tick() {
  if (!phone) return;
  const now = Date.now() + phone.offset_ms;
  const left = Math.ceil(leftAt(now) / 1000);
  find("[data-value=left]").textContent = said.seconds.replace("{count}", left);
  find("[data-left]").value = left;
  const over = now >= phone.pass.expires;
  // A pass begins when it is signed; this clock, corrected or not, may be some seconds behind that.
  const early = now + CLOCK_MS < beginOf(phone.pass.text);
  find("[data-code-card]").hidden = over || early || !doors.value;
  if (over || early) return tell(over ? "over" : "early");
  const wanted = `${doors.value} ${stepAt(now)}`;
  if (!doors.value || wanted === shown) return;
  shown = wanted;
  draw(find("svg.qr"), await codeFor(phone, doors.value, stepAt(now)));
}

function sayClock() {
  const off = Math.round(Math.abs(phone.offset_ms) / 1000);
  const words = find("[data-clock]");
  words.hidden = Math.abs(phone.offset_ms) < CLOCK_MS;
  words.textContent = said.clock.replace("{count}", off);
}

function explain(error) {
  const strange = error instanceof SignedOut;
  find("[data-sign-in]").hidden = !strange;
  if (error instanceof Away) tell(phone ? "away" : "away_new");
  else if (!strange) tell("failed");
  // A pass needs no session; only making and renewing one does.
  else if (!phone) tell("signed_out");
}

function tell(word) {
  const words = find("[data-tell]");
  words.hidden = !word;
  words.textContent = word ? said[word] : "";
}
