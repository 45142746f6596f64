// What to paste into a host.

import { make, makeCopyButton, makeText, plain, setStatus } from "./dom.js";
import { ask, nameKernel, state } from "./state.js";
import { made } from "./tokens.js";

const dialect = document.getElementById("dialect");
const address = document.getElementById("address");
const ways = { stdio: "Starts a command; no token in its file", http: "Over HTTP" };

let offered = { http: [], stdio: [] };

export function watchChoices() {
  address.addEventListener("change", loadSnippets);
  dialect.addEventListener("change", showSnippets);
}

// Offers everything, and each notebook or kernel for itself; keeps what is chosen.
export function showAddresses() {
  const chosen = address.value;
  const options = state.kernels.map(({ id, notebook }) => {
    const value = new URLSearchParams(notebook ? { notebook } : { kernel: id }).toString();
    return make("option", `only ${plain(notebook ?? nameKernel(id))}`, { value });
  });
  address.replaceChildren(make("option", "every kernel", { value: "" }), ...options);
  address.value = options.some(({ value }) => value === chosen) ? chosen : "";
  if (address.value !== chosen || !offered.http.length) loadSnippets();
}

async function loadSnippets() {
  const place = new URLSearchParams({ origin: location.origin });
  for (const [name, value] of new URLSearchParams(address.value)) place.set(name, value);
  try {
    offered = await ask("GET", `snippets?${place}`);
  } catch (error) {
    setStatus(String(error.message));
  }
  const hosts = [...new Set([...offered.http, ...offered.stdio].map(({ host }) => host))];
  const chosen = dialect.value;
  dialect.replaceChildren(...hosts.map((host) => make("option", host, { value: host })));
  if (hosts.includes(chosen)) dialect.value = chosen;
  showSnippets();
}

export function showSnippets() {
  const blocks = Object.entries(ways).flatMap(([way, says]) =>
    offered[way].filter(({ host }) => host === dialect.value).map((snippet) => makeSnippet(says, snippet, way)),
  );
  document.getElementById("snippets").replaceChildren(...blocks);
}

function makeSnippet(says, { host, place, text }, way) {
  const profile = made.profile ?? state.tokens.find((token) => token.profile && !token.expired)?.name;
  let shown = made.secret ? text.replaceAll("YOUR_HOST_TOKEN", made.secret) : text;
  if (profile) shown = shown.replaceAll("YOUR_PROFILE", profile);
  const head = make("div", "", { className: "row" }, make("h3", says), make("small", place));
  head.append(makeCopyButton(() => shown, `what goes into ${host}, ${place}`));
  const block = make("div", "", { className: "snippet" }, head, makeText(shown, `${host}, ${place}`));
  if (way === "stdio" && !profile)
    block.append(
      make(
        "p",
        "First make a token that is kept for mcp-notebook stdio (above); its name goes where YOUR_PROFILE stands.",
        { className: "aside" },
      ),
    );
  if (shown.includes("YOUR_HOST_TOKEN"))
    block.append(
      make("p", "Your token goes where YOUR_HOST_TOKEN stands; right after you made one above, it stands here.", {
        className: "aside",
      }),
    );
  return block;
}
