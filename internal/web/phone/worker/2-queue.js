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
  if (!(await queued()).some(same)) await keepItem({ ...item, pressedAt: (await now()).toISOString(), tries: 0 });
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

async function accepted(item, body) {
  const at = item.tries > 1 ? item.pressedAt : await now();
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

self.addEventListener("sync", (event) => event.waitUntil((async () => {
  const left = await flush();
  await register();
  if (left) throw new Error("not reached"); // the browser calls back
})()));
