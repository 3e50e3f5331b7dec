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
  if (!event.newSubscription) await subscribe(event.oldSubscription?.options?.applicationServerKey);
  try {
    await register();
  } catch {
    await later();
  }
}

// subscribe makes a subscription where that may be, and answers with null otherwise.
async function subscribe(of) {
  const key = of ?? (await fact("key"));
  if (!key || Notification.permission !== "granted") return null;
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

// register tells the daemon of the subscription where it is another one than the
// daemon knows: the device goes on with it, and what it had before is forgotten. One
// that is gone without a word is made anew. A phone that was never enrolled is not by
// this. It throws where the daemon is not reached.
async function register() {
  const [person, known] = [await fact("person"), await fact("endpoint")];
  if (!person || !known || !registration.pushManager) return;
  const now = (await registration.pushManager.getSubscription()) ?? (await subscribe());
  if (!now || now.endpoint === known) return;
  const response = await fetch(`${base}/api/v1${person}/devices`, {
    method: "POST", cache: "no-store", credentials: "same-origin", redirect: "error",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify({ platform: "web", name: (await fact("name")) ?? "", subscription: now, replaces: (await fact("device")) ?? "" }),
  });
  if (response.status >= 500) throw new Error(String(response.status));
  if (!response.ok) return;
  await note("device", (await response.json()).id);
  await note("endpoint", now.endpoint);
}
