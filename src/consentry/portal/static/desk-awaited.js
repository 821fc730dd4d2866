// Who is expected. The list lives on the screen only: it is not kept on the device.

import { element, moment, say, write } from "./desk-words.js";

const MINUTE_MS = 60_000;

/** The list of awaited reports, in which one can be chosen; `chosen(report)` is told, also with null. */
export class Awaited {
  constructor(list, search, chosen) {
    this.list = list;
    this.search = search;
    this.chosen = chosen;
    this.reports = null;
    this.pick = null;
    search.addEventListener("input", () => this.draw());
    search.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Take a fresh list. */
  take(reports) {
    this.reports = reports;
    this.at = Date.now();
    this.fresh = true;
    this.draw();
  }

  /** Say that the list cannot be asked for now. */
  age() {
    this.fresh = false;
    this.draw();
  }

  /** Choose a report, or none. */
  choose(report) {
    this.pick = report;
    this.chosen(report);
    this.draw();
  }

  /** Return the name of an agency as far as the list knows it. */
  nameOf(agency) {
    return this.reports?.find((one) => one.agency === agency)?.agency_name ?? agency;
  }

  draw() {
    const shown = this.#found();
    write("awaited-many", this.reports ? String(this.reports.length) : "");
    write("awaited-at", this.#age());
    const held = document.activeElement?.dataset.report;
    this.list.replaceChildren(...shown.map((report) => this.#row(report)));
    if (held) this.list.querySelector(`[data-report="${held}"]`)?.focus();
  }

  #age() {
    if (!this.reports) return say("awaited_away");
    if (!this.reports.length) return say("awaited_none");
    if (!this.#found().length) return say("awaited_unmatched");
    return say(this.fresh ? "awaited_at" : "awaited_stale", moment(this.at));
  }

  #found() {
    const asked = this.search.value.normalize("NFKC").trim().toLowerCase();
    return (this.reports ?? []).filter((one) => `${one.alias} ${one.mask} ${one.agency_name}`.toLowerCase().includes(asked));
  }

  #row(report) {
    const button = element("button", "", "awaited-row");
    button.type = "button";
    button.dataset.report = report.report;
    button.setAttribute("aria-pressed", String(this.pick?.report === report.report));
    const left = Math.max(0, report.lead_left - Math.floor((Date.now() - this.at) / MINUTE_MS));
    button.append(
      element("strong", `${report.alias} ${report.mask}`),
      element("span", report.agency_name, "soft"),
      element("span", report.planned ? say("planned", moment(report.planned)) : say("filed", moment(report.filed)), "soft small"),
      element("span", left ? say("lead_left", String(left)) : say("lead_kept"), left ? "badge warn" : "badge good"),
      ...report.clashes.map((agency) => element("span", say("clash", this.nameOf(agency)), "badge warn")),
    );
    button.addEventListener("click", () => this.choose(report));
    const row = element("li");
    row.append(button);
    return row;
  }

  #key(event) {
    // Enter also ends the writing of a Chinese word.
    if (event.isComposing) return;
    const first = this.list.querySelector("button");
    if (event.key === "ArrowDown") first?.focus();
    else if (event.key === "Enter" && this.list.children.length === 1) first.click();
    else return;
    event.preventDefault();
  }
}
