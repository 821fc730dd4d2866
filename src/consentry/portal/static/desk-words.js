// What the front desk says, in the page's language, and where it stands on the page.

const said = JSON.parse(document.body.dataset.said);
const language = document.documentElement.lang;
const timeZone = document.body.dataset.zone;
const written = (options) => new Intl.DateTimeFormat(language, { timeZone, hourCycle: "h23", ...options });
const time = written({ hour: "2-digit", minute: "2-digit" });
const day = written({ month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
const dated = written({ dateStyle: "long", timeStyle: "short" });
const calendar = written({ dateStyle: "short" });

/** Return words with their gaps filled: one gap with a text, several with an object of texts. */
export const say = (name, detail = {}) => filled(said[name], detail);

/** Return why the site refused something, by its code. */
export const why = (code) => said.why[code] ?? say("why_other", code);

/** Return what there is to know of an arrival, or nothing for a hint that this page does not know yet. */
export const hint = (kind, detail) => (said.hint[kind] ? filled(said.hint[kind], detail) : "");

/** Return the hour and minute of an instant as the sales office's clock shows it; with the day where it was not today. */
export function moment(at) {
  const date = new Date(at);
  return (calendar.format(date) === calendar.format(new Date()) ? time : day).format(date);
}

/** Return an instant as a piece of paper needs it, with its whole date. */
export const dateOf = (at) => dated.format(new Date(at));

/** Write a text where the page has a place of that name. */
export function write(name, text) {
  for (const place of document.querySelectorAll(`[data-value="${name}"]`)) place.textContent = text;
}

/** Show one line, or hide it where there is nothing to say. */
export function tell(line, text) {
  line.textContent = text;
  line.hidden = !text;
}

/** Return a new element with a text and a class. */
export function element(name, text = "", style = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (style) made.className = style;
  return made;
}

function filled(words, detail) {
  return typeof detail === "object" ? words.replace(/\{(\w+)\}/g, (_, gap) => detail[gap] ?? "") : words.replace("{}", detail);
}
