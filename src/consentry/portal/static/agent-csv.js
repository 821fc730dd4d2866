// A list of clients as spreadsheets save it. It is read in the page and never leaves it in clear.

import { e164, maskOf } from "./agent-numbers.js";
import { instantOf } from "./agent-times.js";

const COLUMNS = {
  alias: ["alias", "name", "client", "family name", "姓名", "姓氏", "称呼", "客户", "客户姓名", "客户称呼"],
  phone: ["phone", "telephone", "mobile", "number", "电话", "手机", "手机号", "手机号码", "电话号码", "联系电话"],
  planned: ["planned", "planned visit", "visit", "到访时间", "预计到访", "预计到访时间", "计划到访", "计划到访时间"],
};
const ENCODINGS = ["utf-8", "gb18030"];
const LONGEST_ALIAS = 20;
const MOST_DIGITS = 4;
const LONGEST_PLAN_MS = 60 * 24 * 3_600_000;

/** Return the text of a file's bytes: UTF-8, or what Chinese editions of Excel write. Null where it is neither. */
export function textOf(bytes) {
  for (const encoding of ENCODINGS) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      continue;
    }
  }
  return null;
}

/** Return the cells of every record (RFC 4180); the first line says whether they are parted by comma, semicolon or tab. */
export function records(text) {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const parted = [",", ";", "\t"].reduce((best, sign) => (head.split(sign).length > head.split(best).length ? sign : best));
  const found = [[""]];
  let quoted = false;
  const plain = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  for (let at = 0; at < plain.length; at += 1) {
    const sign = plain[at];
    const record = found.at(-1);
    if (quoted && sign === '"' && plain[at + 1] === '"') record[record.length - 1] += plain[(at += 1)];
    else if (sign === '"' && (quoted || !record.at(-1))) quoted = !quoted;
    else if (quoted || (sign !== parted && sign !== "\n")) record[record.length - 1] += sign;
    else if (sign === "\n") found.push([""]);
    else record.push("");
  }
  return found;
}

/**
 * Return the clients of a list, each with the number of its row as a spreadsheet counts: {number, client}, or {number, said, problem, detail}.
 * `terms`: {form, zone, now}. Null where the first row does not name the columns.
 */
export function clientsOf(text, terms) {
  const [head, ...rows] = records(text);
  const places = Object.entries(COLUMNS).map(([name, known]) => [name, head.findIndex((cell) => known.includes(plain(cell).toLowerCase()))]);
  if (places.some(([name, place]) => place < 0 && name !== "planned")) return null;
  const numbered = rows.map((cells, place) => ({ number: place + 2, cells })).filter(({ cells }) => cells.some((cell) => plain(cell)));
  const seen = new Map();
  return numbered.map(({ number, cells }) => {
    const said = Object.fromEntries(places.map(([name, place]) => [name, plain(cells[place] ?? "")]));
    const read = clientOf(said, terms);
    const shown = { alias: said.alias, mask: "" };
    if (read.problem) return { number, said: shown, ...read };
    const first = seen.get(read.client.phone);
    seen.set(read.client.phone, first ?? number);
    return first ? { number, said: shown, problem: "twice", detail: first } : { number, ...read };
  });
}

/** Return {client} as it is reported, or {problem}: what is wrong with what was typed. `said`: {alias, phone, planned}, all texts. */
export function clientOf(said, terms) {
  const alias = plain(said.alias);
  const phone = e164(said.phone);
  const planned = said.planned ? instantOf(said.planned, terms.zone) : null;
  if (!alias) return { problem: "alias" };
  if ([...alias].length > LONGEST_ALIAS) return { problem: "alias_long" };
  if ((alias.match(/\p{Nd}/gu) ?? []).length > MOST_DIGITS) return { problem: "alias_number" };
  if (!phone) return { problem: "phone" };
  const mask = maskOf(phone, terms.form);
  if (!mask) return { problem: "phone_form" };
  if (said.planned && !planned) return { problem: "planned" };
  const ahead = planned ? Date.parse(planned) - terms.now : 0;
  if (ahead < -60_000 || ahead > LONGEST_PLAN_MS) return { problem: "planned_far" };
  return { client: { alias, phone, mask, planned } };
}

const plain = (text) => text.normalize("NFKC").trim();
