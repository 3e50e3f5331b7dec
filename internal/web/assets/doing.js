(() => {
  const { doing, pace } = document.currentScript.dataset;
  let under = null;
  addEventListener("submit", (e) => {
    const b = e.submitter, said = document.querySelector(".said");
    if (!b || !said) return;
    if (b === under) { e.preventDefault(); return; }
    under = b;
    said.setAttribute("aria-busy", "true");
    b.setAttribute("aria-disabled", "true");
    const text = doing.replace("{what}", () => (b.querySelector("span") ?? b).textContent.trim());
    (said.querySelector("p") ?? b).textContent = text;
  });
  addEventListener("pageshow", (e) => { if (e.persisted && under) location.reload(); });
  if (pace) setInterval(() => {
    if (!under && ![...document.querySelectorAll("textarea")].some((t) => t.value)) location.replace(location.href);
  }, pace * 1000);
})();
