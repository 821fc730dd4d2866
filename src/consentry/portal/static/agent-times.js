// Times as the sales office's clock shows them, wherever the agent's device thinks that it is.

const WRITTEN = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T]+(\d{1,2})[:：](\d{2})(?::\d{2})?$/;

/** Return the instant (RFC 3339) that a clock of `zone` shows as `text`, or null where the text is no time. */
export function instantOf(text, zone) {
  const parts = WRITTEN.exec(text.normalize("NFKC").trim())?.slice(1).map(Number);
  if (!parts) return null;
  const [year, month, day, hour, minute] = parts;
  const shown = Date.UTC(year, month - 1, day, hour, minute);
  const written = new Date(shown);
  if (written.getUTCMonth() !== month - 1 || written.getUTCDate() !== day || hour > 23 || minute > 59) return null;
  // Twice: the first answer may lie on the other side of a change of the clocks.
  const near = shown - ahead(shown, zone);
  return new Date(shown - ahead(near, zone)).toISOString();
}

/** Write an instant as the sales office's clock shows it, to the second: a minute can decide. */
export const shownTime = (instant, zone) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(new Date(instant));

function ahead(at, zone) {
  const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(new Date(at));
  return Date.parse(`${shown.replace(" ", "T")}Z`) - Math.floor(at / 1000) * 1000;
}
