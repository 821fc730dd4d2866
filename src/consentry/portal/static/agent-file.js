// The agent's own receipt file: number and salt of each client, which nobody else has, beside what was sent and the site's signed receipt.

import { base64url, commitment, newSalt } from "./agent-commitment.js";

const FORMAT = "consentry-agent-receipt/1";
const NOTE = {
  zh: "请妥善保存：没有此文件中的随机数（salt），到访时无法证明您报备的就是这位客户。文件含客户电话，请勿转发。",
  en: "Keep this file: without its salts nobody can show at the visit that you reported this client. It holds clients' numbers; do not pass it on.",
};
const KEPT = ["origin", "project", "agency", "nonce", "alias", "mask", "phone", "salt", "commitment", "planned", "report", "filed", "receipt"];
const SENT = ["nonce", "alias", "mask", "commitment", "planned"];

/** Return what an agent keeps of a client: number, a fresh salt, and the commitment over both. `ground`: {origin, project, agency, nonce}. */
export async function keptOf(ground, client) {
  const salt = newSalt();
  const made = await commitment(ground, salt, client.phone);
  return { ...ground, ...client, salt: base64url(salt), commitment: made, report: null, filed: null, receipt: null };
}

/** Return what is sent of a client: neither number nor salt. */
export const draftOf = (kept) => only(kept, SENT);

/** Return the text of a receipt file. */
export const writeFile = (reports) => JSON.stringify({ format: FORMAT, note: NOTE, reports: reports.map((one) => only(one, KEPT)) }, null, 2);

/** Return the clients of a receipt file's text, or null where it is none. */
export function readFile(text) {
  try {
    const { format, reports } = JSON.parse(text);
    const whole = (one) => [one.nonce, one.phone, one.salt, one.commitment].every((part) => typeof part === "string");
    return format === FORMAT && Array.isArray(reports) && reports.every(whole) ? reports.map((one) => only(one, KEPT)) : null;
  } catch {
    return null;
  }
}

/** Let the browser save a text as a file. */
export function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Return a visit code as the desk reads it: behind the site's own part stand salt and number, where the agent has them. */
export const fullCode = (code, kept) => (kept ? `${code}.${kept.salt}.${kept.phone}` : code);

const only = (object, names) => Object.fromEntries(names.map((name) => [name, object[name] ?? null]));
