// Reporting with the pinned file: it made the commitment without this site; here only its draft is pasted.

import { beginReports, fileReport } from "./agent-calls.js";
import { draftOf } from "./agent-file.js";
import { during, showPart, write, zone } from "./agent-view.js";
import { shownTime } from "./agent-times.js";

const section = document.querySelector("[data-pasted]");
const [terms, draft] = section.querySelectorAll("textarea");
const project = document.querySelector("form[data-client] [name=project]");

section.querySelector('[data-do="terms"]').addEventListener("click", (event) => during(event.currentTarget, fetchTerms));
section.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); during(event.submitter, send); });

async function fetchTerms() {
  const { origin, agency, nonces, form } = await beginReports(project.value, 1);
  terms.value = JSON.stringify({ origin, project: project.value, agency, nonce: nonces[0], form });
  terms.hidden = false;
  terms.select();
}

async function send() {
  let pasted;
  try {
    pasted = JSON.parse(draft.value);
  } catch {
    throw { code: "draft" };
  }
  if (pasted.reports || pasted.phone || pasted.salt) {
    draft.value = "";
    throw { code: "draft_secret" };
  }
  const filed = await fileReport(pasted.project ?? project.value, draftOf(pasted));
  draft.value = terms.value = "";
  write({ pasted: `${shownTime(filed.filed, zone)} · ${filed.report}` });
  showPart("pasted");
}
