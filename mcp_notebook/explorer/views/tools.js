// The tools of a server: found among thousands, one in full with its form, run.

import { element, newButton } from "../../form/dom.js";
import { schemaForm } from "../../form/schema_form.js";
import { newCode } from "./code.js";
import { newRows } from "./rows.js";
import { newRunning } from "./running.js";

const CLAIMS = {
  readOnlyHint: ["only reads", "may change something"],
  destructiveHint: ["may destroy something", "destroys nothing"],
  idempotentHint: ["may be repeated", "each call does more"],
  openWorldHint: ["reaches beyond the server", "stays within the server"],
};

export function newTools({ id, asker, getServer }) {
  const rows = newRows({ id: `${id}-tools`, label: "tools", draw: drawRow, onOpen: (item) => open(item.key) });
  const detail = element(
    "div",
    { class: "detail", role: "region", "aria-label": "Tool", tabindex: "-1" },
    element("p", { class: "note" }, "Choose a tool."),
  );
  const node = element("div", { class: "split" }, rows.element, detail);
  let current = null;
  let forms = 0;

  async function load(anew = 0) {
    const server = getServer();
    const first = [];
    const { rows: rest, leftOut } = await asker.ask("tools", { server, anew }, (part) => {
      first.push(...part.rows);
      if (rows.isEmpty()) rows.set(first.map(newItem)); // painted while the rest is on its way
    }).answer;
    if (server === getServer()) rows.set([...first, ...rest].map(newItem));
    if (leftOut) detail.append(element("p", { class: "note" }, `${leftOut} not shown: the name is too long.`));
  }
  async function open(name, value) {
    const server = getServer();
    const tool = await asker.ask("tool", { server, name }).answer;
    current?.form.destroy();
    current = newDetail({ id: `${id}-form-${(forms += 1)}`, asker, server, tool, value });
    detail.replaceChildren(current.element);
    detail.scrollTop = 0;
    current.focus();
    return current;
  }
  return {
    element: node,
    load,
    open,
    focus: rows.focus,
    repaint: rows.repaint,
    clear() {
      rows.set([]);
      detail.replaceChildren(element("p", { class: "note" }, "Choose a tool."));
    },
  };
}

const newItem = ([key, shown, summary]) => ({ key, shown, summary, text: `${key} ${summary}` });

export function drawRow(item) {
  return [
    element("div", { class: "name" }, item.shown),
    element("div", { class: "summary" }, item.summary || "\u00a0"),
  ];
}

function newDetail({ id, asker, server, tool, value }) {
  const heading = element(
    "h4",
    { tabindex: "-1" },
    tool.title && tool.title !== tool.shown ? `${tool.title} (${tool.shown})` : tool.shown,
  );
  const running = newRunning(asker);
  const code = newCode(asker);
  const said = () => ({ server, name: tool.name, arguments: form.value() ?? {} });
  const form = schemaForm({
    schema: tool.schema,
    value,
    idPrefix: id,
    onChange: () => code.element.open && code.show(said()),
  });
  code.element.addEventListener("toggle", () => code.element.open && code.show(said()));
  const run = newButton("Run", start, { class: "accept" });
  const reset = newButton("Reset", () => form.setValue(undefined));
  function start() {
    if (running.isRunning()) return;
    if (form.check && form.check().length) return;
    running.run(said(), (problems) => form.showErrors(problems));
  }
  form.element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      start();
    }
  });
  const node = element(
    "div",
    { class: "tool" },
    heading,
    tool.description ? element("p", { class: "description" }, tool.description) : null,
    drawClaims(tool.claims),
    tool.schemaTooLarge
      ? element("p", { class: "note" }, "Its schema is too large for a form: write the arguments as JSON.")
      : null,
    form.element,
    element("div", { class: "bar" }, run, reset),
    running.element,
    code.element,
    newFolded("Input schema", tool.input),
    tool.output ? newFolded("Output schema", tool.output) : null,
  );
  return { element: node, form, running, focus: () => heading.focus(), start };
}

function drawClaims(claims) {
  const said = Object.entries(claims)
    .filter(([name]) => name !== "title")
    .map(([name, claim]) => {
      const words = CLAIMS[name]?.[claim === "True" ? 0 : 1];
      return element("li", {}, words ?? `${name}: ${claim}`);
    });
  return said.length ? element("div", { class: "claims" }, "The server claims: ", element("ul", {}, ...said)) : null;
}

export function newFolded(label, text) {
  return element(
    "details",
    {},
    element("summary", { "data-lm-suppress-shortcuts": "true" }, label),
    element("pre", { class: "text", tabindex: "0" }, text),
  );
}
