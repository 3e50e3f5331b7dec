// A form with data-passkey asks this device for a passkey: to sign in by one
// ("use"), or to keep a new one ("add"). Its action + "/begin" says what to ask
// for, its action takes the answer and says where to go on.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials || window.astreintePasskeys) return;
  window.astreintePasskeys = true;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => buffer && btoa(Array.from(new Uint8Array(buffer), (b) => String.fromCharCode(b)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

  const send = async (path, body) => {
    const answer = await fetch(path, {
      method: "POST", credentials: "same-origin", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  const use = async (asked) => navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
  });

  const add = async (asked) => navigator.credentials.create({
    publicKey: {
      ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: named(asked.excludeCredentials),
    },
  });

  const plain = (made) => {
    const r = made.response;
    return {
      id: made.id, rawId: text(made.rawId), type: made.type, authenticatorAttachment: made.authenticatorAttachment || undefined,
      clientExtensionResults: made.getClientExtensionResults(),
      response: {
        clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject), authenticatorData: text(r.authenticatorData || null) || undefined,
        signature: text(r.signature), userHandle: text(r.userHandle) || undefined, transports: r.getTransports ? r.getTransports() : undefined,
      },
    };
  };

  const failed = (form, is) => form.querySelectorAll("[role=alert]").forEach((said) => { said.hidden = !is; });

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-passkey]");
    if (!form) return;
    event.preventDefault();
    const path = form.getAttribute("action");
    const buttons = form.querySelectorAll("button");
    failed(form, false);
    buttons.forEach((b) => { b.disabled = true; });
    try {
      const asked = await send(path + "/begin", {});
      const made = await (form.dataset.passkey === "add" ? add : use)(asked);
      const on = await send(path, { ...Object.fromEntries(new FormData(form)), answer: plain(made) });
      location.assign(on.to);
    } catch {
      failed(form, true);
      buttons.forEach((b) => { b.disabled = false; });
    }
  });

  const show = () => {
    document.querySelectorAll("form[data-passkey][hidden]").forEach((form) => { form.hidden = false; });
    document.querySelectorAll("[data-no-passkey]:not([hidden])").forEach((said) => { said.hidden = true; });
  };
  show();
  new MutationObserver(show).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["hidden"] });
})();
