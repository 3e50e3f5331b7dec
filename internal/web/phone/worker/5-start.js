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
  for (const name of ["lang", "key", "endpoint", "name", "device"]) {
    if (message[name]) await note(name, message[name]);
  }
  await flush();
  try { await register(); } catch { /* at the next start */ }
}
