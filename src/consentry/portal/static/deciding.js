// A yes at a station: its key signs which text was shown for which act, so that nobody elsewhere can say that the yes was given here.

import { canKeep, keyOf, signedText } from "./keys.js";

const form = document.querySelector("form.deciding");
let last;
form.addEventListener("submit", signFirst);
for (const button of form.querySelectorAll("button")) button.disabled = false;

async function signFirst(event) {
  const again = last === event.submitter;
  last = event.submitter;
  if (last.value !== "yes") return;
  event.preventDefault();
  if (again) return;
  // Where the browser cannot reach its key after all, the yes goes unsigned, as one of the person's own device.
  await sign().catch(() => undefined);
  // Who pressed no while the yes was being signed has said no.
  if (last !== event.submitter) return;
  form.removeEventListener("submit", signFirst);
  // Where nothing was waited for, the form is still being submitted, and would pass over being submitted again.
  setTimeout(() => form.requestSubmit(event.submitter));
}

/** Put the station's claim into the form. A device that is no station has no key: its yes counts as one of the person's own device. */
async function sign() {
  const { station, purpose } = form.dataset;
  const key = canKeep() ? await keyOf(station) : undefined;
  if (!key) return;
  const { action, notice, claim, signature } = form.elements;
  const signed = await signedText(key, { action: action.value, notice_sha256: notice.value, purpose, station });
  claim.value = signed.text;
  signature.value = signed.signature;
}
