// The prompts of a server: arguments with what the server suggests, and the messages.

import { element, newButton } from "../../form/dom.js";
import { showParts } from "./parts.js";
import { newRows } from "./rows.js";
import { newTextFields } from "./text_fields.js";
import { drawRow } from "./tools.js";

export function newPrompts({ id, asker, getServer }) {
  const rows = newRows({ id: `${id}-prompts`, label: "prompts", draw: drawRow, onOpen: (item) => open(item.key) });
  const detail = element("div", { class: "detail", role: "region", "aria-label": "Prompt", tabindex: "-1" });
  const node = element("div", { class: "split" }, rows.element, detail);
  clear();

  async function load(anew = 0) {
    const { rows: listed, leftOut } = await asker.ask("prompts", { server: getServer(), anew }).answer;
    rows.set(listed.map(([key, shown, summary]) => ({ key, shown, summary, text: `${key} ${summary}` })));
    if (leftOut) detail.append(element("p", { class: "note" }, `${leftOut} not shown: the name is too long.`));
  }
  async function open(name) {
    const server = getServer();
    const prompt = await asker.ask("prompt", { server, name }).answer;
    const heading = element(
      "h4",
      { tabindex: "-1" },
      prompt.title ? `${prompt.title} (${prompt.shown})` : prompt.shown,
    );
    const messages = element("div", { class: "result", role: "region", "aria-label": "Messages" });
    const status = element("span", { class: "status", role: "status" });
    const fields = newTextFields({
      id: `${id}-prompt`,
      fields: prompt.arguments,
      onEnter: get,
      suggest: async (argument, value, context) =>
        (await asker.ask("complete", { server, kind: "prompt", name, argument, value, context }).answer).values,
    });
    async function get() {
      status.textContent = "Getting it …";
      try {
        messages.replaceChildren(
          showParts((await asker.ask("messages", { server, name, arguments: fields.value() }).answer).parts),
        );
        status.textContent = "Nothing was sent to a model.";
      } catch (error) {
        status.textContent = "";
        messages.replaceChildren(element("p", { class: "problem", role: "alert" }, error.message));
      }
    }
    detail.replaceChildren(
      element(
        "div",
        { class: "tool" },
        heading,
        prompt.description ? element("p", { class: "description" }, prompt.description) : null,
        fields.element,
        element("div", { class: "bar" }, newButton("Get messages", get, { class: "accept" }), status),
        messages,
      ),
    );
    heading.focus();
  }
  function clear() {
    rows.set([]);
    detail.replaceChildren(element("p", { class: "note" }, "Choose a prompt."));
  }
  return { element: node, load, focus: rows.focus, repaint: rows.repaint, clear };
}
