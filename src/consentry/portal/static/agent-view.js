// What the pages of agents have in common: showing one part of a page, telling what happened, and the words for it.

const root = document.querySelector("[data-agent]");
const words = JSON.parse(root.dataset.words);

export const { agent, zone } = root.dataset;

/** Return the words for what went wrong; a code that has none is shown as it is, behind words that fit everything. */
export const wordsFor = (code, detail) => fill(words[code] ?? `${words.other} (${code})`, detail);

/** Return words of the page with their gap filled. */
export const say = (name, detail) => fill(words[name], detail);

/** Show the part of the page that is called `name`, hide its neighbours, and go on reading there. */
export function showPart(name) {
  for (const part of document.querySelectorAll("[data-part]")) part.hidden = part.dataset.part !== name;
  document.querySelector(`[data-part="${name}"] [tabindex="-1"]`)?.focus();
}

/** Tell what went wrong, or take back what was told where `text` is empty. */
export function tell(text = "") {
  const line = document.querySelector("[data-tell]");
  line.textContent = text;
  line.hidden = !text;
  if (text) line.scrollIntoView({ block: "nearest" });
}

/** Write texts into the elements of the page that are marked with their names. */
export function write(texts) {
  for (const [name, text] of Object.entries(texts)) {
    for (const element of document.querySelectorAll(`[data-value="${name}"]`)) element.textContent = text;
  }
}

/** Run `act` while a button is off, and tell what goes wrong in it. */
export async function during(button, act) {
  button.disabled = true;
  tell();
  try {
    await act();
  } catch (error) {
    // Exceptions of the browser have numbers for codes, those of the site words.
    tell(wordsFor(typeof error.code === "string" ? error.code : "unable"));
  } finally {
    button.disabled = false;
  }
}

/** Return the day and minute for the name of a file. */
export const stamp = () => new Date().toISOString().slice(0, 16).replace(/[-:]/g, "");

const fill = (text, detail) => text.replace("{}", detail ?? "");
