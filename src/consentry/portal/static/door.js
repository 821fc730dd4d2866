// Whoever came from a door's page goes back there with what it came to: an admission for seconds, or the word that says why there is none.

const PATIENCE_MS = 5000;
const REFUSED = "face=refused";
const AWAY = "face=unavailable";
const REFUSALS = new Set(["rejected", "invalid", "refused"]);
const OUT_OF_SERVICE = new Set(["away", "closed", "unpaired", "clock", "often", "no_camera"]);
const NOT_ADMITTED = new Set(["consent.not-valid", "capture.not-accepted", "door.face-one-to-n"].map((code) => `urn:consentry:error:${code}`));
/** What a reader that types says of a chip, or a pass. A record number is neither. */
const FOR_READER = /^(?:C[PG]1\..+|(?:[0-9a-f]{2}[ :.-]?){3}[0-9a-f]{2}|(?:[0-9a-f]{2}[ :.-]?){6}[0-9a-f]{2}|(?:[0-9a-f]{2}[ :.-]?){9}[0-9a-f]{2})$/i;

/** Open the page of the door that `link` names once a capture came to a `result` with which it is over; stay where the person can try again. */
export async function backToDoor(link, result, ticket) {
  if (result === "accepted") leave(link, await admission(link.dataset.door, ticket));
  else if (REFUSALS.has(result)) leave(link, REFUSED);
  else if (OUT_OF_SERVICE.has(result)) leave(link, AWAY);
}

/** Tell whether a text is a card or a pass: that opens the door by itself, and names no record. */
export const isForReader = (text) => FOR_READER.test(text.trim());

/** Show a card or a pass at the door that `link` names, which was meant for its own page. */
export function toReader(link, text) {
  leave(link, `shown=${encodeURIComponent(text.trim())}`);
}

function leave(link, word) {
  location.replace(`${link.href}#${word}`);
}

async function admission(door, ticket) {
  try {
    const address = `/api/v1/public/doors/${encodeURIComponent(door)}/admissions`;
    const how = { method: "POST", headers: { "Content-Type": "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) };
    const response = await fetch(address, { ...how, body: JSON.stringify({ ticket }) });
    const answer = await response.json();
    if (response.ok) return answer.text;
    return NOT_ADMITTED.has(answer.type) ? REFUSED : AWAY;
  } catch {
    return AWAY;
  }
}
