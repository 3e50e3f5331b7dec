// The page of a phone's checks: it subscribes to pushes, has one sent, and asks
// whether it came.
(() => {
  "use strict";
  const page = document.getElementById("checks");
  if (!page) return;
  const { base, person, key } = page.dataset;
  const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

  // when shows of a step what is so now.
  function when(step, state, more) {
    for (const e of document.querySelectorAll(`#${step} [data-when]`)) e.hidden = !e.dataset.when.split(" ").includes(state);
    const words = document.querySelector(`#${step} [data-more]`);
    if (words) words.textContent = more ?? "";
    document.getElementById(step).dataset.state = state;
  }

  async function post(path, body) {
    const response = await fetch(base + "/api/v1" + path, {
      method: "POST", redirect: "error", headers: { Accept: "application/json", "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error?.message ?? response.status);
    return answer;
  }

  // nameOf is what a person would call this phone, as far as the browser tells.
  function nameOf() {
    const system = apple ? "iPhone" : /Android/.test(navigator.userAgent) ? "Android" : navigator.userAgentData?.platform || navigator.platform;
    const browser = /Firefox/.test(navigator.userAgent) ? "Firefox" : /EdgA?\//.test(navigator.userAgent) ? "Edge" : /Chrome/.test(navigator.userAgent) ? "Chrome" : "Safari";
    return [system, browser].filter(Boolean).join(" · ");
  }

  let device = "";
  function mine(id) {
    device = id;
    document.querySelector("#confirm [name=device]").value = id;
    document.querySelectorAll("[data-device]").forEach((e) => { e.querySelector("[data-this]").hidden = e.dataset.device !== id; });
  }

  async function subscribe() {
    const registration = await navigator.serviceWorker.ready;
    let is = await registration.pushManager.getSubscription();
    if (is && keyOf(is) && keyOf(is) !== key) {
      await is.unsubscribe();
      is = null;
    }
    is ??= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    const made = await post(person + "/devices", { platform: "web", name: nameOf(), subscription: is, replaces: localStorage.getItem("device") ?? "" });
    localStorage.setItem("device", made.id);
    registration.active?.postMessage({ person, key, endpoint: is.endpoint, device: made.id, name: nameOf(), lang: document.documentElement.lang });
    await fetch(base + "/phone", { method: "POST", redirect: "manual", body: new URLSearchParams({ added: made.id }) });
    mine(made.id);
  }

  function keyOf(subscription) {
    const bytes = subscription.options?.applicationServerKey;
    return bytes ? btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") : "";
  }

  async function check() {
    try {
      if ((await Notification.requestPermission()) !== "granted") {
        when("push", Notification.permission === "denied" ? "denied" : "ask");
        return;
      }
      when("push", "working");
      await subscribe();
      const test = await post(person + "/test", { device });
      const own = test.pages.find((p) => p.address === device);
      if (own?.error) throw new Error(own.error);
      if (document.getElementById("push").dataset.state !== "shown") when("push", "sent");
    } catch (e) {
      when("push", "failed", String(e.message ?? e));
    }
  }

  function begin() {
    if (!key) return when("push", "off");
    if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return when("push", apple && !installed ? "home" : "unsupported");
    if (Notification.permission === "denied") return when("push", "denied");
    when("push", "ask");
    navigator.serviceWorker.addEventListener("message", (e) => { if (e.data?.shown && e.data.kind === "test") when("push", "shown"); });
    navigator.serviceWorker.ready.then((r) => r.pushManager.getSubscription()).then(async (is) => {
      if (is && Notification.permission === "granted") await subscribe();
      if (new URLSearchParams(location.search).has("arrived") && device) when("push", "shown");
      else if (page.dataset.fresh && !is) check(); // scanned just now: the browser asks, where it lets a page do so
    }).catch(() => {});
  }
  document.querySelectorAll("[data-check]").forEach((b) => b.addEventListener("click", check));

  // Installing.
  let offer = null;
  addEventListener("beforeinstallprompt", (e) => {
    e.preventDefault();
    offer = e;
    when("install", "offer");
  });
  addEventListener("appinstalled", () => when("install", "done"));
  document.getElementById("installit")?.addEventListener("click", async () => {
    await offer?.prompt();
    offer = null;
  });
  when("install", installed ? "done" : apple ? "apple" : "other");
  when("sound", apple ? "apple" : /Android/.test(navigator.userAgent) ? "android" : "both");
  begin();
})();
