// Controls that hold fields: objects, arrays, unions. As in leaf_controls.js, and
//   fields()       what they hold: [[name or index, field]]; the name is null where the field is about the same value
// `form.newField` makes what they hold; `edited` is told when a person adds, moves, removes or chooses.

import { element, newButton, shownLine } from "./dom.js";
import { isObject, isSame, own } from "./values.js";
import { findProblem } from "./checks.js";
import { fits } from "./fitting.js";

const MOST_PROPERTIES = 200;
const MOST_ITEMS = 500;
const MOST_FILLED = 20; // items that stand there from the start

const readFields = (fields) =>
  fields.map(([name, field]) => [name, field.read()]).filter(([, value]) => value !== undefined);

// What a schema allows besides its properties, as one schema for all of it; the name is not looked at, as a pattern
// might keep the page busy.
function readOthers(schema) {
  const patterns = Object.values(schema.patternProperties ?? {});
  if (patterns.length === 1 && !isObject(schema.additionalProperties)) return patterns[0];
  return patterns.length || !isObject(schema.additionalProperties) ? true : schema.additionalProperties;
}

const OFFERING = [
  "patternProperties",
  "if",
  "dependentSchemas",
  "dependentRequired",
  "propertyNames",
  "minProperties",
  "unevaluatedProperties",
];

function offersOthers(schema, named) {
  if (schema.additionalProperties === false && !schema.patternProperties) return false;
  return !named.length || schema.additionalProperties !== undefined || OFFERING.some((word) => word in schema);
}

export function newObjectControl({ schema }, { form, depth, label, edited }) {
  const named = Object.entries(schema.properties ?? {}).slice(0, MOST_PROPERTIES);
  const required = new Set(schema.required);
  for (const name of required)
    if (named.length < MOST_PROPERTIES && !named.some(([known]) => known === name)) named.push([name, true]);
  const fields = named.map(([name, each]) => [
    name,
    form.newField({ schema: each, name, required: required.has(name), depth: depth + 1 }),
  ]);
  let entries = [];
  const list = element("div", { class: "entries" });
  const add = newButton(
    `+ Add ${fields.length ? "another field" : "an entry"}`,
    () => (addEntry("").name.focus(), edited()),
    { class: "add", "aria-label": `Add an entry to ${label}` },
  );
  const node = element(
    "div",
    { class: "members" },
    ...fields.map(([, field]) => field.node),
    list,
    offersOthers(schema, named) ? add : null,
  );

  function addEntry(named) {
    const name = element("input", {
      type: "text",
      class: "key",
      autocomplete: "off",
      "aria-label": `Name of an entry of ${label}`,
      placeholder: "name",
    });
    name.value = named;
    const field = form.newField({
      schema: readOthers(schema),
      name: named,
      label: "Value",
      spoken: `a value of ${label}`,
      required: true,
      depth: depth + 1,
    });
    const remove = newButton("✕", () => drop(entry), { class: "tool", "aria-label": `Remove this entry of ${label}` });
    const problem = element("span", { class: "problem" });
    const entry = {
      name,
      field,
      problem,
      node: element(
        "div",
        { class: "entry", role: "group", "aria-label": `An entry of ${label}` },
        element("div", { class: "keyline" }, name, remove, problem),
        field.node,
      ),
    };
    name.addEventListener("input", () => field.rename(name.value));
    entries.push(entry);
    list.append(entry.node);
    return entry;
  }
  function drop(entry) {
    const at = entries.indexOf(entry);
    entries.splice(at, 1);
    entry.node.remove();
    (entries[at]?.name ?? entries.at(-1)?.name ?? (add.isConnected ? add : form.element)).focus();
    edited();
  }
  const isTwice = (entry) =>
    named.some(([name]) => name === entry.name.value) ||
    entries.some((other) => other !== entry && other.name.value === entry.name.value);
  const namedEntries = () =>
    entries.filter((entry) => entry.name.value !== "").map((entry) => [entry.name.value, entry.field]);
  return {
    node,
    target: null,
    accepts: (value) => isObject(value) && Object.keys(value).length <= MOST_PROPERTIES + named.length,
    fields: () => [...fields, ...namedEntries()],
    read: () => Object.fromEntries([...readFields(fields), ...readFields(namedEntries())]),
    write(value = {}) {
      for (const [name, field] of fields) field.write(own(value, name));
      entries = [];
      list.replaceChildren();
      for (const name of Object.keys(value))
        if (!named.some(([known]) => known === name)) addEntry(name).field.write(value[name]);
    },
    check() {
      for (const entry of entries) {
        const twice = isTwice(entry) ? "There is another one of this name." : "";
        entry.problem.textContent = entry.name.value === "" ? "Name it, or remove it." : twice;
      }
      return entries.find((entry) => entry.problem.textContent)?.problem.textContent ?? "";
    },
    focus: () => (fields[0]?.[1] ?? { focus: () => add.focus() }).focus(),
  };
}

export function newArrayControl({ schema }, { form, depth, label, required, edited }) {
  const first = (schema.prefixItems ?? []).slice(0, MOST_ITEMS);
  const most = Math.min(schema.items === false ? first.length : MOST_ITEMS, schema.maxItems ?? MOST_ITEMS);
  let rows = [];
  const list = element("ol", { class: "items", role: "list" });
  const add = newButton("+ Add an item", () => (addRow().field.focus(), edited()), {
    class: "add",
    "aria-label": `Add an item to ${label}`,
  });
  const node = element("div", { class: "array" }, list, add);

  function addRow() {
    const at = rows.length;
    const field = form.newField({
      schema: first[at] ?? schema.items ?? true,
      name: at,
      label: `Item ${at + 1}`,
      spoken: `an item of ${label}`,
      required: true,
      depth: depth + 1,
    });
    const row = { field };
    // In a tuple each place has its own schema: nothing there changes its place.
    row.up = newButton("↑", () => move(row, -1), { class: "tool" });
    row.down = newButton("↓", () => move(row, 1), { class: "tool" });
    row.remove = newButton("✕", () => drop(row), { class: "tool" });
    const buttons = first.length ? [row.remove] : [row.up, row.down, row.remove];
    row.node = element("li", { class: "item" }, field.node, element("div", { class: "moves" }, ...buttons));
    rows.push(row);
    list.append(row.node);
    number();
    return row;
  }
  function number() {
    rows.forEach((row, at) => {
      row.field.rename(at, `Item ${at + 1}`);
      row.up.disabled = at === 0;
      row.down.disabled = at === rows.length - 1;
      row.up.setAttribute("aria-label", `Move item ${at + 1} of ${label} up`);
      row.down.setAttribute("aria-label", `Move item ${at + 1} of ${label} down`);
      row.remove.setAttribute("aria-label", `Remove item ${at + 1} of ${label}`);
      row.remove.disabled = at < rows.length - 1 && first.length > 0;
    });
    add.disabled = rows.length >= most;
  }
  function move(row, by) {
    const at = rows.indexOf(row);
    rows.splice(at, 1);
    rows.splice(at + by, 0, row);
    const other = rows[at];
    if (by < 0) list.insertBefore(row.node, other.node);
    else list.insertBefore(other.node, row.node);
    number();
    const button = by < 0 ? row.up : row.down;
    (button.disabled ? (by < 0 ? row.down : row.up) : button).focus();
    edited();
  }
  function drop(row) {
    const at = rows.indexOf(row);
    rows.splice(at, 1);
    row.node.remove();
    number();
    (rows[first.length ? rows.length - 1 : Math.min(at, rows.length - 1)]?.remove ?? add).focus();
    edited();
  }
  function write(value) {
    rows = [];
    list.replaceChildren();
    for (const each of value ?? []) addRow().field.write(each);
    number();
  }
  const read = () => readFields(rows.map((row) => [0, row.field])).map(([, value]) => value);
  write();
  if (required) for (let at = 0; at < Math.min(schema.minItems ?? 0, most, MOST_FILLED); at += 1) addRow();
  return {
    node,
    target: null,
    accepts: (value) => Array.isArray(value) && value.length <= MOST_ITEMS,
    fields: () => rows.map((row, at) => [at, row.field]),
    read: () => (rows.length ? read() : undefined),
    write,
    check: () => (rows.length ? findProblem(rows, schema) : ""),
    focus: () => (rows[0]?.field ?? add).focus(),
  };
}

export function newUnionControl({ branches }, { form, depth, label, required, edited }) {
  const select = element("select");
  select.append(new Option(required ? "choose…" : "", ""));
  branches.forEach((branch, at) => select.append(new Option(branch.title, String(at))));
  const place = element("div", { class: "branch" });
  const node = element("div", { class: "union" }, select, place);
  let field = null;
  function choose(at) {
    select.value = at === null ? "" : String(at);
    field =
      at === null
        ? null
        : form.newField({
            schema: branches[at].schema,
            name: null,
            label: `${label}: ${shownLine(branches[at].title, 80)}`,
            required: true,
            depth: depth + 1,
            spoken: label,
            bare: true,
          });
    place.replaceChildren(...(field ? [field.node] : []));
  }
  select.addEventListener("change", () => (choose(select.value === "" ? null : Number(select.value)), edited()));

  // The first branch that means the value; else the first that can show it.
  function write(value) {
    choose(null);
    if (value === undefined) return;
    const fitting = branches.map((_, at) => at).filter((at) => fits(value, branches[at].schema, form.root));
    for (const at of new Set([...fitting, ...branches.keys()])) {
      choose(at);
      field.write(value);
      if ((!field.isJson() || field.isJsonOnly) && isSame(field.read(), value)) return;
    }
    choose(null);
  }
  return {
    node,
    target: select,
    accepts: () => true,
    fields: () => (field ? [[null, field]] : []),
    read: () => field?.read(),
    write,
    check: () => "",
    focus: () => select.focus(),
  };
}

export const HOLDING_CONTROLS = { object: newObjectControl, array: newArrayControl, union: newUnionControl };
