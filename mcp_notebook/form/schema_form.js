// A form for any JSON Schema (2020-12). What a control cannot show is edited as JSON, in its place.
//
//   const form = schemaForm({ schema, value, idPrefix, onChange })
//   form.element               the node to put in the page
//   form.value()               what is filled in, as JSON; what was left empty is absent. `undefined` if all of it is.
//   form.setValue(value)       show a value; value() gives it back unchanged. `undefined`: the defaults, as at the start
//   form.check()               look at what can be seen at once, show it, and give it: [{pointer, message}], empty if right
//   form.showErrors(errors)    show what Python found, [{pointer, message}], beside each field; [] clears
//   form.focus()               go to the first field
//   form.destroy()             take it out of the page
//
// onChange() is called whenever value() may have changed. Without `value`, the schema's defaults are filled in.

import { element } from "./dom.js";
import { fromPart } from "./values.js";
import { newField } from "./field.js";

export function schemaForm({ schema, value, idPrefix = "form", onChange = () => {}, label = "Arguments" }) {
  let ids = 0;
  let isReady = false;
  const status = element("div", { class: "form-status", role: "status" });
  const node = element("div", { class: "mcp-form", tabindex: "-1" });
  const form = {
    root: schema,
    element: node,
    fields: 0,
    fillsDefaults: value === undefined,
    newId: () => `${idPrefix}-${(ids += 1)}`,
    newField: (options) => newField(form, options),
    changed: () => isReady && onChange(),
  };
  const newRoot = () => form.newField({ schema, name: "", label, required: true });
  let root = newRoot();
  node.append(root.node, status);

  function tell(problems) {
    const count = problems.length;
    status.textContent =
      count === 0 ? "" : count === 1 ? "One thing is not right yet." : `${count} things are not right yet.`;
    problems[0]?.field.focus();
  }
  function setValue(shown) {
    const wasReady = isReady;
    isReady = false;
    form.fields = 0;
    if (shown === undefined) {
      const before = root.node;
      root = newRoot();
      before.replaceWith(root.node);
    } else root.write(shown);
    status.textContent = "";
    isReady = wasReady;
  }
  function check() {
    const problems = root.check("");
    tell(problems);
    return problems.map(({ pointer, message }) => ({ pointer, message }));
  }
  function showErrors(errors) {
    root.clear();
    tell(
      errors.map(({ pointer, message }) => ({ field: root.point(pointer.split("/").slice(1).map(fromPart), message) })),
    );
  }
  if (value !== undefined) setValue(value);
  form.fillsDefaults = true;
  isReady = true;
  return {
    element: node,
    value: () => root.read(),
    setValue,
    check,
    showErrors,
    focus: () => root.focus(),
    destroy: () => node.remove(),
  };
}
