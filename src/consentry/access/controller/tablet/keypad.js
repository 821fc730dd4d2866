// The keypad: a unit's number and then its PIN, or the PIN of a card that the page or the reader beside the door read. What is entered is never written into the page, and does not stay.

import { WORDS } from "./words.js";

const CLEARED_MS = 15_000;
const LONGEST = 12;
const LONGEST_MS = 300_000;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "erase"];

export class Keypad {
  #dialog;
  #ends = { unit: null, pin: null };
  #entered = "";
  #unit = null;
  #card = null;
  #step = "unit";
  #began = null;
  #clearing;

  /** `complete` takes `{unit, pin}`, `{card, pin}` or, for a card that the page did not read, `{pin}`; each with `took_ms`. */
  constructor(dialog, complete) {
    this.#dialog = dialog;
    this.complete = complete;
    this.#lay();
    dialog.addEventListener("click", (event) => this.#clicked(event.target.closest("button")));
    dialog.addEventListener("close", () => this.#clear());
  }

  /** Let so many digits of a `unit` and of a `pin` end it, without another key; null where one is needed. */
  endAt(unit, pin) {
    if (this.#ends.unit === unit && this.#ends.pin === pin) return;
    this.#ends = { unit, pin };
    this.draw();
  }

  /** Ask for a unit and its PIN, or for the PIN of a card that was read; "" where the page did not read it. */
  open(card = null) {
    this.#clear();
    this.#card = card;
    this.#step = card === null ? "unit" : "pin";
    this.#began = card === null ? null : performance.now();
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#draw();
    this.#dialog.querySelector("[data-title]").focus();
    this.#wait();
  }

  /** Take a key of a keyboard; a digit begins the unit where nothing is asked yet. */
  type(key) {
    const digit = /^\d$/.test(key);
    if (!this.#dialog.open && digit) this.open();
    if (!this.#dialog.open) return;
    if (key === "Enter") this.#next();
    else if (key === "Backspace") this.#press("erase");
    else if (digit) this.#press(key);
  }

  /** Draw it anew, in the language of the page. */
  draw() {
    if (this.#dialog.open) this.#draw();
  }

  #lay() {
    for (const key of KEYS) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "key";
      button.dataset.key = key;
      button.textContent = key === "erase" ? "⌫" : key;
      this.#dialog.querySelector("[data-digits]").append(button);
    }
  }

  #clicked(button) {
    const { key, do: wish } = button?.dataset ?? {};
    if (key) this.#press(key);
    else if (wish === "next") this.#next();
    else if (wish === "cancel") this.#dialog.close();
  }

  #press(key) {
    this.#wait();
    this.#began ??= performance.now();
    if (key === "erase") this.#entered = this.#entered.slice(0, -1);
    else if (this.#entered.length < LONGEST) this.#entered += key;
    if (this.#entered.length === this.#ends[this.#step]) this.#next();
    else this.#draw();
  }

  #next() {
    this.#wait();
    if (!this.#entered) return;
    if (this.#step === "pin") return this.#done();
    [this.#unit, this.#entered, this.#step] = [this.#entered, "", "pin"];
    this.#draw();
    this.#dialog.querySelector("[data-title]").focus();
  }

  #done() {
    const of = this.#card === null ? { unit: this.#unit } : this.#card === "" ? {} : { card: this.#card };
    const shown = { ...of, pin: this.#entered, took_ms: Math.min(LONGEST_MS, Math.round(performance.now() - this.#began)) };
    this.#dialog.close();
    this.complete(shown);
  }

  #draw() {
    const words = WORDS[document.documentElement.lang];
    const unit = this.#step === "unit";
    const [many, ends] = [this.#entered.length, this.#ends[this.#step]];
    this.#dialog.querySelector("[data-title]").textContent = words[unit ? "unit_title" : this.#card === null ? "pin_title" : "card_pin_title"];
    this.#dialog.querySelector("[data-hint]").textContent = words[this.#card === null ? "keys_hint" : "card_keys_hint"];
    this.#dialog.querySelector("[data-dots]").textContent = "●".repeat(many) + "○".repeat(Math.max(0, ends - many));
    this.#dialog.querySelector("[data-count]").textContent = words[ends ? "count_of" : "count"].replace("{count}", many).replace("{ends}", ends);
    this.#dialog.querySelector("[data-do=next]").hidden = Boolean(ends);
    this.#dialog.querySelector("[data-key=erase]").setAttribute("aria-label", words.erase);
  }

  #wait() {
    clearTimeout(this.#clearing);
    this.#clearing = setTimeout(() => this.#dialog.close(), CLEARED_MS);
  }

  #clear() {
    clearTimeout(this.#clearing);
    [this.#entered, this.#unit, this.#card, this.#step, this.#began] = ["", null, null, "unit", null];
    this.#dialog.querySelector("[data-dots]").textContent = "";
  }
}
