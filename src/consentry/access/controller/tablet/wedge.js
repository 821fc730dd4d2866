// Readers of cards and codes that type like a keyboard: many characters in a moment, then Enter. Nobody types that fast; what is slower, a person types.

const GAP_MS = 80;
const SHORTEST = 6;
const LONGEST = 4096;
const EDITS = new Set(["Enter", "Backspace"]);

/** Call `taken` with each text that a reader types, and `typed` with each key that a person does, wherever the focus is. */
export function watchReaders(taken, typed) {
  let text = "";
  let last = 0;
  let pausing;
  const pause = () => {
    const keys = text;
    text = "";
    clearTimeout(pausing);
    // A reader's text that has no end is neither a card nor anybody's number.
    if (keys.length < SHORTEST) for (const key of keys) typed(key);
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.timeStamp - last > GAP_MS) pause();
    last = event.timeStamp;
    if (event.key.length === 1) {
      text = (text + event.key).slice(0, LONGEST);
      clearTimeout(pausing);
      // Where the page was busy, keys that were typed meanwhile are heard before the second timer.
      pausing = setTimeout(() => (pausing = setTimeout(pause)), GAP_MS);
    } else if (event.key === "Enter" && text.length >= SHORTEST) {
      const whole = text;
      text = "";
      event.preventDefault();
      event.stopPropagation();
      taken(whole);
    } else if (EDITS.has(event.key) && event.target.tagName !== "BUTTON") {
      pause();
      typed(event.key);
    }
  }, { capture: true });
}
