// Telephone numbers: as E.164 writes them, and what a report shows of one. The site checks the same forms (attribution/numbers.py, rules/reports.py).

const SHOWN = { "3+4": [3, 4], "4+3": [4, 3] };
const MASKS = {
  "3+4": [/^1[3-9]\d\*{4}\d{4}$/, /^\+[1-9]\d\*{4,9}\d{4}$/],
  "4+3": [/^1[3-9]\d{2}\*{4}\d{3}$/, /^\+[1-9]\d{2}\*{4,9}\d{3}$/],
  full: [/^\+86(?:1[3-9]\d{9}|[2-9]\d{8,10})$/, /^\+(?!86)[1-9]\d{6,14}$/],
};

/** Return a number in E.164, or null where it cannot be one; without a country's code it is a Chinese mobile number. */
export function e164(text) {
  const digits = text.normalize("NFKC").replace(/[\s()-]/g, "").replace(/^00/, "+");
  const number = /^1[3-9]\d{9}$/.test(digits) ? `+86${digits}` : digits;
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : null;
}

/** Return what a report shows of a number in E.164, or null where the project's form has no mask for such a number. */
export function maskOf(phone, form) {
  const national = phone.replace(/^\+86/, "");
  const [first, last] = SHOWN[form] ?? [0, 0];
  const hidden = "*".repeat(Math.max(0, national.length - first - last));
  const mask = form === "full" ? phone : national.slice(0, first) + hidden + national.slice(-last);
  return MASKS[form].some((shape) => shape.test(mask)) ? mask : null;
}
