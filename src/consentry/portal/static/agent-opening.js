// Appealing with a report that nobody opened: number and salt of its client go into the form, and with it to the site.

import { findClient } from "./agent-client.js";
import { showPart } from "./agent-view.js";

const { report, nonce } = document.querySelector("[data-nonce]").dataset;
const { salt, phone } = document.querySelector("form[action*=appeal]").elements;

await findClient(report, nonce, show);

function show(kept) {
  salt.value = kept?.salt ?? "";
  phone.value = kept?.phone ?? "";
  showPart(kept ? "whole" : "bare");
}
