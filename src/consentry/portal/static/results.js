// What a capture came to, as the page names it: one word for each thing that the person can do about it.

const CODES = [
  [/^attend$/, "attend_failed"],
  [/faces|several/, "several"],
  [/no-face|nobody/, "nobody"],
  [/outside|zone|small|far/, "outside"],
  [/liveness/, "liveness"],
  [/quality|shots-differ/, "quality"],
  [/ticket-expired|timeout/, "timeout"],
  [/not-certified|no-calibration/, "not_certified"],
  [/grant/, "invalid"],
  [/station-unknown|unpaired/, "unpaired"],
  [/away|unreachable|vault\.(clock|full)|server\./, "away"],
];

/** Return the result of an answer to a frame, or of an error document (RFC 9457), or of a connection that failed. */
export function resultOf(answer, kind) {
  const outcome = answer.outcome;
  if (outcome) return named(outcome, kind);
  if (answer instanceof TypeError) return "away";
  const code = answer.code ?? String(answer.type ?? "").replace("urn:consentry:error:", "");
  return CODES.find(([pattern]) => pattern.test(code))?.[1] ?? "refused";
}

function named(outcome, kind) {
  if (outcome.decision === "accept") return kind === "enrol" ? "enrolled" : "accepted";
  if (outcome.reasons?.includes("grant-invalid")) return "invalid";
  return "rejected";
}
