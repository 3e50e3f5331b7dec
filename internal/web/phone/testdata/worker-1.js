const words = {"en":{"Taken":"You have it","TakenText":"{ticket} acknowledged {at}","TakenLate":"You have it","TakenLateText":"{ticket} is acknowledged only now; you pressed at {at}","Other":"{who} has it","OtherText":"{ticket} was taken at {at}, before you. Nothing changed.","Over":"It is over","OverText":"{ticket} was over already. Nothing changed.","Some":"You have {done}","SomeText":"{left} were left as they are: somebody else has them, or they are over.","Refused":"NOT acknowledged","RefusedText":"{ticket}: the pager refused it and it is not tried again: {why}","Unreached":"NOT acknowledged yet","UnreachedText":"{ticket}: the pager could not be reached, and paging goes on. It is sent as soon as there is network.","Sending":"Sending …","Something":"A page from Astreinte","Again":"Try again","Open":"Open","Old":"No network. This was known at {at}, {ago} ago.","Seconds":"{n} s","Minutes":"{n} min","Hours":"{n} h","Unknown":"No network, and nothing is kept of this page.","Kept":"No network: NOT acknowledged yet, and paging goes on. It is kept, and sent as soon as there is network.","Undone":"No network: nothing was done."},"fr":{"Taken":"C'est à vous","TakenText":"{ticket} acquitté à {at}","TakenLate":"C'est à vous","TakenLateText":"{ticket} n'est acquitté que maintenant ; vous avez appuyé à {at}","Other":"C'est à {who}","OtherText":"{ticket} était pris à {at}, avant vous. Rien n'a changé.","Over":"C'est fini","OverText":"{ticket} était déjà fini. Rien n'a changé.","Some":"Vous en avez {done}","SomeText":"{left} restent comme ils sont : un autre les a, ou ils sont finis.","Refused":"PAS acquitté","RefusedText":"{ticket} : refusé, et on n'essaie plus : {why}","Unreached":"PAS encore acquitté","UnreachedText":"{ticket} : le serveur n'a pas pu être joint, et les appels continuent. Cela part dès qu'il y a du réseau.","Sending":"Envoi …","Something":"Un message d'Astreinte","Again":"Réessayer","Open":"Ouvrir","Old":"Pas de réseau. Ceci était connu à {at}, il y a {ago}.","Seconds":"{n} s","Minutes":"{n} min","Hours":"{n} h","Unknown":"Pas de réseau, et rien n'est gardé de cette page.","Kept":"Pas de réseau : PAS encore acquitté, et les appels continuent. C'est gardé, et part dès qu'il y a du réseau.","Undone":"Pas de réseau : rien n'a été fait."},"it":{"Taken":"È suo","TakenText":"{ticket} preso alle {at}","TakenLate":"È suo","TakenLateText":"{ticket} è preso solo ora; ha premuto alle {at}","Other":"Ce l'ha {who}","OtherText":"{ticket} era preso alle {at}, prima di lei. Nulla è cambiato.","Over":"È finito","OverText":"{ticket} era già finito. Nulla è cambiato.","Some":"Ne ha {done}","SomeText":"{left} restano come sono: li ha un altro, o sono finiti.","Refused":"NON preso","RefusedText":"{ticket}: rifiutato, e non si riprova: {why}","Unreached":"NON ancora preso","UnreachedText":"{ticket}: il server non è raggiungibile, e le chiamate continuano. Parte appena c'è rete.","Sending":"Invio …","Something":"Un messaggio di Astreinte","Again":"Riprova","Open":"Apri","Old":"Nessuna rete. Questo era noto alle {at}, {ago} fa.","Seconds":"{n} s","Minutes":"{n} min","Hours":"{n} h","Unknown":"Nessuna rete, e nulla è conservato di questa pagina.","Kept":"Nessuna rete: NON ancora preso, e le chiamate continuano. È conservato, e parte appena c'è rete.","Undone":"Nessuna rete: nulla è stato fatto."}};
// What the worker keeps in the browser: "queue" has what was pressed and not
// answered yet, "facts" what the pages told it: language, path of the person, key
// and endpoint of the subscription.
const dbName = "astreinte", dbVersion = 1;

function openStore() {
  return new Promise((resolve, reject) => {
    const ask = indexedDB.open(dbName, dbVersion);
    ask.onupgradeneeded = () => {
      ask.result.createObjectStore("queue", { keyPath: "id", autoIncrement: true });
      ask.result.createObjectStore("facts");
    };
    ask.onsuccess = () => resolve(ask.result);
    ask.onerror = () => reject(ask.error);
  });
}

// inStore does one thing in one transaction, and returns what it answered once that
// is on the disk.
async function inStore(name, mode, does) {
  const db = await openStore();
  try {
    return await new Promise((resolve, reject) => {
      const all = db.transaction(name, mode, { durability: "strict" });
      const ask = does(all.objectStore(name));
      all.oncomplete = () => resolve(ask.result);
      all.onabort = () => reject(all.error);
    });
  } finally {
    db.close();
  }
}

const fact = (name) => inStore("facts", "readonly", (s) => s.get(name));
const note = (name, value) => inStore("facts", "readwrite", (s) => s.put(value, name));
const queued = () => inStore("queue", "readonly", (s) => s.getAll());
const keepItem = (item) => inStore("queue", "readwrite", (s) => s.put(item));
const dropItem = (id) => inStore("queue", "readwrite", (s) => s.delete(id));
const dropQueue = () => inStore("queue", "readwrite", (s) => s.clear());

// wordsOf are the words of a language, English where there are none.
const wordsOf = (tag) => words[(tag || "").slice(0, 2)] ?? words.en;

// spoken is the language of the person, as the last page had it.
async function spoken(tag) {
  return tag || (await fact("lang").catch(() => "")) || navigator.language;
}

const fill = (text, places) => text.replace(/\{(\w+)\}/g, (all, name) => places[name] ?? all);
const clock = (at, tag) => new Date(at).toLocaleTimeString(tag || undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

// own says whether an address is the daemon's that this worker is from.
function own(address) {
  try {
    const url = new URL(address, location.origin);
    return url.origin === location.origin && url.pathname.startsWith(base + "/");
  } catch {
    return false;
  }
}

// tellPages says something to the pages that are open.
async function tellPages(what) {
  for (const page of await clients.matchAll({ type: "window", includeUncontrolled: true })) page.postMessage(what);
}
// The queue: an acknowledgement is written down before it is sent, and leaves when
// the daemon has answered. It is never said to be done before that.
const patience = 20000;

// oneAtATime runs what sends: two workers of two versions may live at once.
let turn = Promise.resolve();
function oneAtATime(work) {
  if (navigator.locks) return navigator.locks.request("astreinte-queue", work);
  turn = turn.then(work, work);
  return turn;
}

// press writes down that an acknowledgement was pressed, and sends it. Of one that
// waits already, the first press counts.
async function press(item) {
  const same = (i) => !i.shown && i.link === item.link && i.ticket === item.ticket;
  if (!(await queued()).some(same)) await keepItem({ ...item, pressedAt: new Date().toISOString(), tries: 0 });
  await later();
  return flush();
}

// later has the browser call back when there is network, where it can.
async function later() {
  try { await registration.sync?.register("queue"); } catch { /* "online" and the next start do it */ }
}

// flush sends what waits, and returns how much still does.
function flush() {
  return oneAtATime(async () => {
    let left = 0;
    for (const item of await queued()) {
      item.tries++;
      await keepItem(item);
      const answer = await ask(item);
      if (!answer) {
        left++;
        if (!item.told && !item.shown) {
          await keepItem({ ...item, told: true });
          await tell(item, "Unreached", {});
        }
        continue;
      }
      await dropItem(item.id);
      if (!item.shown) await tell(item, ...answer);
    }
    return left;
  });
}

// ask sends one, and returns the words that say what was answered, and their places;
// null where the daemon was not reached. What is no JSON is not the daemon's: a
// network that wants one to sign in, a proxy.
async function ask(item) {
  let response, body;
  try {
    response = await fetch(...request(item));
    if (item.shown) return response.status < 500 ? [] : null;
    if (!(response.headers.get("Content-Type") ?? "").startsWith("application/json")) return null;
    body = await response.json();
  } catch {
    return null;
  }
  if (response.ok) return accepted(item, body);
  if (response.status >= 500 || response.status === 408 || response.status === 429) return null;
  const error = body.error ?? {};
  if (error.code === "over" || ["resolved", "closed"].includes(error.state)) return ["Over", {}];
  if (error.code === "state" && error.by && error.state !== "open") return ["Other", { who: error.by, at: error.at }];
  return ["Refused", { why: error.message ?? String(response.status) }];
}

function request(item) {
  const init = { method: "POST", cache: "no-store", redirect: "error", keepalive: true, signal: AbortSignal.timeout(patience) };
  if (item.shown) return [item.shown, { ...init, credentials: "omit" }];
  const pressed = item.tries > 1 ? { pressed_at: item.pressedAt } : {};
  if (item.link) {
    const fields = { action: "acknowledge", ...(item.seen ? { seen: item.seen } : {}), ...pressed };
    return [item.link, { ...init, credentials: "omit", headers: { Accept: "application/json" }, body: new URLSearchParams(fields) }];
  }
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  return [`${base}/api/v1/tickets/${encodeURIComponent(item.ticket)}/acknowledge`, { ...init, credentials: "same-origin", headers, body: JSON.stringify(pressed) }];
}

function accepted(item, body) {
  const at = item.tries > 1 ? item.pressedAt : new Date();
  if (typeof body.done !== "number") return [item.tries > 1 ? "TakenLate" : "Taken", { at }];
  if (body.unchanged > 0) return ["Some", { done: body.done, left: body.unchanged, at }];
  return [body.done > 0 ? "Taken" : "Over", { at }];
}

// tell says on the notification, and to the pages that are open, what came of one.
async function tell(item, about, places) {
  const lang = await spoken(item.lang), t = wordsOf(lang);
  const filled = { ticket: item.name || item.ticket || "", ...places };
  if (places.at) filled.at = clock(places.at, lang);
  const title = fill(t[about], filled), body = fill(t[about + "Text"], filled);
  const waits = about === "Unreached";
  await notify(title, {
    body, lang, tag: item.tag || item.ticket, silent: true, requireInteraction: waits, data: item.data ?? { navigate: `${base}/tickets/${item.ticket}` },
    actions: waits && item.data?.acknowledge ? buttons(t) : [],
  });
  await tellPages({ told: `${title}. ${body}`, bad: !["Taken", "TakenLate"].includes(about), waits });
}

const buttons = (t) => [{ action: "acknowledge", title: t.Again }, { action: "open", title: t.Open }];

// notify shows a notification where that is allowed; a page says it otherwise.
async function notify(title, options) {
  try {
    await registration.showNotification(title, { icon: `${base}/icons/icon-192.png`, badge: `${base}/icons/badge-96.png`, ...options });
    return true;
  } catch {
    return false;
  }
}

self.addEventListener("sync", (event) => event.waitUntil(flush().then((left) => {
  if (left) throw new Error("not reached"); // the browser calls back
})));
// Pushes, and what is pressed on their notifications. A push has the form of
// Declarative Web Push: where the browser has dropped this worker, it shows the same
// by itself.
self.addEventListener("push", (event) => event.waitUntil(pushed(event)));

// messageOf reads a push; one that cannot be read says that there is something.
function messageOf(event) {
  try {
    const sent = event.data?.json()?.notification;
    if (sent) return sent;
  } catch { /* no text of ours */ }
  const proposed = event.notification;
  return proposed ? { title: proposed.title, body: proposed.body, tag: proposed.tag, lang: proposed.lang, data: proposed.data } : {};
}

async function pushed(event) {
  const n = messageOf(event), data = n.data ?? {}, lang = await spoken(n.lang), t = wordsOf(lang);
  const shown = await notify(n.title || t.Something, {
    body: n.body ?? "", lang, tag: n.tag ?? "", renotify: Boolean(n.tag) && n.renotify !== false, requireInteraction: n.requireInteraction !== false,
    timestamp: n.timestamp ?? Date.now(), vibrate: [400, 200, 400, 200, 800], data: { ...data, navigate: n.navigate, tag: n.tag, lang },
    actions: (n.actions ?? []).slice(0, Notification.maxActions || 2).map(({ action, title }) => ({ action, title })),
  });
  if (shown && own(data.shown)) await keepItem({ shown: data.shown, tries: 0 });
  if (shown) await tellPages({ shown: true, kind: data.kind ?? "" });
  await flush(); // there is network
}

self.addEventListener("notificationclick", (event) => event.waitUntil(clicked(event)));

async function clicked(event) {
  const { notification, action } = event, data = notification.data ?? {};
  if (action === "acknowledge" && own(data.acknowledge)) {
    const t = wordsOf(data.lang), name = data.ticket ?? "";
    await notify(t.Sending, { body: notification.body, lang: data.lang, tag: data.tag, silent: true, data });
    return press({ link: data.acknowledge, seen: data.seen ?? "", name, tag: data.tag, lang: data.lang, data });
  }
  notification.close();
  return show(data.kind === "test" ? `${base}/phone?arrived=1` : data.open || data.navigate || `${base}/now`);
}

// show opens an address, in a window that has it open where there is one.
async function show(address) {
  const url = new URL(address, location.origin).href;
  for (const page of await clients.matchAll({ type: "window" })) {
    if (page.url === url) return page.focus();
  }
  return clients.openWindow(url);
}

// The push service may end a subscription and begin another one.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

async function renew(event) {
  if (!event.newSubscription) {
    const key = event.oldSubscription?.options?.applicationServerKey ?? (await fact("key"));
    await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }
  await register();
}

// register tells the daemon of the subscription where it is another one than the
// daemon knows. A phone that was never enrolled is not by this.
async function register() {
  const [person, known] = [await fact("person"), await fact("endpoint")];
  const now = await registration.pushManager?.getSubscription();
  if (!person || !known || !now || now.endpoint === known) return;
  const response = await fetch(`${base}/api/v1${person}/devices`, {
    method: "POST", cache: "no-store", credentials: "same-origin", redirect: "error",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify({ platform: "web", name: (await fact("name")) ?? "", subscription: now }),
  });
  if (response.ok) await note("endpoint", now.endpoint);
}
// Without network the application shows what it last knew, and how old that is; an
// acknowledgement that is pressed then waits in the queue. Pages behind a link,
// addresses that are secrets, and whatever is no page of the application are not kept.
const pageCache = "pages", assetCache = "assets", mostPages = 40, mostAssets = 60, slow = 8000;
const appPage = /^\/(now|oncall|phone|tickets(\/[^/]+)?)?$/;
const asset = /^\/(assets|icons)\//;
const taking = /^\/(a\/[^/]+|tickets|tickets\/[^/]+)$/;
const leaving = /^\/(sign-out|sign-in|enrol\/[^/]+|invite\/[^/]+)$/;
const offlinePage = `${base}/phone/offline`;

self.addEventListener("fetch", (event) => {
  const request = event.request, url = new URL(request.url);
  if (url.origin !== location.origin || !url.pathname.startsWith(base + "/")) return;
  const path = url.pathname.slice(base.length), get = request.method === "GET";
  if (get && asset.test(path)) event.respondWith(fromAssets(request));
  else if (get && path === "/sign-in" && request.mode === "navigate") event.waitUntil(forgetPages()); // nobody is signed in
  else if (get && appPage.test(path) && (request.mode === "navigate" || part(request))) event.respondWith(page(event, keyOf(url)));
  else if (request.method === "POST" && leaving.test(path)) event.respondWith(leave(request));
  else if (request.method === "POST" && taking.test(path)) event.respondWith(take(request, url, path));
});

// part says whether a page asks for its own middle.
const part = (request) => request.headers.get("HX-Request") === "true" && (request.headers.get("HX-Target") ?? "").startsWith("main");

// keyOf is an address without what only says what came of a button.
function keyOf(url) {
  const key = new URL(url.href);
  for (const name of ["done", "n", "left", "about", "arrived"]) key.searchParams.delete(name);
  return key.pathname + key.search;
}

async function fromAssets(request) {
  const cache = await caches.open(assetCache), had = await cache.match(request.url);
  if (had) return had;
  const response = await fetch(request);
  if (response.ok) {
    await cache.put(request.url, response.clone());
    await trim(cache, mostAssets);
  }
  return response;
}

// trim forgets what was kept first.
async function trim(cache, most) {
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - most))) await cache.delete(key);
}

// page asks the network first. One that is slow is overtaken by what is kept.
async function page(event, key) {
  const request = event.request, middle = part(request), of = owner;
  const asked = fetch(request).then((response) => {
    const html = (response.headers.get("Content-Type") ?? "").startsWith("text/html");
    if (response.status === 200 && html && !response.redirected) event.waitUntil(keep(key, response.clone(), middle, of));
    return response;
  });
  if (middle) return asked; // the page itself says how old it is
  const late = new Promise((resolve) => setTimeout(resolve, slow)).then(() => kept(key)).then((had) => had ?? asked);
  try {
    return await Promise.race([asked, late]);
  } catch {
    return (await kept(key)) ?? said("Unknown");
  }
}

// keep has a page as it is now; of a middle, the page that is kept has it from now on.
async function keep(key, response, middle, of) {
  const cache = await caches.open(pageCache);
  let text = await response.text(), headers = new Headers(response.headers);
  if (middle) {
    const whole = await cache.match(key);
    if (!whole) return;
    headers = new Headers(whole.headers);
    const now = text;
    text = (await whole.text()).replace(/<main id="page"[\s\S]*<\/main>/, () => now);
  }
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  headers.set("X-Kept-At", new Date().toISOString());
  if (of !== owner) return; // its reader has signed out meanwhile
  await cache.delete(key); // the newest is the last
  await cache.put(key, new Response(text, { headers }));
  await trim(cache, mostPages);
}

// kept is a page as it was last known, with a banner that says so.
async function kept(key) {
  const had = await (await caches.open(pageCache)).match(key);
  if (!had) return null;
  const lang = await spoken(""), at = had.headers.get("X-Kept-At");
  const text = fill(wordsOf(lang).Old, { at: clock(at, lang), ago: ago(Date.now() - Date.parse(at), wordsOf(lang)) });
  const banner = `<p id="kept" class="stale" role="status">${escaped(text)}</p>`;
  return new Response((await had.text()).replace('<main id="page"', () => banner + '<main id="page"'), { headers: had.headers });
}

function ago(ms, t) {
  const minutes = Math.floor(ms / 60000);
  if (minutes < 1) return fill(t.Seconds, { n: Math.max(0, Math.round(ms / 1000)) });
  if (minutes < 120) return fill(t.Minutes, { n: minutes });
  return fill(t.Hours, { n: Math.floor(minutes / 60) });
}

const escaped = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

// said is a page that says one thing; its frame was kept when the worker came.
async function said(about, request) {
  const text = escaped(wordsOf(await spoken(""))[about]);
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'" };
  const middle = `<main id="page" tabindex="-1"><p class="flash bad" role="status">${text}</p></main>`;
  if (request?.headers.get("HX-Request") === "true") return new Response(middle, { headers });
  const frame = await caches.match(offlinePage);
  const whole = frame ? (await frame.text()).replace(/<main id="page"[\s\S]*<\/main>/, () => middle) : middle;
  return new Response(whole, { headers: frame ? frame.headers : headers });
}

// take passes a button's form on. Where there is no network an acknowledgement is
// kept, and anything else is said not to be done.
async function take(request, url, path) {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch {
    const form = await copy.formData(), items = takenBy(form, url, path);
    if (!items.length) return said("Undone", request);
    for (const item of items) {
      if (!(await queued()).some((i) => i.link === item.link && i.ticket === item.ticket && !i.shown)) {
        await keepItem({ ...item, pressedAt: new Date().toISOString(), tries: 1, told: true });
      }
    }
    await later();
    return said("Kept", request);
  }
}

// takenBy lists what a form would have acknowledged.
function takenBy(form, url, path) {
  if (path === "/tickets") return form.getAll("ticket").map((t) => ({ ticket: String(t).split(" ")[0] }));
  if (form.get("action") !== "acknowledge") return [];
  if (path.startsWith("/tickets/")) return [{ ticket: decodeURIComponent(path.slice("/tickets/".length)) }];
  return [{ link: url.pathname + url.search, seen: form.get("seen") ?? "" }];
}

// leave forgets what was kept for whoever was signed in: pages, and what waits.
async function leave(request) {
  await forget();
  return fetch(request);
}

// owner counts who had the pages that are kept.
let owner = 0;

async function forgetPages() {
  owner++;
  await caches.delete(pageCache);
}

async function forget() {
  await forgetPages();
  await dropQueue();
}
// The worker's own life. A new version takes over at once: none keeps anything that
// another cannot read.
self.addEventListener("install", (event) => event.waitUntil((async () => {
  const response = await fetch(offlinePage, { credentials: "omit", cache: "no-store" });
  if (response.ok) await (await caches.open("frame")).put(offlinePage, response);
  await skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  await clients.claim();
  await flush();
})()));

// What pages tell: that they started, for whom and in which language; that there is
// network; that the phone is registered.
self.addEventListener("message", (event) => event.waitUntil(heard(event.data ?? {})));

async function heard(message) {
  if (message.person) {
    const was = await fact("person");
    if (was && was !== message.person) await forget(); // another person's
    await note("person", message.person);
  }
  for (const name of ["lang", "key", "endpoint", "name"]) {
    if (message[name]) await note(name, message[name]);
  }
  await flush();
  try { await register(); } catch { /* at the next start */ }
}
