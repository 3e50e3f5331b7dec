// What one presses is answered within a tenth of a second, or shows that it is under
// way: the form is busy, the button looks pressed, and words say what is being done. The
// same button does nothing more until then; any other one may be pressed.
(() => {
  "use strict";
  const says = document.getElementById("doing");
  if (!says) return;
  const longest = 30000; // after that nobody waits for an answer any more
  const under = new Map(); // what is under way, by form: the buttons, and how often each

  function words(button) {
    const shown = (button?.querySelector("span") ?? button)?.textContent.trim() ?? "";
    return shown.length > 1 ? shown : button?.getAttribute("aria-label") ?? "…";
  }
  function begin(form, button) {
    const it = under.get(form) ?? { buttons: new Set(), times: 0 };
    it.times++;
    it.buttons.add(button);
    clearTimeout(it.timer);
    it.timer = setTimeout(() => end(form), longest);
    under.set(form, it);
    form.setAttribute("aria-busy", "true");
    button?.setAttribute("aria-disabled", "true");
    says.textContent = says.dataset.text.replace("{what}", () => words(button));
    says.hidden = false;
  }
  function end(form) {
    const it = under.get(form);
    if (!it) return;
    clearTimeout(it.timer);
    under.delete(form);
    form.removeAttribute("aria-busy");
    for (const button of it.buttons) button?.removeAttribute("aria-disabled");
    says.hidden = under.size === 0;
  }

  document.addEventListener("submit", (e) => {
    const form = e.target, button = e.submitter;
    if (form.target && form.target !== "_self") return;
    if (under.get(form)?.buttons.has(button)) { // it was pressed twice
      e.preventDefault();
      e.stopPropagation();
      return;
    }
    begin(form, button);
    setTimeout(() => { if (e.defaultPrevented && !form.hasAttribute("hx-post")) end(form); }); // somebody else saw to it
  }, true);
  document.addEventListener("htmx:finally:request", (e) => {
    const ctx = e.detail?.ctx, form = [ctx?.request?.form, ctx?.sourceElement].find((f) => under.has(f)), it = under.get(form);
    if (it && --it.times <= 0) end(form);
  });
  // A page that is shown again as it was left waits for nothing.
  addEventListener("pageshow", () => { for (const form of [...under.keys()]) end(form); });
})();
