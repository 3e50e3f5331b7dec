(() => {
  const { again } = document.currentScript.dataset;
  let tries = 60;
  const look = async () => {
    try {
      const answer = await fetch(again, { headers: { Accept: "text/html" } });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const said = document.querySelector(".said[data-waits]"), waits = page.querySelector(".said[data-waits]");
        if (!said) return; // something else was pressed
        if (!waits) {
          for (const part of [".said", ".timeline", ".alerts"]) {
            const was = document.querySelector(part), now = page.querySelector(part);
            if (!was || !now) continue;
            was.className = now.className;
            was.replaceChildren(...now.childNodes);
          }
          said.removeAttribute("data-waits");
          said.removeAttribute("aria-busy");
          return;
        }
      }
    } catch { /* there is no network: it may come back */ }
    if (--tries > 0) setTimeout(look, 1500);
  };
  addEventListener("DOMContentLoaded", look);
})();
