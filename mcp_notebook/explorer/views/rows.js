// A list of very many rows of which only those in sight are in the page: found by typing, chosen with the arrow keys.
//
//   const rows = newRows({ label, onOpen, draw })
//   rows.element           a search field, how many were found, and the list
//   rows.set(items)        items: {key, text, ...}; text is what is searched
//   rows.focus()           go to the search field
//
// The field keeps the focus, and says by aria-activedescendant which row is chosen: a combobox with its listbox.

import { element } from "../form/dom.js";

const ROW = 40; // pixels; the same in explorer.css
const AROUND = 6; // rows above and below those in sight
const PAGE = 8;

export function newRows({ id, label, onOpen, draw }) {
  const search = element("input", {
    type: "search", role: "combobox", "aria-label": `Search ${label}`, "aria-controls": `${id}-list`, "aria-expanded": "true",
    "aria-autocomplete": "list", placeholder: `Search ${label}`, autocomplete: "off", spellcheck: "false",
  });
  const status = element("div", { class: "count", role: "status" });
  const space = element("div", { class: "space", role: "presentation" });
  const list = element("div", { class: "rows", role: "listbox", id: `${id}-list`, "aria-label": label, tabindex: "0", "data-lm-suppress-shortcuts": "true" }, space);
  const node = element("div", { class: "finder" }, search, status, list);
  let all = [];
  let found = [];
  let chosen = -1;
  let shownKey = null;
  const inPage = new Map();

  function find() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = words.length ? all.filter((item) => words.every((word) => item.lower.includes(word))) : all;
    chosen = found.length && words.length ? 0 : -1;
    list.scrollTop = 0;
    for (const one of inPage.values()) one.remove();
    inPage.clear();
    space.style.height = `${found.length * ROW}px`;
    const of = found.length === all.length ? "" : ` of ${all.length.toLocaleString("en")}`;
    status.textContent = all.length ? `${found.length.toLocaleString("en")}${of} ${label}` : `No ${label}`;
    paint();
  }
  function paint() {
    const height = list.clientHeight || 400;
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - AROUND);
    const last = Math.min(found.length, Math.ceil((list.scrollTop + height) / ROW) + AROUND);
    for (const [at, one] of inPage) {
      if (at < first || at >= last) {
        one.remove();
        inPage.delete(at);
      }
    }
    for (let at = first; at < last; at += 1) if (!inPage.has(at)) inPage.set(at, add(at));
    mark();
  }
  function add(at) {
    const one = element("div", { class: "row", role: "option", id: `${id}-row-${at}`, "aria-posinset": at + 1, "aria-setsize": found.length }, ...draw(found[at]));
    one.style.top = `${at * ROW}px`;
    one.addEventListener("click", () => open(at));
    space.append(one);
    return one;
  }
  function mark() {
    for (const [at, one] of inPage) {
      one.setAttribute("aria-selected", String(found[at].key === shownKey));
      one.classList.toggle("chosen", at === chosen);
    }
    for (const one of [search, list]) {
      if (inPage.has(chosen)) one.setAttribute("aria-activedescendant", `${id}-row-${chosen}`);
      else one.removeAttribute("aria-activedescendant");
    }
  }
  function choose(at) {
    chosen = Math.max(0, Math.min(found.length - 1, at));
    const top = chosen * ROW;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
    paint();
  }
  function open(at) {
    if (!found[at]) return;
    chosen = at;
    shownKey = found[at].key;
    mark();
    onOpen(found[at]);
  }
  function onKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };
    if (event.key in steps && found.length) choose(chosen + steps[event.key]);
    else if (event.key === "Enter" && found.length) open(Math.max(0, chosen));
    else if (event.currentTarget === list && event.key === "Home") choose(0);
    else if (event.currentTarget === list && event.key === "End") choose(found.length - 1);
    else return;
    event.preventDefault();
  }
  search.addEventListener("input", find);
  search.addEventListener("keydown", onKey);
  list.addEventListener("keydown", onKey);
  list.addEventListener("scroll", paint);

  function set(items) {
    all = items.map((item) => ({ ...item, lower: item.text.toLowerCase() }));
    find();
  }
  return { element: node, set, focus: () => search.focus(), repaint: paint };
}
