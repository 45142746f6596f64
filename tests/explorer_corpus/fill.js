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

// The field of one value, filled in; `read` gives what the form has for it now.
export function fill(field, value, read) {
  const sign = value === null ? "null" : value === "" ? '""' : Array.isArray(value) && !value.length ? "[]" : null;
  const special = sign && tool(field, sign);
  if (special) {
    if (special.ariaPressed !== "true") special.click();
    return;
  }
  const json = part(field, "textarea.json");
  if (json) return type(json, JSON.stringify(value));
  const appear = part(field, "button.add");
  if (appear) appear.click();
  const members = part(field, ".members");
  if (members) return fillMembers(members, value, read);
  const items = part(field, ".array");
  if (items) return fillItems(items, value, read);
  const boxes = part(field, ".boxes");
  if (boxes) return fillBoxes(boxes, value);
  const union = part(field, ".union");
  const select = union?.querySelector(":scope > select") ?? part(field, "select");
  if (!select) return type(part(field, "input, :scope > .body > textarea") ?? part(field, "textarea"), String(value));
  for (const option of select.options) {
    select.value = option.value;
    say(select, "input");
    say(select, "change");
    const branch = union?.querySelector(":scope > .branch > .field");
    try {
      if (branch) fill(branch, value, read);
    } catch {
      continue; // not the branch for this value
    }
    if (same(read(), value)) return;
  }
  throw new Error(`no option is ${JSON.stringify(value)}`);
}

function fillMembers(members, value, read) {
  for (const [name, each] of Object.entries(value)) {
    const inner = () => read()?.[name];
    const field = [...members.children].find((child) => child.matches(".field") && child.dataset.key === name);
    if (field) {
      fill(field, each, inner);
      continue;
    }
    members.querySelector(":scope > button.add").click();
    const entry = members.querySelector(":scope > .entries").lastChild;
    type(entry.querySelector(".key"), name);
    fill(entry.querySelector(":scope > .field"), each, inner);
  }
}

function fillItems(array, value, read) {
  const list = array.querySelector(":scope > .items");
  value.forEach((each, at) => {
    if (!list.children[at]) array.querySelector(":scope > button.add").click();
    fill(list.children[at].querySelector(":scope > .field"), each, () => read()?.[at]);
  });
}

function fillBoxes(boxes, value) {
  const labels = [...boxes.querySelectorAll("label")];
  for (const each of value) {
    const box = labels.find((label) => label.textContent.trim() === String(each).trim()).querySelector("input");
    if (!box.checked) box.click();
  }
}
