// One value of a form: its name, what is said about it, its control, what is wrong with it. It can always be edited as
// JSON instead, and is where its control cannot show it.
//
//   read(), write(value)   undefined where it is left out; what is written is read back unchanged
//   check(path)            what is wrong, here and below: [{pointer, message, field}]
//   point(path, message)   show what somebody else found; gives the field that shows it

import { element, newButton, shownJson, shownLine, shownText } from "./dom.js";
import { isSame, toPart } from "./values.js";
import { findProblem } from "./checks.js";
import { fits } from "./fitting.js";
import { newJsonKind, readSchema } from "./reading.js";
import { LEAF_CONTROLS, newJsonControl } from "./leaf_controls.js";
import { HOLDING_CONTROLS } from "./holding_controls.js";

const DEEPEST = 12;
const MOST_FIELDS = 1500;
const LONGEST_DEFAULT = 100_000;

// Values that no control shows by itself, each with a button of its own.
function findSpecials({ kind, schema, nullable }) {
  const specials = nullable ? [{ value: null, sign: "null", says: "Send null for" }] : [];
  if (kind === "text" && !(schema.minLength > 0))
    specials.push({ value: "", sign: '""', says: "Send an empty text for" });
  if ((kind === "array" || kind === "choices") && !(schema.minItems > 0))
    specials.push({ value: [], sign: "[]", says: "Send an empty list for" });
  return specials;
}

const isPlain = (name, title) =>
  title.toLowerCase().replace(/[\s_-]/g, "") === name.toLowerCase().replace(/[\s_-]/g, "");

// Label, name on the wire, whether it is required, what is wrong: one line that is always there, so nothing jumps.
function newHead(id, { kind, schema }, { name, label, required, bare }) {
  const shown = label ?? shownLine(schema.title?.trim() ? schema.title : name);
  const isLeaf = kind in LEAF_CONTROLS && kind !== "choices";
  const text = element(
    isLeaf || kind === "json" || kind === "union" ? "label" : "span",
    { class: "name", id: `${id}-name` },
    shown,
  );
  const wire =
    !bare && label === undefined && !isPlain(String(name), shown) ? element("code", {}, shownLine(name)) : null;
  const problem = element("span", { class: "problem", id: `${id}-problem` });
  const tools = element("span", { class: "tools" });
  const mark = required && !bare && label === undefined ? element("span", { class: "required" }, "required") : null;
  return { shown, text, problem, tools, node: element("div", { class: "head" }, text, wire, mark, problem, tools) };
}

// The default of a schema, or of one of its alternatives; undefined where there is none to fill in.
function findPreset({ schema, branches = [] }, given, root, required) {
  const preset = [schema, ...branches.map((branch) => branch.flat)].find((each) =>
    Object.hasOwn(each, "default"),
  )?.default;
  if (preset === undefined || (preset === null && !required)) return undefined;
  return JSON.stringify(preset).length < LONGEST_DEFAULT && fits(preset, given, root) ? preset : undefined;
}

// `label` is shown instead of the schema's title and the name; `spoken` is what buttons inside of it call it.
export function newField(form, { schema: given, name, label, spoken, required = false, depth = 0, bare = false }) {
  form.fields += 1;
  const kind = depth > DEEPEST || form.fields > MOST_FIELDS ? newJsonKind() : readSchema(given, form.root);
  const isJsonOnly = kind.kind === "json";
  const id = form.newId();
  const head = newHead(id, kind, { name, label, required, bare });
  const help = kind.schema.description?.trim()
    ? element("div", { class: "help", id: `${id}-help` }, shownText(kind.schema.description))
    : null;
  const body = element("div", { class: "body" });
  const node = element(
    "div",
    { class: `field ${kind.kind}${bare ? " bare" : ""}${required ? " is-required" : ""}` },
    head.node,
    help,
    body,
  );
  const json = newJsonControl();
  const specials = findSpecials(kind);
  const emptyList = specials.find((special) => Array.isArray(special.value)) ?? null;
  let control = null; // made when it is first shown
  let fixed = required ? emptyList : null; // the special value that is sent
  let isJson = isJsonOnly;
  let isThere = kind.kind !== "object" || required;

  const newControl = () =>
    (LEAF_CONTROLS[kind.kind] ?? HOLDING_CONTROLS[kind.kind])(kind, {
      form,
      depth,
      label: spoken ?? head.shown,
      required,
      edited,
    });
  const fillIn = newButton("Fill in", () => (appear(true), focus(), form.changed()), { class: "add" });
  const leaveOut = newButton("leave out", () => (appear(false), fillIn.focus(), form.changed()), { class: "tool" });
  const asJson = newButton("JSON", toggle, { class: "tool", "aria-pressed": "false" });
  const buttons = specials.map((special) =>
    newButton(special.sign, () => fix(special), { class: "tool", "aria-pressed": "false" }),
  );
  head.tools.append(
    ...buttons,
    ...(kind.kind === "object" && !required ? [leaveOut] : []),
    ...(isJsonOnly || bare ? [] : [asJson]),
  );

  function describe(target) {
    if (!target) return;
    target.id ||= id;
    target.setAttribute(
      "aria-describedby",
      [help, head.problem]
        .filter(Boolean)
        .map((each) => each.id)
        .join(" "),
    );
    if (required)
      target.setAttribute(target.getAttribute("role") === "group" ? "data-required" : "aria-required", "true");
    if (target.getAttribute("role") === "group" || head.text.tagName !== "LABEL")
      target.setAttribute("aria-labelledby", head.text.id);
    else head.text.htmlFor = target.id;
  }
  function show() {
    if (!isJson && isThere && control === null) control = newControl();
    const shown = isJson ? json.node : isThere ? control.node : fillIn;
    if (body.firstChild !== shown) body.replaceChildren(shown);
    if (isJson) json.node.id = `${id}-json`;
    describe(isJson ? json.node : isThere ? control.target : null);
    const isGroup = !isJson && isThere && !control.target;
    for (const [name, value] of [
      ["role", "group"],
      ["aria-labelledby", head.text.id],
    ]) {
      if (isGroup) node.setAttribute(name, value);
      else node.removeAttribute(name);
    }
    asJson.setAttribute("aria-pressed", String(isJson));
    buttons.forEach((button, at) => {
      button.hidden = isJson && !isJsonOnly;
      button.setAttribute("aria-pressed", String(fixed === specials[at]));
    });
    leaveOut.hidden = isJson || !isThere;
    asJson.hidden = !isJson && kind.kind in LEAF_CONTROLS; // of one that holds nothing, the JSON is no easier to write
  }
  function edited() {
    const before = fixed;
    fixed = null;
    if (required && emptyList && read() === undefined) fixed = emptyList;
    if (fixed !== before) show();
    form.changed();
  }
  function say(text) {
    head.problem.textContent = text;
    head.problem.title = text;
    const target = isJson ? json.node : control?.target;
    if (target && target.getAttribute("role") !== "group") target.setAttribute("aria-invalid", String(Boolean(text)));
  }
  function appear(whether) {
    isThere = whether;
    if (!whether) control = null;
    say("");
    show();
  }
  function fix(special) {
    fixed = fixed === special ? null : special;
    control?.write(undefined);
    say("");
    show();
    form.changed();
  }
  function toJson(value) {
    json.write(value === undefined ? "" : shownJson(value));
    isJson = true;
    show();
  }
  function toggle() {
    const wasJson = isJson;
    const problem = wasJson ? json.check() : "";
    if (problem) return say(problem);
    if (wasJson) write(json.read());
    else toJson(read());
    say(wasJson && isJson ? "The form cannot show this value, so it stays JSON." : "");
    asJson.focus();
    form.changed();
  }
  function read() {
    if (isJson) return json.read();
    if (fixed) return structuredClone(fixed.value);
    return isThere ? control.read() : undefined;
  }
  // Exactly this: defaults of what it leaves out are not filled in meanwhile.
  function write(value) {
    const before = form.fillsDefaults;
    form.fillsDefaults = false;
    put(value);
    form.fillsDefaults = before;
  }
  function put(value) {
    fixed = specials.find((special) => isSame(special.value, value)) ?? null;
    if (isJsonOnly) return toJson(value);
    isJson = false;
    say("");
    if (kind.kind === "object") isThere = value !== undefined;
    if (!isThere) control = null;
    show();
    if (value === undefined || fixed) control?.write(undefined);
    else if (control.accepts(value)) control.write(value);
    if (isSame(read(), value) || (value === undefined && !fixed)) return;
    control?.write(undefined);
    toJson(value);
  }
  function fields() {
    return isJson || fixed || !isThere ? [] : (control.fields?.() ?? []);
  }
  function check(path) {
    const problem = isJson
      ? json.check()
      : isThere && !fixed
        ? control.check()
        : fixed
          ? findProblem(fixed.value, kind.schema)
          : "";
    const below = fields().flatMap(([key, field]) => field.check(key === null ? path : `${path}/${toPart(key)}`));
    const message = problem || (required && read() === undefined && !below.length ? "This is required." : "");
    say(message);
    return message ? [{ pointer: path, message, field: self }, ...below] : below;
  }
  function point(parts, message) {
    for (const [key, field] of fields()) {
      if (key === null && parts.length) return field.point(parts, message);
      if (key !== null && String(key) === parts[0]) return field.point(parts.slice(1), message);
    }
    const where = parts.length ? `at ${shownLine(parts.join("/"), 80)}: ` : "";
    say([head.problem.textContent, where + message].filter(Boolean).join(" "));
    return self;
  }
  function clear() {
    say("");
    for (const [, field] of fields()) field.clear();
  }
  function rename(key, shown = head.shown) {
    if (key !== null) node.dataset.key = shownLine(key);
    head.text.textContent = shown;
    fillIn.ariaLabel = `Fill in ${shown}`;
    leaveOut.ariaLabel = `Leave out ${shown}`;
    asJson.ariaLabel = `Edit ${shown} as JSON`;
    buttons.forEach((button, at) => (button.ariaLabel = `${specials[at].says} ${shown}`));
  }
  function focus() {
    if (isJson) json.node.focus();
    else if (!isThere) fillIn.focus();
    else if (control.focus) control.focus();
    else (control.target.matches("div") ? control.target.querySelector("input") : control.target)?.focus();
  }
  body.addEventListener("input", (event) => {
    if (event.target.closest(".field") !== node) return;
    if (head.problem.textContent) say(isJson ? json.check() : control.check());
    edited();
  });
  body.addEventListener("change", (event) => {
    if (event.target.closest(".field") === node) say(isJson ? json.check() : control.check());
  });
  const self = { node, read, write, check, point, clear, rename, focus, isJson: () => isJson, isJsonOnly };

  rename(name);
  show();
  const preset = form.fillsDefaults ? findPreset(kind, given, form.root, required) : undefined;
  if (preset !== undefined) write(preset);
  return self;
}
