// A question as a card: who asks, what, the form, the buttons. Everything that came from a server is put in as text,
// never as HTML. The form's controls are those of any form (form/leaf_controls.js); what stands around a card is in
// question.js and inbox.js.

import { element, newButton } from "../form/dom.js";
import { LEAF_CONTROLS } from "../form/leaf_controls.js";

const YES_NO = [
  { value: true, label: "yes" },
  { value: false, label: "no" },
];

// Ids are the page's: other cells may show other questions, each with this code of its own.
const PREFIX = `mcp-${Math.random().toString(36).slice(2)}`;
let ids = 0;

function newControl({ kind, schema, options, required, lines, secret, ...field }) {
  const isYesNo = kind === "boolean";
  const given = { kind, schema: { ...schema, writeOnly: secret }, options: isYesNo ? YES_NO : options };
  const control = LEAF_CONTROLS[isYesNo ? "choice" : kind](given, { required });
  if (lines > 1) control.node.rows = lines;
  if (field.default != null) control.write(field.default);
  return control;
}

// What a field that must not be left out holds where nothing is filled in, if that is something.
function findEmpty({ kind, schema, required }) {
  if (required && kind === "text" && !schema.minLength) return "";
  return required && kind === "choices" ? [] : undefined;
}

// What a field is about. Its URL is a data: URL of an image or a sound, made in Python.
function shownMedia({ media, label }) {
  if (!media) return null;
  if (media.startsWith("data:audio/")) return element("audio", { src: media, controls: "", "aria-label": label });
  return element("img", { src: media, alt: label });
}

function newRow(field) {
  const { node, check, read } = newControl(field);
  const id = `${PREFIX}-${(ids += 1)}`;
  const isGroup = node.getAttribute("role") === "group";
  const name = element(isGroup ? "span" : "label", { class: "name", id: `${id}-name` }, field.label);
  const mark = field.required ? element("span", { class: "required" }, "required") : null;
  const problem = element("span", { class: "problem", id: `${id}-problem`, role: "alert" });
  const help = field.help ? element("div", { class: "help", id: `${id}-help` }, field.help) : null;
  node.id = id;
  if (isGroup) node.setAttribute("aria-labelledby", name.id);
  else name.htmlFor = id;
  const about = [help, problem].filter(Boolean).map((one) => one.id);
  node.setAttribute("aria-describedby", about.join(" "));
  function point(text) {
    problem.textContent = text;
    if (!isGroup) node.setAttribute("aria-invalid", String(Boolean(text)));
  }
  node.addEventListener("change", () => point(check()));
  const readOrEmpty = () => read() ?? findEmpty(field);
  return {
    name: field.name,
    node: element(
      "div",
      { class: "field" },
      element("div", { class: "head" }, name, mark, problem),
      help,
      shownMedia(field),
      node,
    ),
    control: isGroup ? node.querySelector("input") : node,
    read: readOrEmpty,
    check: () => check() || (field.required && readOrEmpty() === undefined ? "This is required." : ""),
    point,
  };
}

function lastingChoice(question) {
  const select = element("select");
  select.append(
    new Option("this time", "once"),
    new Option("until the kernel ends", "session"),
    new Option("always", "always"),
  );
  const lead = question.lasts.includes("accept") ? "This answer counts " : "A no counts ";
  return { node: element("label", { class: "lasting" }, lead, select), read: () => select.value };
}

// Gives {node, update, focus}; send gets the answer that was clicked.
export function newCard(question, send) {
  const rows = question.fields.map(newRow);
  const lasting = question.lasts.length ? lastingChoice(question) : null;
  const status = element("span", { class: "status", role: "status" });
  let problems = {}; // that Python found
  const parts = [
    element("p", { class: "title" }, element("strong", {}, question.title), ` (${question.asker})`),
    element("p", { class: "message" }, question.message),
  ];
  if (question.link) {
    parts.push(element("p", {}, "It leads to ", element("strong", { class: "host" }, question.link.host)));
    parts.push(element("p", { class: "url" }, question.link.url));
  }
  parts.push(...question.notes.map((note) => element("p", { class: "note" }, note)));
  parts.push(...question.warnings.map((warning) => element("p", { class: "warning" }, `Careful: ${warning}`)));
  if (rows.length) parts.push(element("div", { class: "mcp-form" }, ...rows.map((row) => row.node)));

  function readContent() {
    return Object.fromEntries(rows.map((row) => [row.name, row.read()]).filter(([, value]) => value !== undefined));
  }
  // What can be seen at once is said at once; Python looks at the whole of it.
  function isRight() {
    const wrong = rows.map((row) => row.check());
    rows.forEach((row, at) => row.point(wrong[at] || (problems[row.name] ?? "")));
    rows[wrong.findIndex(Boolean)]?.control.focus();
    return !wrong.some(Boolean);
  }
  function answer(action) {
    if (action === "accept" && !isRight()) return;
    // Only on the person's own click; the page that opens cannot reach this one.
    if (action === "accept" && question.link) window.open(question.link.url, "_blank", "noopener,noreferrer");
    send({
      event: "answer",
      action,
      content: action === "accept" ? readContent() : {},
      lasting: lasting?.read() ?? "once",
    });
  }
  const labels = { accept: question.accept, decline: "Decline", cancel: "Cancel" };
  const buttons = Object.entries(labels).map(([action, label]) =>
    newButton(label, () => answer(action), { class: action }),
  );
  parts.push(element("div", { class: "buttons" }, ...buttons, lasting?.node, status));
  const node = element("div", { class: "mcp-question", role: "group", "aria-label": question.title }, ...parts);
  const controls = node.querySelectorAll("input, select, textarea, button");
  function update(found, outcome) {
    if (JSON.stringify(found) !== JSON.stringify(problems)) {
      problems = found;
      for (const row of rows) row.point(problems[row.name] ?? "");
      rows.find((row) => problems[row.name])?.control?.focus();
    }
    status.textContent = outcome;
    if (outcome) controls.forEach((control) => (control.disabled = true));
  }
  return { node, update, focus: () => (rows[0]?.control ?? buttons[0]).focus() };
}
