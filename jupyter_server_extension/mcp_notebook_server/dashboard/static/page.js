// The page on which a person answers hosts. Everything a host says is set as text, never as HTML.

const { api, xsrf } = document.documentElement.dataset;
const wanted = new URLSearchParams(location.search).get("approval");
const answers = [
  ["once", "Allow once"],
  ["hour", "Allow for an hour"],
  ["day", "Allow for a day"],
  ["always", "Always allow"],
  ["decline", "Decline"],
];
const durations = { once: "once", hour: "for an hour", day: "for a day", always: "always" };

// Characters that no eye sees, or that make text look like another: shown by their number.
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029\u115f\u1160\u3164\uffa0]/u;

function make(tag, text = "", properties = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  return Object.assign(element, properties);
}

function show(status) {
  document.getElementById("status").textContent = status;
}

function makeText(text) {
  const pre = make("pre", "", { tabIndex: 0 });
  let run = "";
  for (const character of text) {
    if (character === "\n" || character === "\t" || !unseen.test(character)) {
      run += character;
      continue;
    }
    pre.append(run, make("mark", `\\u{${character.codePointAt(0).toString(16)}}`));
    run = "";
  }
  pre.append(run);
  return pre;
}

async function send(method, path, body) {
  const headers = { "X-XSRFToken": xsrf, "Content-Type": "application/json" };
  const response = await fetch(`${api}/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const said = await response.json();
  if (!response.ok) throw new Error(said.message);
  render(said);
}

function makeButton(label, act, done) {
  const button = make("button", label, { type: "button" });
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const section = button.closest("section");
      await act();
      show(done);
      if (!button.isConnected) section.querySelector("h2").focus(); // where the answered question was
    } catch (error) {
      button.disabled = false;
      show(String(error.message));
    }
  });
  return button;
}

function where({ notebook, kernel }) {
  return notebook ?? `kernel ${kernel}`;
}

function makeApproval(approval) {
  const article = make("article", "", { id: approval.id, tabIndex: -1 });
  const head = make("h3", `${approval.token} asks to use ${approval.tool} on ${where(approval)}`, {
    id: `head-${approval.id}`,
  });
  article.setAttribute("aria-labelledby", head.id);
  article.append(head);
  article.append(make("p", approval.kind === "code" ? "Exactly this would run:" : "Exactly this would happen:"));
  const text = makeText(approval.text);
  text.setAttribute("aria-label", "What would be done");
  article.append(text);
  article.append(make("p", `All but “once” hold for everything else that needs “${approval.scope}” on ${where(approval)}, too.`));
  for (const [answer, label] of answers) {
    const act = () => send("POST", `approvals/${approval.id}`, { answer });
    article.append(makeButton(label, act, `${label}: ${approval.tool} of ${approval.token}.`));
  }
  return article;
}

function makeGrant(grant) {
  const until = grant.expires ? `, until ${new Date(grant.expires).toLocaleString()}` : "";
  const item = make("li", `${grant.token}: ${grant.scope} on ${where(grant)}, ${durations[grant.duration]}${until} `);
  item.append(makeButton("End", () => send("DELETE", `grants/${grant.id}`), `Ended a permission of ${grant.token}.`));
  return item;
}

// What stays keeps its element, so that nobody's focus or selection is lost while something else comes or goes.
function keep(parent, entries, makeEntry, nothing) {
  const old = new Map([...parent.children].map((child) => [child.dataset.id, child]));
  const children = entries.map((entry) => {
    const child = old.get(entry.id) ?? makeEntry(entry);
    child.dataset.id = entry.id;
    return child;
  });
  for (const child of [...parent.children]) if (!children.includes(child)) child.remove();
  for (const child of children) if (child.parentNode !== parent) parent.append(child);
  if (!children.length) parent.append(make(parent.tagName === "UL" ? "li" : "p", nothing));
}

let shown = false;

function render({ approvals, grants }) {
  keep(document.getElementById("approvals"), approvals, makeApproval, "Nothing.");
  keep(document.getElementById("grants"), grants, makeGrant, "Nothing beyond what tokens give.");
  if (!shown && wanted) document.getElementById(wanted)?.focus();
  if (!shown && wanted && !document.getElementById(wanted)) show("That question waits no more.");
  shown = true;
  document.title = `${approvals.length ? `(${approvals.length}) ` : ""}MCP hosts: what waits for you`;
}

const events = new EventSource(`${api}/events`);
events.addEventListener("open", () => show("Connected to Jupyter."));
events.addEventListener("error", () => show("Not connected to Jupyter; trying again …"));
events.addEventListener("change", (event) => render(JSON.parse(event.data)));
