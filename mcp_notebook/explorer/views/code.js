// Lines that do what a click did: to copy, or to put into a new cell where the front end lets us.

import { element, newButton } from "../../form/dom.js";

export function newCode(asker) {
  const magic = newBlock("A line for a cell");
  const python = newBlock("The same in Python");
  const node = element(
    "details",
    { class: "code" },
    element("summary", { "data-lm-suppress-shortcuts": "true" }, "As code"),
    magic.element,
    python.element,
  );
  async function show(said) {
    const written = await asker.ask("code", said).answer;
    magic.show(written.magic);
    python.show(written.python);
  }
  return { element: node, show };
}

function newBlock(label) {
  const text = element("pre", { class: "text", tabindex: "0", "aria-label": label });
  const status = element("span", { role: "status" });
  const copy = newButton(
    "Copy",
    async () => {
      status.textContent = (await copied(text.textContent)) ? "Copied." : "Select the text and copy it.";
    },
    { "aria-label": `Copy: ${label}` },
  );
  const insert = newButton(
    "Insert as a new cell",
    async () => {
      const done = await inserted(node, text.textContent);
      status.textContent = done
        ? "Inserted below."
        : (await copied(text.textContent))
          ? "Copied: paste it into a cell."
          : "Select the text and copy it.";
    },
    { "aria-label": `Insert as a new cell: ${label}` },
  );
  const node = element(
    "div",
    {},
    element("div", { class: "bar" }, element("strong", {}, label), copy, insert, status),
    text,
  );
  function show(written) {
    text.textContent = written ?? "Too long to be written as code: bind the arguments to a variable.";
    copy.disabled = insert.disabled = written == null;
    status.textContent = "";
  }
  return { element: node, show };
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// JupyterLab and Notebook 7 give widgets no way to add a cell: the notebook's toolbar is pressed.
async function inserted(node, text) {
  const panel = node.closest(".jp-NotebookPanel");
  const button = panel?.querySelector(
    '[data-jp-item-name="insert"] button, [data-jp-item-name="insert"] jp-button, [data-command="notebook:insert-cell-below"]',
  );
  const cell = node.closest(".jp-Cell");
  if (!button || !cell) return false;
  const before = new Set(panel.querySelectorAll(".jp-Cell"));
  for (const pressed of [cell, button])
    pressed.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true, button: 0 }));
  for (let frames = 0; frames < 120; frames += 1) {
    await new Promise(requestAnimationFrame);
    const added = [...panel.querySelectorAll(".jp-Cell")].find((one) => !before.has(one));
    const editor = added?.querySelector(".cm-content");
    if (editor) {
      editor.focus();
      return document.execCommand("insertText", false, text);
    }
  }
  return false;
}
