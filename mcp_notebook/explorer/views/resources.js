// The resources of a server and their templates: found, read, watched.

import { element, newButton } from "../../form/dom.js";
import { showParts } from "./parts.js";
import { newRows } from "./rows.js";
import { newTextFields } from "./text_fields.js";
import { drawRow } from "./tools.js";

export function newResources({ id, asker, getServer }) {
  const rows = newRows({ id: `${id}-resources`, label: "resources", draw: drawRow, onOpen: open });
  const detail = element("div", { class: "detail", role: "region", "aria-label": "Resource", tabindex: "-1" });
  const node = element("div", { class: "split" }, rows.element, detail);
  let current = null;
  clear();

  async function load(anew = 0) {
    const { rows: listed, leftOut } = await asker.ask("resources", { server: getServer(), anew }).answer;
    rows.set(
      listed.map(([key, shown, summary, template]) => ({
        key,
        shown: template ? `${shown} (template)` : shown,
        summary,
        template,
        text: `${key} ${summary}`,
      })),
    );
    if (leftOut) detail.append(element("p", { class: "note" }, `${leftOut} not shown: the URI is too long.`));
  }
  async function open(item) {
    current?.leave();
    current = newDetail({ id, asker, server: getServer(), item });
    detail.replaceChildren(current.element);
    await current.start();
  }
  function clear() {
    current?.leave();
    current = null;
    rows.set([]);
    detail.replaceChildren(element("p", { class: "note" }, "Choose a resource."));
  }
  return { element: node, load, focus: rows.focus, repaint: rows.repaint, clear };
}

function newDetail({ id, asker, server, item }) {
  const heading = element("h4", { tabindex: "-1" }, item.shown);
  const fieldsPlace = element("div");
  const status = element("span", { class: "status", role: "status" });
  const read = newButton("Read", start, { class: "accept" });
  const watch = newButton("Watch", toggleWatch, { "aria-pressed": "false" });
  const content = element("div", { class: "result", role: "region", "aria-label": "Content" });
  const node = element(
    "div",
    { class: "tool" },
    heading,
    fieldsPlace,
    element("div", { class: "bar" }, read, watch, status),
    content,
  );
  let fields = null;
  let watching = null;

  async function prepare() {
    heading.focus();
    if (!item.template) return readIt();
    const { variables } = await asker.ask("template", { uri: item.key }).answer;
    fields = newTextFields({
      id: `${id}-template`,
      onEnter: readIt,
      fields: variables.map((one) => ({ ...one, shown: one.name })),
      suggest: async (argument, value, context) =>
        (await asker.ask("complete", { server, kind: "template", name: item.key, argument, value, context }).answer)
          .values,
    });
    fieldsPlace.replaceChildren(fields.element);
    fields.focus();
    watch.hidden = true;
    return null;
  }
  function start() {
    return item.template && !fields ? prepare() : readIt();
  }
  async function readIt() {
    status.textContent = "Reading …";
    try {
      const { parts, line } = await asker.ask("read", { server, uri: item.key, values: fields?.value() ?? {} }).answer;
      status.textContent = "";
      content.replaceChildren(
        showParts(parts),
        line ? element("p", { class: "note" }, "In a cell: ", element("code", {}, line)) : "",
      );
    } catch (error) {
      status.textContent = "";
      content.replaceChildren(element("p", { class: "problem", role: "alert" }, error.message));
    }
  }
  async function toggleWatch() {
    if (watching) return leave();
    watching = asker.ask("watch", { server, uri: item.key }, ({ watching: begun }) => {
      if (begun) status.textContent = "Watching: it is read again when it changes.";
      else readIt().then(() => (status.textContent = `Changed at ${new Date().toLocaleTimeString()}.`));
    });
    watch.setAttribute("aria-pressed", "true");
    try {
      await watching.answer;
    } catch (error) {
      if (!error.cancelled) status.textContent = error.message;
    }
    watching = null;
    watch.setAttribute("aria-pressed", "false");
    return null;
  }
  function leave() {
    watching?.cancel();
    status.textContent = "";
  }
  return { element: node, start: prepare, leave };
}
