// Reading the form of an arrival. What the site would refuse is told here, while the visitor still stands at the desk.

import { e164 } from "./agent-numbers.js";

const CODE = /^CV1\.[0-9a-f-]{36}\.[0-9A-Z]{26}(\.[\w-]{43}=?)?(\.\+?[0-9]{6,18})?$/i;
const MOST_PEOPLE = 99;
const MOST_DIGITS = 4;

/** Something in a field cannot be so: `words` say what, `field` has the focus next. */
export class Wrong extends Error {
  constructor(words, field) {
    super(words);
    this.words = words;
    this.field = field;
  }
}

/** Return what the form says of who arrives, without the visitor's link. `report`: the one chosen in the list, or null. */
export function arrivalOf(form, report) {
  const { mode, code, people, alias, phone } = form.elements;
  return {
    alias: aliasOf(alias),
    check: null,
    code: mode.value === "code" ? codeOf(code) : null,
    party_size: peopleOf(people),
    phone: phoneOf(phone),
    report: mode.value === "brought" ? report ?? wrong("missing_report", document.querySelector("#find")) : null,
  };
}

/** Return a text as a scanner means it: one that types under a Chinese keyboard writes wide letters. */
export const scanned = (text) => text.normalize("NFKC").trim();

function codeOf(field) {
  const text = scanned(field.value);
  if (!text) wrong("missing_code", field);
  return CODE.test(text) ? text : wrong("bad_code", field);
}

function peopleOf(field) {
  const many = Number(field.value);
  return Number.isInteger(many) && many >= 1 && many <= MOST_PEOPLE ? many : wrong("bad_people", field);
}

function aliasOf(field) {
  const tidy = field.value.normalize("NFKC").trim();
  return (tidy.match(/\d/g) ?? []).length > MOST_DIGITS ? wrong("bad_alias", field) : tidy || null;
}

const phoneOf = (field) => (field.value.trim() ? e164(field.value) ?? wrong("bad_phone", field) : null);

function wrong(words, field) {
  throw new Wrong(words, field);
}
