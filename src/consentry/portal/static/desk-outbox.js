// The queue is sent as soon as somebody answers: in batches, answered one by one, again and again with longer pauses. Sending twice does no harm.

import { Refused, Unreachable, send } from "./desk-site.js";
import { settle, waiting } from "./desk-store.js";

const MOST_AT_ONCE = 50;
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;

/** Sends what waits. `heard(entry, outcome)` is told of each answer, `stands({ reached, refused, skew })` how it went. */
export class Outbox {
  constructor(heard, stands) {
    this.heard = heard;
    this.stands = stands;
    this.pause = FIRST_PAUSE_MS;
    this.timer = 0;
  }

  /** Send everything that waits; only one window of this device does at a time. */
  send() {
    clearTimeout(this.timer);
    return navigator.locks.request("consentry-desk-queue", () => this.#sendAll());
  }

  async #sendAll() {
    try {
      for (let batch = await nextBatch(); batch.length; batch = await nextBatch()) await this.#sendBatch(batch);
      this.pause = FIRST_PAUSE_MS;
    } catch (error) {
      if (error instanceof Refused) this.stands({ reached: true, refused: error.code });
      else if (error instanceof Unreachable) this.stands({ reached: false });
      else throw error;
      this.#tryLater(error.after);
    }
  }

  async #sendBatch(batch) {
    const answer = await send(batch[0].desk, batch);
    this.stands({ reached: true, skew: answer.skew_s });
    for (const [place, entry] of batch.entries()) {
      const outcome = answer.outcomes[place];
      await settle(entry, outcome.visit ? null : { code: outcome.code });
      this.heard(entry, outcome);
    }
  }

  // Some milliseconds by chance: many desks that lost one network come back one after the other.
  #tryLater(after = 0) {
    this.timer = setTimeout(() => this.send(), Math.max(this.pause * (1 + Math.random() / 4), after * 1000));
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_MS);
  }
}

async function nextBatch() {
  const all = await waiting();
  return all.filter((entry) => entry.desk === all[0].desk).slice(0, MOST_AT_ONCE);
}
