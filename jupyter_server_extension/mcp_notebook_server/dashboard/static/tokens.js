// Host tokens: which there are, and a new one, which is shown once.

import { keep, make, makeButton, makeCarefulButton, makeCopyButton, makeTime, plain, setStatus } from "./dom.js";
import { nameKernel, send, state } from "./state.js";

export const made = { secret: null, profile: null };

// Tokens that ended while the page was open, by whomever: they stay on it, for a person to see that it is so.
const revoked = new Map();
let known = [];

export function showTokens() {
  const there = new Set(state.tokens.map(({ id }) => id));
  for (const token of known)
    if (!there.has(token.id)) revoked.set(token.id, { ...token, revoked: new Date().toISOString() });
  for (const id of there) revoked.delete(id);
  known = state.tokens;
  keep(
    document.getElementById("tokens"),
    [...known, ...revoked.values()],
    makeToken,
    "None. Without a token no host gets in: make one here, or with `mcp-notebook token create`.",
  );
}

// Offers the notebooks and kernels that run, and keeps what is chosen.
export function showChoices() {
  const entries = state.kernels.map(({ id, notebook }) => ({
    id: notebook ?? id,
    kind: notebook ? "notebooks" : "kernels",
  }));
  keep(
    document.getElementById("choices"),
    entries,
    ({ id, kind }) => {
      const box = make("input", "", { type: "checkbox", name: kind, value: id });
      return make("label", "", {}, box, ` ${plain(nameKernel(id))}`);
    },
    "No kernel runs.",
  );
}

export function watchForm(onMade) {
  const form = document.getElementById("token");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = new FormData(form);
    const wanted = {
      name: said.get("name"),
      scopes: ["write", "execute"].filter((scope) => said.has(scope)),
      kernels: said.getAll("kernels"),
      notebooks: said.getAll("notebooks"),
      expires: said.get("expires"),
      profile: said.has("profile"),
      trusts_host_consent: said.has("trusts_host_consent"),
    };
    try {
      const { secret } = await send("POST", "tokens", wanted);
      Object.assign(made, wanted.profile ? { secret: null, profile: wanted.name } : { secret, profile: null });
      form.reset();
      document.getElementById("making").open = false;
      showMade(wanted.name, onMade);
      onMade();
    } catch (error) {
      setStatus(String(error.message));
    }
  });
}

function showMade(name, onHidden) {
  const box = document.getElementById("made");
  const where = make(
    "p",
    made.secret
      ? "Copy it now: it is not shown again."
      : "It is kept for the bridge. “Connect a host” shows what to paste.",
  );
  const hide = makeButton("Done", async () => {
    made.secret = null;
    box.hidden = true;
    box.replaceChildren();
    onHidden();
    document.getElementById("keys").focus();
  });
  box.replaceChildren(make("h3", `The token ${plain(name)}`), where);
  if (made.secret) {
    const secret = make("code", made.secret, { id: "secret", tabIndex: 0 });
    box.append(
      make("p", "", {}, secret),
      makeCopyButton(() => secret.textContent, "the token"),
    );
  }
  box.append(hide);
  box.hidden = false;
  box.focus();
  setStatus(`Made the token ${plain(name)}.`);
}

function makeToken(token) {
  const name = plain(token.name);
  const badge = make("span", "");
  const scopes = token.scopes.map((scope) => make("span", plain(scope), { className: "badge" }));
  const sees = [...token.notebooks, ...token.kernels.map(nameKernel)].map(plain).join(", ") || "every kernel";
  const ends = make("span", "");
  const used = make("span", "");
  const more =
    (token.profile ? "; kept for the bridge" : "") + (token.trusts_host_consent ? "; its host is believed" : "");
  const head = make("div", "", { className: "row" }, make("strong", name), badge, ...scopes);
  const body = make("div", "", {}, head, make("small", "", {}, `Sees ${sees}; `, ends, "; ", used, more));
  const path = `tokens/${encodeURIComponent(token.name)}`;
  const renew = makeButton("Renew", () => send("POST", `${path}/renew`), `Renewed ${name}.`, name);
  const revoke = makeCarefulButton(
    "Revoke",
    "Revoke now?",
    () => send("DELETE", path),
    `Revoked ${name}: its hosts are cut off.`,
    name,
  );
  revoke.className = "careful";
  const buttons = make("div", "", { className: "answers" }, renew, revoke);
  const item = make("li", "", {}, body, buttons);
  item.renew = (now) => {
    const live = state.hosts.some((host) => host.token === now.name);
    const over = now.revoked ? "revoked" : now.expired ? "expired" : "";
    badge.textContent = over || (live ? "in use" : "live");
    badge.className = `badge ${over ? "error" : "ok"}`;
    ends.replaceChildren(
      now.revoked ? "revoked " : now.expired ? "ended " : "ends ",
      makeTime(now.revoked ?? now.expires),
    );
    used.replaceChildren(...(now.last_use ? ["last used ", makeTime(now.last_use)] : ["never used"]));
    if (now.revoked) buttons.remove();
  };
  return item;
}
