// Fills a form in as a person would: a control at a time, by what stands in the page. Knows nothing of schemas.

const part = (field, selector) => field.querySelector(`:scope > .body > ${selector}`);
const tool = (field, sign) => [...field.querySelectorAll(":scope > .head > .tools > button")].find((button) => button.textContent === sign && !button.hidden);
const say = (node, type) => node.dispatchEvent(new Event(type, { bubbles: true }));
const same = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
const sorted = (value) =>
  Array.isArray(value) ? value.map(sorted)
  : value && typeof value === "object" ? Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, each]) => [name, sorted(each)])
  : value;

function type(node, text) {
  node.value = text;
  say(node, "input");
  say(node, "change");
}

const find = (value, path) => path.reduce((found, name) => found?.[name], value);
const isRightBelow = (form, path) => !form.check().some(({ pointer }) => pointer.startsWith(`/${path.map((name) => String(name).replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}/`));

export const fill = (form, value) => fillField(form, form.element.querySelector(".field"), value, []);

function fillField(form, field, value, path) {
  const sign = value === null ? "null" : value === "" ? '""' : Array.isArray(value) && !value.length ? "[]" : null;
  const special = sign && tool(field, sign);
  if (special) {
    if (special.ariaPressed !== "true") special.click();
    return;
  }
  const json = part(field, "textarea.json");
  if (json) return type(json, JSON.stringify(value));
  part(field, "button.add")?.click();
  const members = part(field, ".members");
  if (members) return fillMembers(form, members, value, path);
  const items = part(field, ".array");
  if (items) return fillItems(form, items, value, path);
  const boxes = part(field, ".boxes");
  if (boxes) return fillBoxes(boxes, value);
  const union = part(field, ".union");
  const select = union?.querySelector(":scope > select") ?? part(field, "select");
  if (!select) return type(part(field, "input") ?? part(field, "textarea"), String(value));
  for (const option of select.options) {
    select.value = option.value;
    say(select, "input");
    say(select, "change");
    const branch = union?.querySelector(":scope > .branch > .field");
    try {
      if (branch) fillField(form, branch, value, path);
    } catch {
      continue; // not the branch for this value
    }
    if (same(find(form.value(), path), value) && (!branch || isRightBelow(form, path))) return;
  }
  throw new Error(`no option is ${JSON.stringify(value)}`);
}

function fillMembers(form, members, value, path) {
  for (const [name, each] of Object.entries(value)) {
    let field = [...members.children].find((child) => child.matches(".field") && child.dataset.key === name);
    if (!field) {
      members.querySelector(":scope > button.add").click();
      const entry = members.querySelector(":scope > .entries").lastChild;
      type(entry.querySelector(".key"), name);
      field = entry.querySelector(":scope > .field");
    }
    fillField(form, field, each, [...path, name]);
  }
}

function fillItems(form, array, value, path) {
  const list = array.querySelector(":scope > .items");
  value.forEach((each, at) => {
    if (!list.children[at]) array.querySelector(":scope > button.add").click();
    fillField(form, list.children[at].querySelector(":scope > .field"), each, [...path, at]);
  });
}

function fillBoxes(boxes, value) {
  const labels = [...boxes.querySelectorAll("label")];
  for (const each of value) {
    const box = labels.find((label) => label.textContent.trim() === String(each).trim()).querySelector("input");
    if (!box.checked) box.click();
  }
}
