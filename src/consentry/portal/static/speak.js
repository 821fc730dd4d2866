// Reading a page aloud, where the browser can.

const button = document.querySelector("[data-read]");
const speech = globalThis.speechSynthesis;

if (button && speech) {
  button.hidden = false;
  button.addEventListener("click", () => (speech.speaking ? silence() : read()));
  addEventListener("pagehide", silence);
}

function read() {
  const paragraphs = [...document.querySelectorAll("main [data-aloud], main h1, main h2, main p, main li, main label, main button, main a.choice")];
  const seen = paragraphs.filter((element) => element.checkVisibility() && !paragraphs.some((other) => other !== element && other.contains(element)));
  for (const element of seen) utter(element.innerText);
  button.textContent = button.dataset.silence;
  button.setAttribute("aria-pressed", "true");
}

function utter(text) {
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = document.documentElement.lang;
  utterance.onend = () => { if (!speech.pending) settle(); };
  speech.speak(utterance);
}

function silence() {
  speech.cancel();
  settle();
}

function settle() {
  button.textContent = button.dataset.read;
  button.setAttribute("aria-pressed", "false");
}
