// Who is connected, what they are having done just now, and what they did before.

import { keep, make, makeButton, makeText, makeTime, plain } from "./dom.js";
import { nameKernel, send, state } from "./state.js";

export function showCalls() {
  keep(document.getElementById("calls"), state.calls, makeCall, "No host is doing anything just now.");
}

export function showHosts() {
  const nothing = "No host is connected. Make a token below, then paste what “Connect a host” shows into your host.";
  keep(document.getElementById("hosts"), state.hosts, makeHost, nothing);
  const more = state.counts.hosts - state.hosts.length;
  document.getElementById("here").textContent = `Connected hosts${more > 0 ? ` (and ${more} more)` : ""}`;
}

export function showKernels() {
  keep(
    document.getElementById("kernels"),
    state.kernels,
    makeKernel,
    "No kernel runs. Open a notebook, and hosts can reach its kernel.",
  );
}

export function showRecent() {
  keep(
    document.getElementById("recent"),
    state.recent,
    makeRecent,
    "No host has called anything since Jupyter started.",
  );
}

function makeCall(call) {
  const says = make("span", "", {}, make("strong", plain(call.tool)));
  if (call.kernel) says.append(` on ${plain(nameKernel(call.kernel))}`);
  const wait = make("span", "");
  const who = call.host ? `${plain(call.host)}, token` : "token";
  const aside = make("small", "", {}, `${who} ${plain(call.token)}, since `, makeTime(call.since), wait);
  const body = make("div", "", {}, says, aside);
  if (call.code)
    body.append(make("details", "", {}, make("summary", "Code"), makeText(call.code, "Code of this call")));
  const about = `${plain(call.tool)} of ${plain(call.token)}`;
  const button = makeButton(
    "Interrupt",
    () => send("POST", `calls/${call.id}/interrupt`),
    `Interrupted ${about}.`,
    about,
  );
  button.className = "careful";
  const item = make("li", "", {}, body, button);
  item.renew = ({ approval, state: now }) => {
    const asks = state.approvals.some(({ id }) => id === approval);
    set(wait, asks ? "; waits for your answer" : now === "queued" ? "; waits for the kernel" : "");
  };
  return item;
}

function makeHost(host) {
  const calls = make("span", "");
  const kernels = make("span", "");
  const aside = make(
    "small",
    "",
    {},
    `token ${plain(host.token)}, ${plain(host.era)} protocol, since `,
    makeTime(host.since),
    calls,
    kernels,
  );
  const item = make(
    "li",
    "",
    {},
    make("div", "", {}, make("strong", plain(host.name || "A host without a name")), aside),
  );
  if (host.address) aside.append(`; bound to ${plain(nameKernel(host.address))}`);
  item.renew = (now) => {
    set(calls, `, ${now.calls} call${now.calls === 1 ? "" : "s"}`);
    set(kernels, now.kernels.length ? ` to ${now.kernels.map(nameKernel).map(plain).join(", ")}` : "");
  };
  return item;
}

function makeKernel(kernel) {
  const name = make("strong", "");
  const item = make(
    "li",
    "",
    {},
    make("div", "", {}, name, make("small", `${plain(kernel.name)}, ${plain(kernel.id)}`)),
  );
  item.renew = (now) => set(name, plain(now.notebook ?? now.external ?? "without a notebook"));
  return item;
}

function makeRecent(call) {
  const { kernel, notebook, ...others } = call.arguments;
  const said = Object.entries(others).filter(([, value]) => typeof value !== "object");
  const what = make("td", "", {}, make("strong", plain(call.name || call.method)));
  if (said.length) what.append(make("small", said.map(([name, value]) => `${plain(name)}=${plain(value)}`).join(", ")));
  const place = typeof kernel === "string" ? nameKernel(kernel) : typeof notebook === "string" ? notebook : "";
  const outcome = { ok: "done", error: "failed", asked: "asked you", cancelled: "gone" }[call.outcome];
  const how = make(
    "td",
    "",
    {},
    make("span", outcome, { className: `badge ${call.outcome}` }),
    make("small", call.error ? plain(call.error) : nameDuration(call.seconds)),
  );
  const who = make("td", "", {}, plain(call.host || "A host"), make("small", `token ${plain(call.token)}`));
  return make("tr", "", {}, make("td", "", {}, makeTime(call.time)), what, make("td", plain(place)), who, how);
}

function nameDuration(seconds) {
  return seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
