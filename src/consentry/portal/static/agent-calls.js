// Asking the site on behalf of the agent who is signed in. Nothing here ever holds a number or a salt.

const API = "/api/v1/agent";
const ERROR = "urn:consentry:error:";

/** Return what commitments to `count` clients are made over. */
export const beginReports = (project, count) => posted("/report-terms", { project, count });

/** File a report; `draft` is draftOf (agent-file.js). */
export const fileReport = (project, draft) => posted("/reports", { project, ...draft });

/** File a batch; `rows`: drafts, each with its number; `mode`: all-or-none or good-rows. */
export const fileBatch = (project, mode, rows) => posted("/batches", { project, mode, rows });

/** Post a document; rejects with {code}: of the site's error document (RFC 9457), or "away" where nobody answered. */
async function posted(path, body) {
  const asked = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(API + path, asked).catch(() => { throw { code: "away" }; });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401 || response.status === 403) throw { code: "signed-out" };
  throw { code: response.status >= 500 ? "away" : String(answer.type ?? "").replace(ERROR, "") };
}
