// Readers of cards and codes that type like a keyboard: many characters in a moment, then Enter. Nobody types that fast.

const GAP_MS = 80;
const SHORTEST = 6;
const LONGEST = 4096;

/** Call `taken` with each text that a reader types, wherever the focus is. */
export function watchReaders(taken) {
  let text = "";
  let last = 0;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.timeStamp - last > GAP_MS) text = "";
    last = event.timeStamp;
    if (event.key.length === 1) text = (text + event.key).slice(0, LONGEST);
    if (event.key !== "Enter") return;
    const whole = text;
    text = "";
    if (whole.length < SHORTEST) return;
    event.preventDefault();
    event.stopPropagation();
    taken(whole);
  }, { capture: true });
}
