// The screen of a desk: the form, the list beside it, what came of the last visitor, and how it stands with the network.

import { Awaited } from "./desk-awaited.js";
import { entryOf, newLink } from "./desk-entry.js";
import { Wrong, arrivalOf, scanned } from "./desk-form.js";
import { Outbox } from "./desk-outbox.js";
import { Received, showRefusals } from "./desk-received.js";
import { canScan, scan } from "./desk-scan.js";
import { Refused, expected } from "./desk-site.js";
import { enqueue, note, refusals, waiting } from "./desk-store.js";
import { say, tell, why, write } from "./desk-words.js";

const REFRESH_MS = 30_000;
const SKEW_WARNED_S = 60;
// Beyond it the site makes no visit of what this device signs (attribution/desk_text.py).
const SKEW_BELIEVED_S = 300;
const find = (name) => document.querySelector(`[data-${name}]`);

/** One desk at work. `desk` is what the device keeps of it. */
export class Desk {
  constructor(desk) {
    this.desk = desk;
    this.form = find("receiving");
    this.wrong = find("wrong");
    this.reached = navigator.onLine;
    this.outbox = new Outbox((entry, outcome) => this.#heard(entry, outcome), (state) => this.#stands(state));
    this.awaited = new Awaited(find("awaited"), document.querySelector("#find"), (report) => this.#chosen(report));
    this.received = new Received(find('side="received"'), (agency) => this.awaited.nameOf(agency));
  }

  /** Listen to staff and to the network. */
  start() {
    write("where", this.#where());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#receive(); });
    this.form.addEventListener("change", () => this.#showMode());
    find("next").addEventListener("click", () => this.#next());
    find("print").addEventListener("click", () => print());
    addEventListener("online", () => this.#refresh());
    addEventListener("offline", () => this.#stands({ reached: false }));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#refresh(); });
    setInterval(() => this.#refresh(), REFRESH_MS);
    this.#offerCamera();
    this.#next();
    this.#refresh();
  }

  #where() {
    const project = this.desk.projectName[document.documentElement.lang.slice(0, 2)];
    return `${project} · ${this.desk.name}`;
  }

  /** Put down who stands here. It is kept before anything is sent, so that nothing that happens next can lose it. */
  async #receive() {
    if (this.busy) return;
    this.busy = true;
    tell(this.wrong, "");
    try {
      const arrival = arrivalOf(this.form, this.awaited.pick?.report);
      const { secret, digest } = await newLink();
      const entry = await this.#keep({ ...arrival, link: digest });
      this.received.show(entry, arrival.party_size, secret, this.#where());
      this.#turnTo("received");
      find("next").focus();
      this.#deliver();
    } catch (error) {
      this.#toldWrong(error);
    } finally {
      this.busy = false;
    }
  }

  async #keep(arrival) {
    const entry = await entryOf(this.desk, arrival, this.form.elements.mode.value);
    await enqueue(entry);
    return entry;
  }

  #toldWrong(error) {
    tell(this.wrong, error instanceof Wrong ? say(error.words) : say("unkept", error.name));
    error.field?.focus();
  }

  async #deliver() {
    await this.#count();
    if (!navigator.onLine) this.#stands({ reached: false });
    await this.outbox.send();
    await this.#list();
  }

  async #refresh() {
    await this.#list();
    if (this.reached) await this.outbox.send();
  }

  async #list() {
    try {
      this.awaited.take(await expected(this.desk));
      this.#stands({ reached: true });
    } catch (error) {
      this.awaited.age();
      this.#stands(error instanceof Refused ? { reached: true, refused: error.code } : { reached: false });
    }
  }

  #heard(entry, outcome) {
    this.received.heard(entry, outcome);
    this.#count();
  }

  #stands({ reached, refused, skew }) {
    this.reached = reached;
    if (!reached) this.received.kept();
    if (refused) write("notice", why(refused));
    else if (skew !== undefined) write("notice", skewWords(skew));
    this.#count();
  }

  async #count() {
    const many = (await waiting()).length;
    document.body.dataset.waiting = String(many);
    document.body.dataset.network = this.reached ? "on" : "off";
    write("state", say(this.reached ? "online" : "offline"));
    write("queue", this.reached ? many ? say("queue_some", String(many)) : say("queue_none") : say("queue_offline", String(many)));
    showRefusals(find("refused"), await refusals(), (refusal) => note(refusal).then(() => this.#count()));
  }

  #chosen(report) {
    write("chosen", report ? say("chosen", `${report.alias} ${report.mask}, ${report.agency_name}`) : say("chosen_none"));
    if (!report) return;
    if (this.received.entry) this.#forget();
    this.form.elements.mode.value = "brought";
    this.#showMode();
    this.#turnTo("receiving");
    this.form.querySelector("button:not([type])").focus();
  }

  #showMode() {
    for (const part of this.form.querySelectorAll("[data-mode]")) part.hidden = part.dataset.mode !== this.form.elements.mode.value;
  }

  /** Make the screen ready for the next visitor. */
  #next() {
    this.#forget();
    this.awaited.search.value = "";
    this.awaited.choose(null);
    this.#showMode();
    this.#turnTo("receiving");
    this.form.elements.code.focus();
  }

  /** Keep nothing of the last visitor on the screen. */
  #forget() {
    this.form.reset();
    this.received.clear();
    tell(this.wrong, "");
  }

  #turnTo(side) {
    for (const one of document.querySelectorAll("[data-side]")) one.hidden = one.dataset.side !== side;
  }

  async #offerCamera() {
    const button = find("scan");
    button.hidden = !await canScan();
    button.addEventListener("click", () => this.#scan().catch(() => tell(this.wrong, say("no_camera"))));
  }

  async #scan() {
    const found = await scan(find("scanner"), (text) => scanned(text).startsWith("CV1."));
    if (found === null) return;
    this.form.elements.code.value = found;
    this.form.querySelector("button:not([type])").focus();
  }
}

function skewWords(skew) {
  if (Math.abs(skew) < SKEW_WARNED_S) return "";
  const words = say(skew > 0 ? "clock_behind" : "clock_ahead", String(Math.round(Math.abs(skew) / 60)));
  return `${words} ${say(Math.abs(skew) > SKEW_BELIEVED_S ? "clock_disbelieved" : "clock_counts")}`;
}
