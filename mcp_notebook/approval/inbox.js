// Questions that no cell waits for: a card for each, oldest first. Cards stay as they are while others come and go, so
// that what is being filled in is not lost.

import { element } from "../form/dom.js";
import { newCard } from "./card.js";

function render({ model, el }) {
  const cards = new Map();
  const heading = element("div", { class: "heading", role: "heading", "aria-level": "3", tabindex: "-1" });
  const list = element("div", { class: "cards" });
  const status = element("div", { class: "status", role: "status" });
  heading.textContent = "What servers ask while no cell waits for them";

  function add(entry) {
    const card = newCard(entry.question, (answer) => model.send({ ...answer, id: entry.id }));
    cards.set(entry.id, card);
    list.append(card.node);
  }
  function remove(id) {
    const had_focus = cards.get(id).node.contains(document.activeElement);
    cards.get(id).node.remove();
    cards.delete(id);
    if (had_focus) (cards.values().next().value ?? { focus: () => heading.focus() }).focus();
  }
  function changed() {
    const { entries, last } = model.get("inbox");
    const here = new Set(entries.map((entry) => entry.id));
    entries.filter((entry) => !cards.has(entry.id)).forEach(add);
    [...cards.keys()].filter((id) => !here.has(id)).forEach(remove);
    for (const entry of entries) cards.get(entry.id).update(entry.problems, "");
    const waiting = entries.length
      ? `${entries.length} ${entries.length === 1 ? "question waits" : "questions wait"}.`
      : "Nothing waits.";
    status.textContent = [last, waiting].filter(Boolean).join(" ");
  }
  model.on("change:inbox", changed);
  el.append(element("section", { class: "mcp-inbox", "aria-label": heading.textContent }, heading, list, status));
  changed();
  return () => model.off("change:inbox", changed);
}

export default { render };
