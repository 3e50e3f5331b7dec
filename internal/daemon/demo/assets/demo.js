"use strict";
(() => {
  const lang = (navigator.languages || [navigator.language]).map((l) => l.slice(0, 2).toLowerCase()).find((l) => WORDS[l]) || "en";
  const say = (k, places) => (WORDS[lang][k] || k).replace(/\{(\w+)\}/g, (all, name) => places?.[name] ?? all);
  const $ = (id) => document.getElementById(id);
  document.documentElement.lang = lang;
  for (const e of document.querySelectorAll("[data-say]")) e.textContent = say(e.dataset.say);

  // el makes an element; what comes from the daemon is only ever text.
  const el = (name, props, ...children) => {
    const e = document.createElement(name);
    for (const [k, v] of Object.entries(props || {})) k in e ? (e[k] = v) : e.setAttribute(k, v);
    e.append(...children.filter((c) => c !== null && c !== undefined));
    return e;
  };
  // drawList gives a box the children that the items say. A child of which nothing
  // changed stays the same element: a press on it, and a text that one marks,
  // outlast whatever arrives beside it. mend, if there is one, changes a child
  // in its place.
  const drawn = new WeakMap();
  const drawList = (box, items, key, make, mend) => {
    const old = drawn.get(box) || new Map(), now = new Map();
    for (const item of items) {
      const was = old.get(key(item)), seen = JSON.stringify(item);
      const same = was && (was.seen === seen || mend);
      if (same && was.seen !== seen) mend(was.node, item);
      now.set(key(item), { seen, node: same ? was.node : make(item) });
    }
    const kept = new Set([...now.values()].map((c) => c.node));
    for (const child of [...box.childNodes]) if (!kept.has(child)) child.remove();
    let at = box.firstChild;
    for (const node of kept) if (node === at) at = at.nextSibling; else box.insertBefore(node, at);
    drawn.set(box, now);
  };
  const trouble = (text) => { $("trouble").hidden = !text; $("trouble").textContent = text || ""; };
  const post = async (path, fields) => {
    try {
      const r = await fetch(path, { method: "POST", body: new URLSearchParams(fields) });
      trouble(r.ok ? "" : await r.text());
    } catch { trouble(say("lost")); }
  };
  const button = (label, press, props) => el("button", { type: "button", textContent: label, onclick: press, ...props });

  const HOSTS = [["srv-db-01", "HostDown", "critical"], ["srv-web-02", "DiskFull", "high"], ["imp-03", "PaperJam", "warning"]];
  const URGENCY = { critical: "critical", high: "major", warning: "minor" };
  for (const [host, name, severity] of HOSTS) {
    const alert = (status) => () => post("demo/alert", { host, name, severity, status });
    $("hosts").append(el("div", {}, el("span", {}, el("b", { textContent: `${host} ${name}` }), el("small", { textContent: say(URGENCY[severity]) })),
      el("span", {}, button(say("raise"), alert("firing"), { className: "fire", id: `raise-${host}` }), " ", button(say("recover"), alert("resolved"), { id: `recover-${host}` }))));
  }
  const speeds = [1, 10, 60, 600].map((n) => {
    const b = button(`×${n}`, () => post("demo/speed", { speed: n }), { id: `speed-${n}` });
    $("speeds").append(b, " ");
    return [n, b];
  });
  const breaks = ["sms", "push"].map((channel) => {
    const s = el("select", { id: `break-${channel}`, ariaLabel: channel, onchange: () => post("demo/break", { channel, how: s.value }) },
      ...[["", "works"], ["down", "down"], ["undelivered", "undelivered"], ["refused", "refused"]]
        .filter(([v]) => channel === "sms" || v !== "undelivered").map(([v, k]) => el("option", { value: v, textContent: say(k) })));
    $("providers").append(el("div", {}, el("b", { textContent: channel.toUpperCase() }), s));
    return [channel, s];
  });
  $("copy").onclick = async () => { await navigator.clipboard.writeText($("curl").textContent); $("copy").textContent = say("copied"); };

  let zone = "UTC";
  const time = (t, date) => new Date(t).toLocaleString(lang, { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", ...(date ? { weekday: "short", day: "numeric", month: "short" } : {}) });

  // Whom to be: who came from the console's page of signing in goes on from there.
  const next = new URLSearchParams(location.search).get("next") || "";
  $("who").hidden = !next;
  const enter = (p, phone, label) => el("form", { method: "post", action: "demo/sign-in", target: "astreinte" },
    el("input", { type: "hidden", name: "person", value: p.key }), el("input", { type: "hidden", name: "next", value: next }),
    phone ? el("input", { type: "hidden", name: "phone", value: "1" }) : null,
    el("button", { textContent: label, id: `${phone ? "app" : "as"}-${p.key}`, ariaLabel: phone ? `${label}: ${p.name}` : label }));

  const phones = new Map();
  const makePhone = (p) => {
    const screen = el("div", { className: "screen", tabIndex: 0 });
    const input = el("input", { name: "text", placeholder: say("write"), autocomplete: "off", ariaLabel: say("write") });
    const text = (t) => post("demo/text", { phone: p.key, text: t });
    const quick = el("div", { className: "quick" });
    const form = el("form", {}, input, el("button", { textContent: say("send") }));
    form.onsubmit = (e) => { e.preventDefault(); if (input.value.trim()) text(input.value); input.value = ""; };
    const badge = el("span", { className: "badge", textContent: say("onCall") });
    const box = el("article", { className: "phone", id: `phone-${p.key}` },
      el("h3", {}, p.name, badge), el("p", { className: "role", textContent: `${say(p.role)} · ${p.number}` }),
      el("div", { className: "enter" }, enter(p, false, say("signInAs", { name: p.name.split(" ")[0] })), enter(p, true, say("app"))), screen,
      el("div", { className: "answers" }, quick, form));
    $("phones").append(box);
    return { box, screen, badge, quick, text, seen: "", last: "" };
  };

  // drawButtons are those of a notification, and what came of the one that was pressed.
  const drawButtons = (p, m) => {
    const does = {
      acknowledge: (b) => button(b.title, () => post("demo/acknowledge", { phone: p.key, message: m.id }), { className: "take" }),
      open: (b) => el("a", { className: "button", href: m.link, target: "_blank", rel: "noopener", textContent: b.title }),
    };
    return el("div", {}, el("div", { className: "buttons" }, ...m.buttons.map((b) => does[b.action]?.(b))),
      m.said ? el("span", { className: `came${m.said.bad ? " bad" : ""}` }, el("strong", { textContent: m.said.title }), " " + m.said.body) : null);
  };
  const drawPhone = (p) => {
    if (!phones.has(p.key)) phones.set(p.key, makePhone(p));
    const view = phones.get(p.key);
    view.badge.hidden = !p.on_call;
    const seen = JSON.stringify(p.messages);
    if (seen === view.seen) return;
    const last = p.messages.at(-1), rang = view.seen !== "" && last && last.kind !== "mine" && (last.id !== view.last || view.box.classList.contains("rang"));
    view.seen = seen;
    view.last = last?.id;
    view.box.classList.toggle("rang", Boolean(rang));
    drawList(view.screen, p.messages, (m) => m.id, (m) => el("div", { className: `msg ${m.kind}` },
      el("time", { textContent: `${m.kind === "mine" ? "" : m.kind.toUpperCase() + " "}${time(m.at)}` }), m.title ? el("strong", { textContent: m.title }) : null,
      m.link ? m.body.replace(m.link, "").trim() + "\n" : m.body,
      m.buttons ? drawButtons(p, m) : m.link && /^https?:/.test(m.link) ? el("a", { href: m.link, target: "_blank", rel: "noopener", textContent: say("openLink") }) : null));
    view.screen.scrollTop = view.screen.scrollHeight;
    const code = p.messages.map((m) => m.code).filter(Boolean).at(-1);
    drawList(view.quick, code ? [["OK", "mine"], ["GO", "go"], ["T", "again"], ["E", "pass"]] : [], ([w]) => `${code} ${w}`, ([w, k]) =>
      button(`${code} ${w}`, () => view.text(`${code} ${w}`), { title: say(k), className: "answer" }));
  };

  const makeTicket = (t) => {
    const e = el("article", { className: "ticket", id: `ticket-${t.number}` }, el("div", { className: "top" }), el("dl"), el("ol"));
    mendTicket(e, t);
    return e;
  };
  const mendTicket = (e, t) => {
    const facts = [["№", el("a", { href: `tickets/${t.number}`, target: "astreinte", textContent: t.number })], [say("since"), time(t.opened_at, true)]];
    if (t.by) facts.push([say("by"), t.by]);
    if (t.next_page_at) facts.push([say("nextPage"), time(t.next_page_at)]);
    if (t.due_at) facts.push([say("gti"), `${time(t.due_at)} (${say(t.gti)})`]);
    const [top, list, timeline] = e.children, same = ([k, v]) => k + (v.textContent ?? v);
    drawList(top, [[`${say(t.urgency)} ${t.title}`, ""], [say(t.state), `state ${t.state}`]], (p) => p.join(), ([textContent, className]) => el("span", { textContent, className }));
    drawList(list, facts.flatMap((f) => [["dt", f], ["dd", f]]), ([name, f]) => name + same(f), ([name, [k, v]]) => el(name, {}, name === "dt" ? k : v));
    drawList(timeline, t.timeline.map((l, i) => ({ ...l, i })).reverse(), (l) => l.i, (l) => el("li", {}, el("time", { textContent: time(l.at) }),
      el("span", { textContent: l.what + (l.text ? ": " + l.text : "") })));
  };

  const draw = (s) => {
    zone = s.zone;
    $("clock").textContent = time(s.now, true);
    $("curl").textContent = s.curl;
    for (const [n, b] of speeds) b.ariaPressed = String(n === s.speed);
    for (const [channel, select] of breaks) if (document.activeElement !== select) select.value = s.broken[channel] || "";
    s.phones.forEach(drawPhone);
    drawList($("list"), s.tickets, (t) => t.number, makeTicket, mendTicket);
    $("none").hidden = s.tickets.length > 0;
  };
  const events = new EventSource("demo/events");
  events.onmessage = (e) => { trouble(""); draw(JSON.parse(e.data)); };
  events.onerror = () => trouble(say("lost"));
})();
