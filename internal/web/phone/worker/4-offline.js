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
    if (html) event.waitUntil(readClock(response).catch(() => {}));
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
    const middleNow = text;
    text = (await whole.text()).replace(/<main id="page"[\s\S]*<\/main>/, () => middleNow);
  }
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  headers.set("X-Kept-At", (await now()).toISOString());
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
  const text = fill(wordsOf(lang).Old, { at: clock(at, lang), ago: ago((await now()) - Date.parse(at), wordsOf(lang)) });
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
  const words = wordsOf(await spoken("")), text = escaped(words[about]);
  const back = request ? `<p><a class="tap" href="${escaped(request.url)}">${escaped(words.Again)}</a></p>` : "";
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'" };
  const middle = `<main id="page" tabindex="-1"><p class="flash bad" role="status">${text}</p>${back}</main>`;
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
        await keepItem({ ...item, pressedAt: (await now()).toISOString(), tries: 1, told: true });
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
