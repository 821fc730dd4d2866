// What was decided, over the whole screen: a sign, plain words in the chosen language and the same in the other. Then the next person.

import { WORDS, otherThan } from "./words.js";

const SIGNS = { granted: "M10 25l10 10 19-22", denied: "M13 13l22 22M35 13L13 35", wait: "M24 12v13l8 6M24 5a19 19 0 1 0 .1 0z" };
const SHOWN_S = { granted: 5, denied: 8, wait: 30 };

export class Verdict {
  #dialog;
  #ending;
  #left = 0;
  #tick;

  /** `ended` is told whether somebody was let in. */
  constructor(dialog, ended) {
    this.#dialog = dialog;
    dialog.querySelector("[data-do=close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { this.#stop(); ended(dialog.dataset.kind === "granted"); });
  }

  /** Say that it is being decided. */
  check() {
    this.#show("wait", (words) => words.checking);
  }

  /** Show the controller's answer. */
  tell(answer) {
    if (answer.granted && answer.delay_s > 0) this.#later(answer);
    else if (answer.granted) this.#show("granted", (words) => words.granted);
    else if (answer.locked_s > 0) this.#count(answer);
    else this.refuse(answer.reason);
  }

  /** Say why it was not opened. */
  refuse(reason) {
    this.#show("denied", (words) => words.reasons[reason]);
  }

  /** Take it away. */
  close() {
    this.#dialog.close();
  }

  #later(answer) {
    this.#show("wait", (words) => words.soon);
    this.#tick = setTimeout(() => this.tell({ ...answer, delay_s: 0 }), answer.delay_s * 1000);
  }

  #count(answer) {
    this.#left = Math.ceil(answer.locked_s);
    const said = (words) => words.reasons[answer.reason].map((text) => text.replace("{seconds}", this.#left));
    this.#show("wait", said);
    this.#tick = setInterval(() => {
      this.#left -= 1;
      if (this.#left > 0) this.#write(said);
      else this.#dialog.close();
    }, 1000);
  }

  #show(kind, said) {
    this.#stop();
    this.#dialog.dataset.kind = kind;
    this.#dialog.querySelector("[data-sign]").setAttribute("d", SIGNS[kind]);
    this.#write(said);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#dialog.querySelector("h2").focus();
    this.#ending = setTimeout(() => this.#dialog.close(), SHOWN_S[kind] * 1000);
  }

  #write(said) {
    const { lang } = document.documentElement;
    const also = this.#dialog.querySelector(".also");
    also.lang = otherThan(lang);
    const places = [[lang, "#verdict-title", "#verdict-more"], [also.lang, "[data-also-title]", "[data-also-more]"]];
    for (const [language, title, more] of places) {
      const [first, second] = said(WORDS[language]);
      this.#dialog.querySelector(title).textContent = first;
      this.#dialog.querySelector(more).textContent = second;
    }
  }

  #stop() {
    clearTimeout(this.#ending);
    clearInterval(this.#tick);
  }
}
