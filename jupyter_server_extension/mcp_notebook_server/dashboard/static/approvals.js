// The questions that wait for the person, and what they permitted before.

import { keep, make, makeButton, makeText, makeTime, plain } from "./dom.js";
import { send, state, where } from "./state.js";

const answers = [
  ["once", "Allow once"],
  ["decline", "Decline"],
  ["hour", "Allow for an hour"],
  ["day", "Allow for a day"],
  ["always", "Always allow"],
];
const durations = { once: "once", hour: "for an hour", day: "for a day", always: "always" };
const leads = {
  code: "Exactly this would run:",
  diff: "Exactly this would change:",
  action: "Exactly this would happen:",
};
const wanted = new URLSearchParams(location.search).get("approval");

let known = null;

export function showApprovals(setStatus) {
  const { approvals } = state;
  keep(
    document.getElementById("approvals"),
    approvals,
    makeApproval,
    "Nothing. When a host needs your permission, it asks here.",
  );
  document.title = `${approvals.length ? `(${approvals.length}) ` : ""}MCP hosts: what waits for you`;
  if (known === null && wanted) {
    const asked = document.getElementById(wanted);
    if (asked) asked.focus();
    else setStatus("That question waits no more.");
  }
  const fresh = approvals.filter(({ id }) => known && !known.has(id));
  if (fresh.length) document.getElementById("news").textContent = fresh.map(ask).join(". ");
  known = new Set(approvals.map(({ id }) => id));
}

// Hosts whose questions are held back, because the person said no to one after the other.
export function showPauses() {
  const list = document.getElementById("pauses");
  list.hidden = !state.pauses.length;
  keep(list, state.pauses, makePause, "");
}

export function showGrants() {
  keep(document.getElementById("grants"), state.grants, makeGrant, "Nothing beyond what tokens give.");
}

function ask(approval) {
  return `${plain(approval.token)} asks to use ${plain(approval.tool)} on ${plain(where(approval))}`;
}

function makeApproval(approval) {
  const article = make("article", "", { id: approval.id, tabIndex: -1 });
  const head = make("h3", ask(approval), { id: `head-${approval.id}` });
  article.setAttribute("aria-labelledby", head.id);
  const asked = make("p", "", { className: "aside" }, "Asked at ", makeTime(approval.created));
  if (approval.host) asked.append(` by a host that calls itself “${plain(approval.host)}”`);
  asked.append("; waits until ", makeTime(approval.expires), ".");
  article.append(head, asked, make("p", leads[approval.kind]));
  const text = makeText(approval.text, "What would be done");
  article.append(approval.kind === "diff" ? colour(text) : text);
  const buttons = make("div", "", { className: "answers" });
  for (const [answer, label] of answers) {
    const act = () => send("POST", `approvals/${approval.id}`, { answer });
    const button = makeButton(label, act, `${label}: ${plain(approval.tool)} of ${plain(approval.token)}.`);
    button.className = { once: "first", decline: "careful" }[answer] ?? "";
    buttons.append(button);
  }
  const more = `“For an hour”, “for a day” and “always” hold for everything else that needs “${plain(approval.scope)}” on ${plain(where(approval))}, too.`;
  article.append(buttons, make("p", more, { className: "aside" }));
  return article;
}

// Puts each line of a diff into an element of its own; the text stays the same.
function colour(pre) {
  const lines = [[]];
  for (const node of [...pre.childNodes]) {
    if (node.nodeType !== Node.TEXT_NODE) {
      lines.at(-1).push(node);
      continue;
    }
    node.data.split(/(?<=\n)/).forEach((part) => {
      lines.at(-1).push(part);
      if (part.endsWith("\n")) lines.push([]);
    });
  }
  const kinds = { "+": "added", "-": "removed", "@": "place" };
  const spans = lines.filter((line) => line.length).map((line) => make("span", "", {}, ...line));
  for (const span of spans) span.className = kinds[span.textContent[0]] ?? "";
  pre.replaceChildren(...spans);
  return pre;
}

function makePause(pause) {
  const name = plain(pause.token);
  const says = make(
    "span",
    "",
    {},
    make("strong", name),
    ` may not ask you until `,
    makeTime(pause.until),
    `: you declined ${pause.declined} times in a row.`,
  );
  return make(
    "li",
    "",
    {},
    says,
    makeButton("Let it ask", () => send("DELETE", `pauses/${pause.id}`), `${name} may ask again.`, name),
  );
}

function makeGrant(grant) {
  const item = make(
    "li",
    "",
    {},
    make(
      "span",
      "",
      {},
      make("strong", plain(grant.token)),
      `: ${plain(grant.scope)} on ${plain(where(grant))}, ${durations[grant.duration]}`,
    ),
  );
  if (grant.expires) item.firstChild.append(", until ", makeTime(grant.expires));
  const act = () => send("DELETE", `grants/${grant.id}`);
  item.append(
    makeButton(
      "End",
      act,
      `Ended a permission of ${plain(grant.token)}.`,
      `what ${plain(grant.token)} may do on ${plain(where(grant))}`,
    ),
  );
  return item;
}
