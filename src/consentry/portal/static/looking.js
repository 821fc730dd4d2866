// The camera step of a page: begin, prompts, progress, result, and what can be done then.

import { asStaff } from "./attend.js";
import { capture } from "./capture.js";
import { backToDoor, isForReader, toReader } from "./door.js";
import { showToken } from "./token.js";

const root = document.querySelector("[data-capture]");
const video = root.querySelector("video");
const bar = root.querySelector("progress");
const wish = JSON.parse(root.dataset.capture);
// At a door nobody stands by: what is asked for there is asked of everybody.
const help = document.querySelector("[data-staff]");
const staff = help?.querySelector("form");
const receipt = document.querySelector("[data-receipt]");
const screen = root.querySelector(".screen");
const record = document.querySelector("[data-record]");
const door = document.querySelector("[data-door]");
let ending;

root.querySelector("[data-begin]").addEventListener("click", () => look());
root.querySelector("[data-stop]").addEventListener("click", () => ending?.abort());
staff?.addEventListener("submit", (event) => { event.preventDefault(); look(asStaff(staff)); });
document.querySelector("[data-to-receipt]")?.addEventListener("click", showReceipt);
record?.addEventListener("keydown", (event) => { if (event.key === "Enter") look(); });
addEventListener("pagehide", () => ending?.abort());
video.addEventListener("loadedmetadata", frame);
stage("ready");
busy(false);
if (help) help.hidden = false;

/** Show the part of the picture in which the face must be; the picture is shown as a mirror does. */
function frame() {
  const [left, top, right, bottom] = JSON.parse(root.dataset.zone);
  const edges = [top, left, 1 - bottom, 1 - right].map((part) => `${part * 100}%`);
  screen.style.aspectRatio = `${video.videoWidth} / ${video.videoHeight}`;
  screen.querySelector(".frame").style.inset = edges.join(" ");
}

async function look(attended) {
  if (record && !record.value.trim()) return record.focus();
  if (door && record && isForReader(record.value)) return toReader(door, record.value);
  ending = new AbortController();
  busy(true);
  stage("opening", 0);
  root.scrollIntoView({ block: "start" });
  const { result, token, ticket } = await capture({ ...wish, ...shown() }, video, stage, ending.signal, attended);
  busy(false);
  stage(result === "stopped" ? "ready" : result);
  if (door) await backToDoor(door, result, ticket);
  if (token) await showToken(root.dataset.picture, `${wish.consent}:${token}`);
  if (result === "enrolled") showReceipt();
}

/** Return what the person's code names: their record and, where they hold their template themselves, the token. */
function shown() {
  if (!record) return {};
  const [consent, token] = record.value.trim().split(":");
  return { consent: consent.toLowerCase(), token };
}

/** Show the words of one state and hide the others; whoever cannot see is told through the live region. */
function stage(name, progress = 0, hint = "") {
  root.dataset.stage = name;
  bar.value = progress;
  for (const words of root.querySelectorAll("[data-hint]")) words.hidden = words.dataset.hint !== hint;
  for (const words of root.querySelectorAll("[data-words]")) words.hidden = words.dataset.words !== name;
}

function busy(is) {
  document.documentElement.dataset.busy = String(is);
  root.querySelector("[data-begin]").hidden = is;
  root.querySelector("[data-stop]").hidden = !is;
}

function showReceipt() {
  if (!receipt) return;
  receipt.hidden = false;
  document.querySelector("[data-to-receipt]").hidden = true;
  receipt.querySelector("h2").focus();
}
