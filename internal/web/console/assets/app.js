// The application on a phone: its service worker, which shows pushes and keeps what
// is needed without network, and what that has to say.
(() => {
  "use strict";
  const self = document.currentScript.dataset;
  if (!self.person || !("serviceWorker" in navigator)) return;
  const worker = navigator.serviceWorker;
  const tell = async (more) => (await worker.ready).active?.postMessage({ person: self.person, lang: document.documentElement.lang, ...more });

  worker.register(self.base + "/sw.js", { scope: self.base + "/", updateViaCache: "none" }).then(() => tell(), () => {});
  addEventListener("online", () => {
    tell();
    if (document.getElementById("kept")) location.reload();
  });
  // A page that was read anew is not old any more.
  document.addEventListener("htmx:after:swap", () => document.getElementById("kept")?.remove());

  worker.addEventListener("message", (event) => {
    if (!event.data?.told) return;
    const page = document.getElementById("page");
    const line = document.getElementById("told") ?? document.createElement("p");
    line.id = "told";
    line.className = "flash " + (event.data.bad ? "bad" : "good");
    line.setAttribute("role", "status");
    line.textContent = event.data.told;
    if (page && !line.isConnected) page.before(line);
    if (!event.data.waits && window.htmx && page?.hasAttribute("hx-get")) htmx.trigger(page, "refresh");
  });
  worker.startMessages?.();
})();
