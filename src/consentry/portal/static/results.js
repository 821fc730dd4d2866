// What a capture came to, as the page names it: one word for each thing that the person can do about it.

const RESULTS = {
  several: ["capture.several-faces"],
  nobody: ["capture.no-face"],
  outside: ["capture.outside-zone"],
  liveness: ["capture.liveness", "vault.liveness"],
  quality: ["capture.quality", "vault.quality", "vault.shots", "vault.shots-differ"],
  timeout: ["capture.timeout", "capture.unknown", "vault.ticket-expired", "vault.ticket-used", "vault.ticket-unknown"],
  invalid: ["recognition.consent", "recognition.notice", "vault.grant", "vault.grant-expired", "vault.grant-revoked", "vault.grant-suspended", "vault.grant-model", "vault.grant-epoch"],
  known: ["vault.enrolled"],
  closed: ["vault.not-certified", "vault.no-calibration", "vault.off", "vault.family", "vault.not-separate", "vault.full", "vault.unattested", "station.purpose"],
  unpaired: ["station.signature", "vault.station-unknown", "vault.signature", "vault.counter"],
  clock: ["vault.clock", "station.clock"],
  often: ["vault.rate", "access.too-many-requests"],
  away: ["vault.away", "station.away", "station.vault", "station.answer", "station.stopped", "vault.answer", "recognition.incident", "vault.storage", "vault.failed"],
  attend_failed: ["attend"],
};
const RESULT_OF = new Map(Object.entries(RESULTS).flatMap(([result, codes]) => codes.map((code) => [code, result])));

/** Return the result of an answer to a frame, of an error document (RFC 9457), or of a connection that failed. */
export function resultOf(answer) {
  if (answer.outcome) return decided(answer.outcome);
  if (answer instanceof Error) return "away";
  const code = answer.code ?? String(answer.type ?? "").replace("urn:consentry:error:", "");
  return RESULT_OF.get(code) ?? (answer.status >= 500 ? "away" : "refused");
}

function decided(outcome) {
  if (outcome.decision === "accept") return outcome.kind === "enrol" ? "enrolled" : "accepted";
  return outcome.reasons.includes("grant-invalid") ? "invalid" : "rejected";
}
