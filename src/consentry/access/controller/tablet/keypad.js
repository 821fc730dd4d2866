// The keypad: a unit's number and then its PIN, or the PIN of a card that the page or the reader beside the door read. What is entered is never written into the page, and does not stay.

import { WORDS } from "./words.js";

const CLEARED_MS = 15_000;
const LONGEST = { unit: 32, pin: 12 };
const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "-", "0", "erase"];
const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

export class Keypad {
  #dialog;
  #entered = "";
  #unit = null;
  #card = null;
  #step = "unit";
  #clearing;

  /** `complete` takes `{unit, pin}`, `{card, pin}` or, for a card that the page did not read, `{pin}`. */
  constructor(dialog, complete) {
    this.#dialog = dialog;
    this.complete = complete;
    this.#lay("[data-digits]", DIGITS);
    this.#lay("[data-letters]", LETTERS);
    dialog.addEventListener("click", (event) => this.#clicked(event.target.closest("button")));
    dialog.addEventListener("keydown", (event) => this.#typed(event));
    dialog.addEventListener("close", () => this.#clear());
  }

  /** Ask for a unit and its PIN, or for the PIN of a card that was read; "" where the page did not read it. */
  open(card = null) {
    this.#clear();
    this.#card = card;
    this.#step = card === null ? "unit" : "pin";
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#draw();
    this.#dialog.querySelector("[data-title]").focus();
    this.#wait();
  }

  /** Draw it anew, in the language of the page. */
  draw() {
    if (this.#dialog.open) this.#draw();
  }

  #lay(place, keys) {
    const row = this.#dialog.querySelector(place);
    for (const key of keys) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "key";
      button.dataset.key = key;
      button.textContent = key === "erase" ? "⌫" : key;
      row.append(button);
    }
  }

  #clicked(button) {
    const { key, do: wish } = button?.dataset ?? {};
    if (key) this.#press(key);
    else if (wish === "letters") this.#letters();
    else if (wish === "next") this.#next();
    else if (wish === "cancel") this.#dialog.close();
  }

  #typed(event) {
    if (event.key === "Enter" && event.target.tagName !== "BUTTON") this.#next();
    else if (event.key === "Backspace") this.#press("erase");
    else if (event.key !== " " && event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) this.#press(event.key);
  }

  #press(key) {
    this.#wait();
    if (key === "erase") this.#entered = this.#entered.slice(0, -1);
    else if ((this.#step === "unit" || /^\d$/.test(key)) && this.#entered.length < LONGEST[this.#step]) this.#entered += key;
    this.#draw();
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
    const shown = { ...of, pin: this.#entered };
    this.#dialog.close();
    this.complete(shown);
  }

  #letters() {
    const letters = this.#dialog.querySelector("[data-letters]");
    letters.hidden = !letters.hidden;
    this.#dialog.querySelector("[data-do=letters]").setAttribute("aria-pressed", String(!letters.hidden));
    this.#wait();
  }

  #draw() {
    const words = WORDS[document.documentElement.lang];
    const unit = this.#step === "unit";
    this.#dialog.querySelector("[data-title]").textContent = words[unit ? "unit_title" : this.#card === null ? "pin_title" : "card_pin_title"];
    this.#dialog.querySelector("[data-dots]").textContent = "●".repeat(this.#entered.length);
    this.#dialog.querySelector("[data-count]").textContent = words.count.replace("{count}", this.#entered.length);
    this.#dialog.querySelector("[data-key='-']").disabled = !unit;
    this.#dialog.querySelector("[data-do=letters]").hidden = !unit;
    if (!unit) this.#dialog.querySelector("[data-letters]").hidden = true;
    this.#dialog.querySelector("[data-key=erase]").setAttribute("aria-label", words.erase);
    this.#dialog.querySelector("[data-key='-']").setAttribute("aria-label", words.minus);
  }

  #wait() {
    clearTimeout(this.#clearing);
    this.#clearing = setTimeout(() => this.#dialog.close(), CLEARED_MS);
  }

  #clear() {
    clearTimeout(this.#clearing);
    [this.#entered, this.#unit, this.#card, this.#step] = ["", null, null, "unit"];
    this.#dialog.querySelector("[data-dots]").textContent = "";
    this.#dialog.querySelector("[data-letters]").hidden = true;
    this.#dialog.querySelector("[data-do=letters]").setAttribute("aria-pressed", "false");
  }
}
