// What the telephone asks of the site, with the resident's session: its doors, its pass, and what time it is there.

const ROOT = "/api/v1/resident";

/** The site did not answer. */
export class Away extends Error {}

/** Nobody is signed in. */
export class SignedOut extends Error {}

/**
 * Return who is signed in, their doors, the passes of their telephones that open doors, by their ids, and by how many milliseconds this clock is behind the
 * site's. A pass is to `renew` when it ends soon or was signed with a key that the site replaced.
 */
export async function ownDoors() {
  const [session, ways] = await Promise.all([asked("/session"), asked("/ways")]);
  const passes = new Map(ways.body.filter((way) => way.pass_id && way.state === "active").map((way) => [way.pass_id, way]));
  return { person: session.body.person, doors: session.body.doors, passes, offset_ms: session.offset_ms };
}

/** Have a pass signed for this telephone's key (base64 of the point). */
export async function newPass(key) {
  const { body, offset_ms } = await asked("/phone-passes", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ key }) });
  return { pass: { id: body.id, text: body.text, expires: Date.parse(body.expires) }, offset_ms };
}

async function asked(path, options = {}) {
  const sent = Date.now();
  const answer = await fetch(ROOT + path, { ...options, cache: "no-store" }).catch(() => { throw new Away(); });
  const received = Date.now();
  if (answer.status === 401 || answer.status === 403) throw new SignedOut();
  if (!answer.ok) throw new Error(String(answer.status));
  // The site's date is of the second in which it answered; half of one is the best guess.
  const offset_ms = Date.parse(answer.headers.get("date")) + 500 - (sent + received) / 2;
  return { body: await answer.json(), offset_ms: Number.isFinite(offset_ms) ? offset_ms : 0 };
}
