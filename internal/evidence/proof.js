"use strict";
// It checks the proof that the page holds, as docs/adr/0069-evidence.md has it: by SHA-256
// over texts with a line feed after each, and JSON as RFC 8785 writes it.
(async () => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const proof = read("proof"), words = read("words");
  const verdict = document.getElementById("verdict");
  const conclude = (good, text) => { verdict.className = good ? "good" : "bad"; verdict.textContent = text; };
  const say = (key, places) => words[key].replace(/\{(\w+)\}/g, (all, name) => places[name] ?? all);
  const sum = async (...texts) => {
    const bytes = new TextEncoder().encode(texts.map((t) => t + "\n").join(""));
    return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");
  };
  const canonical = (v) => {
    if (Array.isArray(v)) return "[" + v.map(canonical).join(",") + "]";
    if (v && typeof v === "object") return "{" + Object.keys(v).sort().map((k) => JSON.stringify(k) + ":" + canonical(v[k])).join(",") + "}";
    return JSON.stringify(v);
  };

  // What is shown is drawn from what is checked, and from nothing else. Words that somebody
  // chose stand apart, and are said to be unchecked.
  const text = (v) => typeof v === "string" ? v : JSON.stringify(v);
  const put = (parent, name, content) => parent.appendChild(Object.assign(document.createElement(name), { textContent: content }));
  const drawTicket = (body) => {
    document.title = document.getElementById("title").textContent = proof.number + " " + text(body.title ?? "");
    const list = document.getElementById("ticket");
    list.replaceChildren();
    for (const [name, value] of Object.entries(body)) {
      put(list, "dt", name);
      put(list, "dd", text(value));
    }
  };
  const drawLines = (lines) => {
    const list = document.getElementById("lines");
    list.replaceChildren();
    for (const line of lines || []) {
      const values = JSON.parse(line.form);
      for (const h of line.hidden || []) {
        const above = h.at.slice(0, -1).reduce((v, name) => v?.[name], values);
        if (above) above[h.at.at(-1)] = h.value;
      }
      const { at, kind, ...more } = values;
      const item = put(list, "li", [at, kind].filter((v) => v !== undefined).map(text).join(" · "));
      for (const [name, value] of Object.entries(more)) put(item, "div", name + ": " + text(value)).className = "span";
    }
  };
  drawLines(proof.lines);
  drawTicket(JSON.parse(proof.rest.body));

  // A line's link follows from the one before it, and what its form hides has its hash.
  const follow = async (lines) => {
    const links = [], broken = [];
    let before = "";
    for (const [i, line] of (lines || []).entries()) {
      before = await sum(before, line.form);
      links.push(before);
      let holds = before === line.link;
      for (const h of line.hidden || []) {
        const stands = h.at.reduce((v, name) => v?.[name], JSON.parse(line.form));
        holds &&= stands?.sha256 === await sum(line.salt, canonical([h.value]));
      }
      if (!holds) broken.push(i);
    }
    return { links, broken };
  };
  const { links, broken } = await follow(proof.lines);
  const chains = [links];
  for (const lines of proof.before || []) {
    const was = await follow(lines);
    if (!was.broken.length) chains.push(was.links);
  }

  // What is kept beside the timeline has the hash that was sealed last, and each day's seal
  // is one of those that its head was made of.
  const r = proof.rest;
  const rest = await sum(r.stamp, await sum(r.body), await sum(r.alerts), await sum(r.sheet), await sum(...(r.pages || [])));
  const days = proof.days || [];
  let flaw = days.length ? "" : say("unsealed", {});
  const heads = document.getElementById("heads");
  heads.replaceChildren();
  for (const [i, d] of days.entries()) {
    const seal = await sum("astreinte 1", d.number, String(d.lines), d.link, d.rest);
    const last = i === days.length - 1;
    let holds = d.number === proof.number && chains.some((c) => d.lines === 0 || c[d.lines - 1] === d.link);
    if (last) holds &&= d.rest === rest && d.lines === links.length;
    if (d.head) holds &&= d.seals.includes(seal) && d.head === await sum(d.before || "", d.day, ...[...d.seals].sort());
    if (!holds) flaw ||= say("day", { day: d.day });
    const item = document.createElement("li");
    const head = document.createElement("code");
    head.textContent = d.head || words.open;
    item.append(d.day + " ", head);
    heads.append(item);
  }
  const items = document.getElementById("lines").children;
  for (const i of broken) items[i]?.classList.add("broken");
  if (broken.length) conclude(false, say("broken", { line: broken[0] + 1 }));
  else if (flaw) conclude(false, flaw);
  else conclude(true, say("holds", { lines: links.length }));
})().catch((e) => {
  const verdict = document.getElementById("verdict");
  verdict.className = "bad";
  verdict.textContent = String(e);
});
