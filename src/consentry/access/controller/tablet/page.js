// The page of a door: ways in side by side, what the controller decided, and then the next person. It keeps nothing of anybody.

import { Keypad } from "./keypad.js";
import { read, watchState } from "./reading.js";
import { passIn, scan } from "./scan.js";
import { Verdict } from "./verdict.js";
import { watchReaders } from "./wedge.js";
import { WORDS, otherThan, speak } from "./words.js";

const WAITING_MS = 60_000;
const ALONE_MS = 30_000;
const LONGEST_CARD = 64;
const SHOWN = "shown=";
const asked = new URLSearchParams(location.search);
const usual = languageOf(asked.get("lang") ?? navigator.language);
const chosen = languageOf(asked.get("as") ?? usual);
const [standing, waiting] = ["[data-standing]", "[data-waiting]"].map((place) => document.querySelector(place));
const code = document.querySelector("dialog[data-panel=qr]");
const pin = document.querySelector("dialog[data-panel=pin]");
const verdict = new Verdict(document.querySelector("[data-verdict]"), (granted) => { if (granted) reset(); });
const keypad = new Keypad(pin, (shown) => show(shown));
let door = asked.get("door");
let last;
let awaited = null;
let asksPin = false;
let [forgetting, leaving] = [0, 0];

document.querySelector("[data-language]").addEventListener("click", () => say(otherThan(document.documentElement.lang)));
way("face").firstElementChild.addEventListener("click", showFace);
way("qr").firstElementChild.addEventListener("click", showCode);
way("pin").firstElementChild.addEventListener("click", () => keypad.open());
code.querySelector("[data-do=cancel]").addEventListener("click", () => code.close());
for (const act of ["pointerdown", "keydown"]) addEventListener(act, stay, { capture: true });
addEventListener("hashchange", takeFragment);
watchReaders(take, type);
call();
say(chosen);
stay();
asked.delete("as");
watchState(draw, () => door).then(takeFragment);

function languageOf(text) {
  return text.startsWith("zh") ? "zh-CN" : "en";
}

function way(name) {
  return document.querySelector(`[data-way=${name}]`);
}

/** Take what a reader beside the door typed: a pass, or else a card. */
function take(text) {
  pin.close();
  code.close();
  const pass = passIn(text);
  if (pass) show({ code: pass });
  else if (!way("card").hidden) show({ card: text.trim().slice(0, LONGEST_CARD) });
}

/** Take a key that somebody typed at a keypad on the device: the first digit begins their unit, without a touch before. */
function type(key) {
  if (pin.open || (!way("pin").hidden && !document.querySelector("dialog[open]"))) keypad.type(key);
}

async function show(shown) {
  await_(null);
  verdict.check();
  const answer = await read(door, shown);
  if (!answer.waits) return verdict.tell(answer);
  verdict.close();
  if (answer.waits === "pin") keypad.open(shown.card);
  else await_(answer.waits);
}

/** Say for a while that the door waits for somebody else: the `second` person, or the `host`. */
function await_(whom) {
  clearTimeout(forgetting);
  awaited = whom;
  if (whom) forgetting = setTimeout(reset, WAITING_MS);
  drawWaiting();
}

async function showCode() {
  code.showModal();
  code.querySelector("h2").focus();
  // Without a camera it stays open: the scanner beside the door types what it reads.
  const pass = await scan(code);
  if (!pass) return;
  code.close();
  show({ code: pass });
}

/** Go to the server, where faces are recognised; the fragment brings back an admission, why there is none, or what a reader typed meanwhile. */
function showFace() {
  if (way("face").dataset.out) return verdict.refuse("face-unavailable");
  location.assign(`/face?${new URLSearchParams({ ...Object.fromEntries(asked), door, as: document.documentElement.lang })}`);
}

function takeFragment() {
  const fragment = location.hash.slice(1);
  if (!fragment) return;
  history.replaceState(null, "", `/?${asked}`);
  if (fragment.startsWith("CF1.")) show({ code: fragment });
  else if (fragment.startsWith(SHOWN)) take(decodeURIComponent(fragment.slice(SHOWN.length)));
  else verdict.refuse(fragment === "face=refused" ? "denied-incorrect-authentication-factor" : "face-unavailable");
}

/** Draw how the door stands. */
function draw(state) {
  last = state;
  const tablets = state?.doors.filter((one) => one.tablet) ?? [];
  if (!door && tablets.length === 1) door = tablets[0].id;
  const found = tablets.find((one) => one.id === door);
  document.body.dataset.mode = found?.mode ?? "";
  if (found) drawWays(found.readers);
  if (state) keypad.endAt(state.unit_digits, state.pin_digits);
  followCard(Boolean(found?.asks_pin));
  if (state && !found) choose(tablets);
  drawStanding(state, found);
  name();
}

/** Ask for the PIN of a card that a reader beside the door has just read. */
function followCard(asks) {
  if (asks && !asksPin && !document.querySelector("dialog[open]")) keypad.open("");
  asksPin = asks;
}

function drawWays(readers) {
  for (const item of document.querySelectorAll("[data-way]")) {
    // A face reader that is out of service may be missing from the policy; whoever used it is told, and not left to look for it.
    const known = item.dataset.way in readers || (item.dataset.way === "face" && item.dataset.seen);
    item.hidden = !known;
    if (known) item.dataset.seen = "yes";
  }
  const face = way("face");
  face.dataset.out = readers.face === "ok" ? "" : "yes";
  face.firstElementChild.setAttribute("aria-disabled", String(readers.face !== "ok"));
  face.querySelector("span").dataset.t = readers.face === "ok" ? "face_more" : "face_away";
  face.querySelector("span").textContent = WORDS[document.documentElement.lang][face.querySelector("span").dataset.t];
}

function drawStanding(state, found) {
  const words = WORDS[document.documentElement.lang];
  const mode = found && found.mode !== "normal" ? found.mode : null;
  const kind = !state ? "lost" : mode === "fire" ? mode : state.expired ? "expired" : mode ?? (state.clock_in_doubt ? "clock" : null);
  write(standing, kind && words[kind], kind);
}

function drawWaiting() {
  write(waiting, awaited && WORDS[document.documentElement.lang][`wait_${awaited}`], "wait");
}

/** Write a notice only where it changed, for a screen reader says it each time. */
function write(place, text, kind) {
  place.hidden = !text;
  place.dataset.kind = kind ?? "";
  if (place.textContent !== (text ?? "")) place.textContent = text ?? "";
}

function choose(tablets) {
  const list = document.querySelector("[data-doors]");
  list.hidden = false;
  if (!tablets.length) list.querySelector("h2").dataset.t = "no_doors";
  speak(document.documentElement.lang);
  list.querySelector("ul").replaceChildren(...tablets.map(({ id }) => {
    const [item, link] = [document.createElement("li"), document.createElement("a")];
    link.href = `/?door=${encodeURIComponent(id)}`;
    link.textContent = id;
    item.append(link);
    return item;
  }));
}

/** Write the door's name: what the page's own address calls it, or its id. */
function name() {
  const called = asked.get(document.documentElement.lang.slice(0, 2)) ?? door ?? "";
  document.querySelector("[data-name]").textContent = called;
  document.title = called;
}

/** Set up the button that calls the concierge, where the page's own address names a number. */
function call() {
  const number = asked.get("call") ?? "";
  const link = document.querySelector("[data-call]");
  link.hidden = !/^\+?[0-9-]{2,20}$/.test(number);
  if (!link.hidden) link.href = `tel:${number}`;
}

function say(language) {
  speak(language);
  const button = document.querySelector("[data-language]");
  button.textContent = WORDS[language].other;
  button.lang = otherThan(language);
  keypad.draw();
  drawWaiting();
  if (last !== undefined) draw(last);
}

/** Make the page as it is for the next person. */
function reset() {
  for (const dialog of [pin, code]) dialog.close();
  verdict.close();
  await_(null);
  say(usual);
}

function stay() {
  clearTimeout(leaving);
  leaving = setTimeout(() => { if (awaited) stay(); else reset(); }, ALONE_MS);
}
