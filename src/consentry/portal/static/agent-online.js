// Without the network nothing can be filed or shown anew: say so while it lasts. And say where a browser inside an app cannot save files.

const offline = document.querySelector("[data-offline]");
const inside = document.querySelector("[data-inside]");

for (const event of ["online", "offline"]) addEventListener(event, tell);
tell();
inside.hidden = !/MicroMessenger|DingTalk|QQ\//i.test(navigator.userAgent);

function tell() {
  offline.hidden = navigator.onLine;
}
