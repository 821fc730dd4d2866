// Making this device a desk: it makes a key and shows the site the public half, together with the code that staff typed.

import { Refused, faceOf, pairWith, sealFor } from "./desk-site.js";
import { keepDesk, renewDesk } from "./desk-store.js";
import { makeKey, publicKey } from "./keys.js";

/** Become a desk and return its id. Throws `Refused` or `Unreachable`. */
export async function pair(code) {
  const made = await makeKey();
  const face = await pairWith(code.trim(), await publicKey(made));
  await keepDesk({ ...named(face), desk: face.desk, project: face.project, pair: made, seal: await sealFor(face.desk) });
  return face.desk;
}

/** Ask the site what this desk is called now and to which key it encrypts, and keep both; throws `Refused` where it is a desk no more. */
export async function renew(desk) {
  const [face, seal] = await Promise.all([faceOf(desk.desk), sealFor(desk.desk)]);
  return renewDesk(desk.desk, { ...named(face), seal });
}

/** Return whether an error says that the site knows no such desk. */
export const isRevoked = (error) => error instanceof Refused && error.code === "desk.unknown";

const named = (face) => ({ name: face.name, projectName: face.project_name ?? { zh: face.project, en: face.project } });
