// What the desk shows once a visitor is received: what came of it, and the visitor's link, which is on this screen and nowhere else.

import { dateOf, element, hint, moment, say, why, write } from "./desk-words.js";
import { draw } from "./qr.js";

const BINDING = new Set(["bound", "bound-unrevealed"]);

/** The screen after an arrival. `nameOf(agency)` gives an agency's name. */
export class Received {
  constructor(section, nameOf) {
    this.section = section;
    this.nameOf = nameOf;
    this.entry = null;
  }

  /** Show an entry that was put into the queue; `secret` makes the visitor's link. */
  show(entry, people, secret, where) {
    this.entry = entry;
    const detail = { time: moment(entry.at), number: String(entry.counter), where };
    write("received", say("received"));
    write("when", say("when", { ...detail, people: people === 1 ? say("one") : say("many", String(people)) }));
    write("printed", say("printed", { ...detail, time: dateOf(entry.at) }));
    const link = `${document.body.dataset.buyer}#${secret}`;
    write("link", link);
    draw(this.section.querySelector(".qr"), link);
    this.#say([element("p", say("sending"), "soft")]);
  }

  /** Forget what is shown. */
  clear() {
    this.entry = null;
    write("link", "");
    this.section.querySelector(".qr path").setAttribute("d", "");
  }

  /** Say that the visitor waits on this device. */
  kept() {
    if (!this.entry || this.answered) return;
    write("received", say("kept"));
    this.#say([element("p", say("kept_how"), "told")]);
  }

  /** Say what the site made of an entry, if it is the one on the screen. */
  heard(entry, outcome) {
    if (this.entry?.counter !== entry.counter || this.entry.desk !== entry.desk) return;
    write("received", say("received"));
    this.#say(outcome.visit ? this.#recorded(outcome.recorded) : [element("p", say("not_recorded", why(outcome.code)), "bad")]);
    this.answered = true;
  }

  #recorded(recorded) {
    const lines = (recorded?.hints ?? []).map((one) => hint(one.kind, this.#detail(one))).filter(Boolean);
    const bound = BINDING.has(recorded?.binding);
    return [element("p", say(bound ? "recorded_bound" : "recorded"), "told good"), ...lines.map((line) => element("p", line, "told warn"))];
  }

  #detail(one) {
    return { agency: one.agency ? this.nameOf(one.agency) : "", at: one.at ? moment(one.at) : "", minutes: String(one.minutes ?? "") };
  }

  #say(lines) {
    this.answered = false;
    this.section.querySelector("[data-outcome]").replaceChildren(...lines);
  }
}

/** Show what was refused and not yet noted; `noted(refusal)` is told. */
export function showRefusals(section, refusals, noted) {
  section.hidden = !refusals.length;
  section.querySelector("ul").replaceChildren(...refusals.map((one) => refusalRow(one, noted)));
}

function refusalRow(one, noted) {
  const row = element("li");
  const line = say("refusal", { number: String(one.counter), time: moment(one.at), why: why(one.code) });
  const button = element("button", say("note"), "tool");
  button.type = "button";
  button.addEventListener("click", () => noted(one));
  row.append(element("span", line), button);
  return row;
}

