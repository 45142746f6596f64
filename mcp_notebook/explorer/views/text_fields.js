// Fields for texts, with what the server suggests for each: the arguments of a prompt, the variables of a template.

import { element } from "../../form/dom.js";

const PAUSE_MILLISECONDS = 120; // after the last keystroke, before the server is asked

// fields: [{name, shown, needed, help}]; suggest(name, value, others) gives a promise of texts.
export function newTextFields({ id, fields, suggest, onEnter }) {
  const inputs = new Map();
  const nodes = fields.map((field, at) => newField(field, `${id}-${at}`));

  function newField(field, fieldId) {
    const list = element("datalist", { id: `${fieldId}-values` });
    const help = field.help ? element("div", { class: "note", id: `${fieldId}-help` }, field.help) : null;
    const input = element("input", {
      type: "text",
      id: fieldId,
      list: list.id,
      autocomplete: "off",
      spellcheck: "false",
      required: field.needed ? "" : null,
      "aria-describedby": help?.id,
    });
    inputs.set(field.name, input);
    let timer = null;
    let asked = 0;
    async function offer() {
      const mine = (asked += 1);
      const values = await suggest(field.name, input.value, others(field.name));
      if (mine === asked) list.replaceChildren(...values.map((value) => element("option", { value })));
    }
    function offerSoon() {
      clearTimeout(timer);
      timer = setTimeout(() => offer().catch(() => {}), PAUSE_MILLISECONDS);
    }
    input.addEventListener("input", offerSoon);
    input.addEventListener("focus", offerSoon);
    input.addEventListener("keydown", (event) => event.key === "Enter" && onEnter());
    const label = element("label", { for: fieldId }, field.shown, field.needed ? " (required)" : "");
    return element("div", { class: "text-field" }, label, help, input, list);
  }
  function others(name) {
    return Object.fromEntries([...inputs].filter(([one]) => one !== name).map(([one, input]) => [one, input.value]));
  }
  const value = () =>
    Object.fromEntries([...inputs].map(([name, input]) => [name, input.value]).filter(([, text]) => text !== ""));
  return {
    element: element("div", { class: "text-fields" }, ...nodes),
    value,
    focus: () => inputs.values().next().value?.focus(),
  };
}
