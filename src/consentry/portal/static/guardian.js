// A member of staff opens the question for a guardian: signed in for that one request, and signed out before the guardian reads the notice.

import { asStaff } from "./attend.js";

const form = document.querySelector("form[data-guardian]");
const signIn = document.querySelector("form[data-attend]");
const opened = document.querySelector("form[data-opened]");
const failed = document.querySelector("[data-failed]");
form.addEventListener("submit", (event) => event.preventDefault());
signIn.addEventListener("submit", open);
document.querySelector("[data-asking]").hidden = false;

async function open(event) {
  event.preventDefault();
  failed.hidden = true;
  if (!form.reportValidity()) return;
  const details = new FormData(form);
  const { station, purpose } = form.dataset;
  const said = { relation: details.get("relation"), verification: details.get("verification"), present: details.has("present") };
  try {
    const answer = await asStaff(signIn)(() => ask({ ...said, name: details.get("guardian"), purpose, station }));
    opened.elements.question.value = answer.question;
    opened.submit();
  } catch {
    failed.hidden = false;
  }
}

/** Return the answer as `asStaff` knows it: only a member of staff who may stand by gets one. */
async function ask(body) {
  const response = await fetch("/api/v1/consents/guardian-questions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw { code: "attend" };
  return { ...(await response.json()), attended: true };
}
