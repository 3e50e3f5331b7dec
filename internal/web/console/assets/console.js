// What a page does beside HTML: it reads its middle anew when the daemon says that
// something changed, keeps what one is about to press where it is, says when what
// it shows is old, and answers keys. Without it everything works by reloading.
(() => {
  "use strict";
  // Pages that something stops at once do not all come back at once: each has waits of
  // its own, as its stream has (htmx-config).
  const apart = (ms, by) => ms + (2 * Math.random() - 1) * by;
  const poll = apart(5000, 1000), pollStreaming = apart(15000, 3000), old = 30000, wait = 150, scatter = 2000;
  const main = () => document.getElementById("page");
  const live = document.getElementById("live");
  const stale = document.getElementById("stale");
  let fresh = Date.now(), asked = Date.now(), tried = Date.now(), streaming = false, busy = false, again = false, timer = 0, due = 0, forms = 0;

  function refresh() {
    clearTimeout(timer);
    timer = 0;
    const page = main();
    if (!page || !page.hasAttribute("hx-get")) return;
    if (document.hidden || busy || forms) { again = true; return; }
    busy = true;
    again = false;
    asked = Date.now();
    htmx.trigger(page, "refresh");
  }
  function soon(after = wait) {
    const at = Date.now() + after;
    if (timer && due <= at) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(refresh, after);
  }
  const about = () => (main()?.dataset.events || "").split(" ");

  function told(event) {
    if (event.type === "resync") { soon(wait + Math.random() * scatter); return; } // every page hears it
    if (!about().includes(event.type)) return;
    const only = main().dataset.ticket;
    if (only && event.type === "ticket") {
      try { if (JSON.parse(event.detail.data).number !== only) return; } catch { /* whatever it was: look */ }
    }
    soon();
  }
  if (live) {
    for (const name of ["ticket", "oncall", "health", "resync"]) live.addEventListener(name, told);
    // What the page has in it says from which event on it has to hear; so does what was
    // heard last where a stream breaks. Else nobody knows what was missed.
    live.addEventListener("htmx:sse:after:connection", (e) => {
      streaming = true;
      const stream = e.detail?.connection;
      if (!stream?.lastEventId && !/[?&]after=/.test(stream?.url ?? "")) soon();
    });
    for (const name of ["htmx:sse:error", "htmx:sse:close"]) live.addEventListener(name, () => { streaming = false; });
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });

  // What is under the pointer, has the focus, or stands in the middle of a phone's
  // screen keeps its place on the screen while rows come and go around it.
  let pointed = null;
  addEventListener("pointermove", (e) => { pointed = e.pointerType === "mouse" ? e.target : null; }, { passive: true });
  addEventListener("pointerdown", (e) => { pointed = e.target; }, { passive: true });
  const row = (e) => e?.closest?.("[data-row]");
  function held() {
    const it = row(pointed?.isConnected ? pointed : null) || row(document.activeElement) ||
      row(document.elementFromPoint(innerWidth / 2, innerHeight / 2));
    return it?.id ? { id: it.id, top: it.getBoundingClientRect().top } : null;
  }
  function keep(place) {
    const it = place && document.getElementById(place.id);
    const page = main();
    if (!it || !page) return;
    let moved = it.getBoundingClientRect().top - place.top;
    if (!moved) return;
    if (moved > 0) {
      const room = document.documentElement.scrollHeight - innerHeight - scrollY;
      if (room < moved) page.style.paddingBottom = parseFloat(getComputedStyle(page).paddingBottom) + moved - room + "px";
    } else if (scrollY < -moved) {
      page.style.paddingTop = parseFloat(getComputedStyle(page).paddingTop) - moved - scrollY + "px";
    }
    moved = it.getBoundingClientRect().top - place.top;
    scrollBy({ top: moved, behavior: "instant" });
  }

  // What a form was answered stays for a while, though the page is read anew meanwhile.
  // Its copy has no role: it is not said twice.
  const reading = 10000;
  let said = null;
  function say() {
    const page = main();
    const line = page?.querySelector("[data-said]");
    if (line?.getAttribute("role")) {
      said = { line: line.cloneNode(true), on: page.getAttribute("hx-get"), until: Date.now() + reading };
      said.line.removeAttribute("role");
    } else if (!line && said && said.on === page?.getAttribute("hx-get") && Date.now() < said.until) {
      page.prepend(said.line.cloneNode(true));
    }
  }
  say();

  // What somebody opened or closed stays so: the page that is read anew has it as at first.
  const folds = new Map();
  const fold = (d) => d.id || d.querySelector("summary").textContent;
  function turn(d) { d.open = !d.open; folds.set(fold(d), d.open); }
  addEventListener("click", (e) => {
    const d = e.target.closest?.("summary")?.parentElement;
    if (d && !e.defaultPrevented) folds.set(fold(d), !d.open);
  });
  function refold() {
    for (const d of document.querySelectorAll("details")) if (folds.has(fold(d))) d.open = folds.get(fold(d));
  }

  let place = null;
  document.addEventListener("htmx:before:swap", () => { place = held(); chosen = picked(); });
  document.addEventListener("htmx:after:swap", () => { say(); repick(); refold(); keep(place); place = null; mark(); });

  // Who leaves the page, to be somebody else, is not led to where one signs in by what the
  // page asked for as whoever it was.
  let leaving = 0;
  addEventListener("beforeunload", () => { leaving = Date.now(); });
  document.addEventListener("htmx:before:response", (e) => {
    if (e.detail?.ctx?.response?.status === 401 && Date.now() - leaving < old) e.preventDefault();
  });

  document.addEventListener("htmx:after:request", (e) => {
    const response = e.detail?.ctx?.response;
    if (response?.status && response.status < 500) fresh = Date.now();
  });
  document.addEventListener("htmx:finally:request", (e) => {
    if (form(e)) forms = Math.max(0, forms - 1);
    else busy = false;
    if (again) soon();
    age();
  });

  // A form that was not answered says so: nobody knows whether it was done.
  let failed = false;
  const form = (e) => (e.detail?.ctx?.request?.form || e.detail?.ctx?.sourceElement)?.tagName === "FORM";
  function fail(e) {
    if (!stale || !form(e)) return;
    failed = true;
    stale.textContent = stale.dataset.failed;
    stale.hidden = false;
    again = true;
    soon();
  }
  document.addEventListener("htmx:error", fail);
  document.addEventListener("htmx:response:error", (e) => { if ([502, 504].includes(e.detail?.ctx?.response?.status)) fail(e); });
  document.addEventListener("htmx:before:request", (e) => { if (form(e)) { failed = false; forms++; } });

  function age() {
    if (!stale) return;
    if (failed) return;
    const since = Date.now() - fresh;
    stale.hidden = since < old;
    if (!stale.hidden) {
      const seconds = Math.round(since / 1000);
      stale.textContent = stale.dataset.text.replace("{ago}", seconds < 90 ? seconds + " s" : Math.round(seconds / 60) + " min");
    }
  }
  // Where time runs fast, as it may in the demo, a page is old sooner.
  const pace = () => Number(main()?.dataset.pace) || Infinity;
  if (main()?.dataset.events) {
    setInterval(() => {
      age();
      const since = Date.now() - asked;
      if (since > Math.min(streaming ? pollStreaming : poll, pace())) {
        if (since > 4 * poll) { busy = false; forms = 0; } // an answer that never came
        if (!document.hidden) refresh();
      }
      if (live && !streaming && Date.now() - tried > poll) { // a stream that never began
        tried = Date.now();
        htmx.trigger(live, "again");
      }
    }, 1000);
  }

  // What was chosen stays chosen.
  let chosen = new Set();
  const boxes = () => document.querySelectorAll('input[form="chosen"][type="checkbox"]');
  const picked = () => new Set([...boxes()].filter((b) => b.checked).map((b) => b.value.split(" ")[0]));
  function repick() { for (const b of boxes()) b.checked = chosen.has(b.value.split(" ")[0]); }

  // Dragging over days of a group fills the form in that changes who is on call. A
  // finger scrolls, and has the form.
  let drag = null;
  const day = (e) => e.target.closest?.(".month[data-change] td[data-day]");
  const hint = () => { const h = document.querySelector(".draghint"); if (h) h.hidden = false; };
  function pick(last) {
    const days = [...document.querySelectorAll(".month td[data-day]")].filter((d) => d.dataset.group === drag.group);
    const [from, to] = [drag.first, last].sort();
    for (const d of days) d.classList.toggle("picked", d.dataset.day >= from && d.dataset.day <= to);
    drag.last = last;
  }
  function letGo() {
    for (const d of document.querySelectorAll(".month td.picked")) d.classList.remove("picked");
    drag = null;
    forms = Math.max(0, forms - 1);
  }
  document.addEventListener("pointerdown", (e) => {
    const it = day(e);
    if (!it || e.button || e.pointerType === "touch" || drag) return;
    e.preventDefault();
    forms++; // the page stays as it is meanwhile
    drag = { group: it.dataset.group, first: it.dataset.day, to: it.closest("table").dataset.change };
    pick(it.dataset.day);
  });
  document.addEventListener("pointermove", (e) => {
    const it = drag && day(e);
    if (it && it.dataset.day !== drag.last) pick(it.dataset.day);
  });
  document.addEventListener("pointerup", () => {
    if (!drag) return;
    const { group, first, last, to } = drag;
    letGo();
    location.assign(to + "?" + new URLSearchParams({ group, days: first, last }));
  });
  document.addEventListener("pointercancel", () => { if (drag) letGo(); });
  addEventListener("keydown", (e) => { if (drag && e.key === "Escape") letGo(); });
  document.addEventListener("htmx:after:swap", hint);
  hint();

  // Keys of a list.
  let here = "";
  const rows = () => [...document.querySelectorAll("[data-row]")];
  function mark(focus) {
    for (const r of rows()) r.toggleAttribute("data-here", r.id === here);
    if (focus) document.getElementById(here)?.querySelector("a")?.focus();
  }
  function step(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((r) => r.id === here);
    here = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))].id;
    mark(true);
  }
  const keys = {
    "j": () => step(1),
    "k": () => step(-1),
    "o": () => document.getElementById(here)?.querySelector("a")?.click(),
    "a": () => {
      const it = document.getElementById(here);
      const take = it?.querySelector("[data-take]");
      if (take) { take.click(); return; }
      const box = it?.querySelector('input[form="chosen"]');
      if (box) { box.checked = true; document.getElementById("chosen").requestSubmit(); return; }
      document.querySelector('.keys button[value="acknowledge"]:enabled')?.click();
    },
    "/": (e) => { const q = document.getElementById("q"); if (q) { e.preventDefault(); q.focus(); } },
    "Shift+?": () => { const help = document.getElementById("keyhelp"); if (help) { turn(help); help.scrollIntoView({ block: "nearest" }); } },
  };
  const typing = (e) => e.target.closest?.("input:not([type=checkbox]), textarea, select") || e.defaultPrevented;
  const bound = {};
  for (const [key, does] of Object.entries(keys)) bound[key] = (e) => { if (!typing(e)) does(e); };
  tinykeys.tinykeys(window, bound);
})();
