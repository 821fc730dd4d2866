// The visit code at the desk: behind the site's own part stand salt and number from this device or the agent's file. It is drawn here, not on the site.

import { findClient } from "./agent-client.js";
import { fullCode } from "./agent-file.js";
import { showPart } from "./agent-view.js";
import { draw } from "./qr.js";

const { report, code, nonce } = document.querySelector("[data-code]").dataset;

await findClient(report, nonce, show);

function show(kept) {
  draw(document.querySelector("svg.qr"), fullCode(code, kept));
  showPart(kept ? "whole" : "bare");
}
