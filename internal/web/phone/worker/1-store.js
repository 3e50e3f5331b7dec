// What the worker keeps in the browser: "queue" has what was pressed and not
// answered yet, "facts" what the pages told it: language, path of the person, key
// and endpoint of the subscription, id of the device.
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

// What the desk's clock shows where it is not the browser's: that of the demo may run
// fast. Null: it is the browser's; undefined: it was not looked up since this start.
let desk;

async function deskClock() {
  if (desk === undefined) desk = (await fact("clock").catch(() => null)) ?? null;
  return desk;
}

// readClock reads what a page says of it.
async function readClock(response) {
  const [at, speed] = (response.headers.get("Astreinte-Clock") ?? "").split(" ");
  if (!at && !(await deskClock())) return;
  desk = at ? { at: Date.parse(at), read: Date.now(), speed: Number(speed) || 1 } : null;
  await note("clock", desk);
}

// now is the desk's time.
async function now() {
  const at = await deskClock(), here = Date.now();
  return new Date(at ? at.at + (here - at.read) * at.speed : here);
}

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
