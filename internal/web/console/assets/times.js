// Times are the desk's. Where the reader's own zone shows another time at that moment, a
// time says both: to a mouse that rests on it, to a tap, to the keyboard's focus. What
// says it lies over the page and lets presses through, so nothing moves.
(() => {
  "use strict";
  const both = document.getElementById("zones");
  if (!both) return;
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone, language = document.documentElement.lang;
  const desk = () => document.querySelector("[data-zone]")?.dataset.zone;
  const pressed = "a, button, label, summary, select", shows = "main time[data-both]";
  const say = (at, zone) => zone.replaceAll("_", " ") + ": " + at.toLocaleString(language, {
    timeZone: zone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  const wall = (at, zone) => at.toLocaleString("en", { timeZone: zone });

  // mark has each time that differs say so.
  function mark() {
    const zone = desk();
    if (zone && zone !== mine) {
      for (const t of document.querySelectorAll("main time[datetime]")) {
        const at = new Date(t.dateTime);
        if (!t.dateTime.includes("T") || isNaN(at)) continue;
        try {
          if (wall(at, zone) === wall(at, mine)) continue;
          t.dataset.both = [say(at, zone), say(at, mine)].join("\n");
        } catch { return; } // the browser does not know the desk's zone
        t.title = t.dataset.both;
        if (t.closest(pressed)) continue; // a tap on it does something else
        t.tabIndex = 0;
        t.setAttribute("role", "button");
      }
    }
    if (shown && !shown.isConnected) hide();
    else if (shown) place();
  }

  let shown = null, before = null;
  function hide() {
    shown = null;
    both.hidden = true;
  }
  function show(time) {
    shown = time;
    both.hidden = false;
    both.textContent = time.dataset.both;
    place();
  }
  // place puts it above the time, or below where there is no room.
  function place() {
    const at = shown.getBoundingClientRect(), width = document.documentElement.clientWidth;
    both.style.left = Math.max(8, Math.min(at.left, width - both.offsetWidth - 8)) + scrollX + "px";
    const above = at.top - both.offsetHeight - 6;
    both.style.top = (above > 0 ? above : at.bottom + 6) + scrollY + "px";
  }
  const time = (e) => e.target.closest?.(shows + "[role]");
  document.addEventListener("focusin", (e) => { if (time(e)) show(time(e)); });
  document.addEventListener("focusout", (e) => { if (shown && time(e) === shown) hide(); });
  addEventListener("pointerdown", () => { before = shown; }, { passive: true, capture: true });
  document.addEventListener("click", (e) => {
    const it = time(e);
    if (!it || it === before) hide();
    else show(it);
  });
  addEventListener("keydown", (e) => {
    if (e.key === "Escape") hide();
    else if ((e.key === "Enter" || e.key === " ") && time(e)) {
      e.preventDefault();
      if (shown) hide();
      else show(time(e));
    }
  });
  addEventListener("resize", () => { if (shown) place(); });
  document.addEventListener("htmx:after:swap", mark);
  mark();
})();
