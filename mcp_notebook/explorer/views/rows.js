// A list of very many rows of which only those in sight are in the page: found by typing, chosen with the arrow keys.
//
//   const rows = newRows({ label, onOpen, draw })
//   rows.element           a search field, how many were found, and the list
//   rows.set(items)        items: {key, text, ...}; text is what is searched
//   rows.add(items)        more of them below; of more than `most` the first are left out, and `follow` goes along
//   rows.focus()           go to the search field
//
// The field keeps the focus, and says by aria-activedescendant which row is chosen: a combobox with its listbox.

import { element } from "../../form/dom.js";

const ROW = 40; // pixels; the same in explorer.css
const AROUND = 6; // rows above and below those in sight
const PAGE = 8;

export function newRows({ id, label, onOpen, draw, most = Infinity, follow = false }) {
  const search = element("input", {
    type: "search",
    role: "combobox",
    "aria-label": `Search ${label}`,
    "aria-controls": `${id}-list`,
    "aria-expanded": "true",
    "aria-autocomplete": "list",
    placeholder: `Search ${label}`,
    autocomplete: "off",
    spellcheck: "false",
  });
  const status = element("div", { class: "count", role: follow ? null : "status" });
  const space = element("div", { class: "space", role: "presentation" });
  const list = element(
    "div",
    {
      class: "rows",
      role: "listbox",
      id: `${id}-list`,
      "aria-label": label,
      tabindex: "0",
      "data-lm-suppress-shortcuts": "true",
    },
    space,
  );
  const node = element("div", { class: "finder" }, search, status, list);
  let all = [];
  let found = [];
  let chosen = -1;
  let shownKey = null;
  const inPage = new Map();

  const words = () => search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = (items, sought) => items.filter((item) => sought.every((word) => item.lower.includes(word)));

  function find() {
    const sought = words();
    found = sought.length ? fitting(all, sought) : [...all];
    chosen = found.length && sought.length ? 0 : -1;
    list.scrollTop = follow ? list.scrollHeight : 0;
    redraw();
    if (follow) toEnd();
  }
  function redraw() {
    for (const one of inPage.values()) one.remove();
    inPage.clear();
    count();
    paint();
  }
  function count() {
    space.style.height = `${found.length * ROW}px`;
    const of = found.length === all.length ? "" : ` of ${all.length.toLocaleString("en")}`;
    const noun = found.length === 1 && !of ? label.slice(0, -1) : label;
    status.textContent = all.length ? `${found.length.toLocaleString("en")}${of} ${noun}` : `No ${label}`;
  }
  function toEnd() {
    list.scrollTop = found.length * ROW;
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
    for (let at = first; at < last; at += 1) if (!inPage.has(at)) inPage.set(at, newRow(at));
    mark();
  }
  function newRow(at) {
    const one = element(
      "div",
      { class: "row", role: "option", id: `${id}-row-${at}`, "aria-posinset": at + 1, "aria-setsize": found.length },
      ...draw(found[at]),
    );
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
    onOpen(found[at])?.catch((error) => (status.textContent = error.message));
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

  const ready = (items) => items.map((item) => ({ ...item, lower: item.text.toLowerCase() }));
  function set(items) {
    if (
      items.length === all.length &&
      items.every((item, at) => item.key === all[at].key && item.text === all[at].text)
    )
      return;
    all = ready(items);
    find();
  }
  function add(items) {
    const atEnd = list.scrollTop + list.clientHeight >= found.length * ROW - ROW;
    const more = ready(items);
    all.push(...more);
    found.push(...fitting(more, words()));
    if (all.length > most) {
      const gone = new Set(all.splice(0, all.length - most));
      const before = found.length;
      found = found.filter((item) => !gone.has(item));
      chosen = Math.max(-1, chosen - (before - found.length));
      redraw();
    } else {
      count();
      paint();
    }
    if (follow && atEnd) toEnd();
  }
  return { element: node, set, add, isEmpty: () => all.length === 0, focus: () => search.focus(), repaint: paint };
}
