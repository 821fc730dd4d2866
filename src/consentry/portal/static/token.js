// The code that a person shows to be recognised, where their template is in their own hands: drawn once, kept nowhere else.

const section = document.querySelector("[data-token]");

/** Show `text` as a QR code; the site draws it and forgets it. */
export async function showToken(address, text) {
  const drawn = await (await fetch(address, { method: "POST", body: new URLSearchParams({ text }) })).json();
  const picture = section.querySelector("svg");
  picture.setAttribute("viewBox", `0 0 ${drawn.side} ${drawn.side}`);
  picture.querySelector("path").setAttribute("d", drawn.path);
  section.hidden = false;
}
