// What a server sent, laid out by mcp_notebook/explorer/previews.py, in the page. Texts are put in as texts; the one
// piece of HTML is what mcp_notebook/markdown.py let through.

import { element } from "../../form/dom.js";

const PARTS = {
  text: (part) => element("pre", { class: "text", tabindex: "0" }, part.text),
  markdown(part) {
    const node = element("div", { class: "markdown" });
    node.innerHTML = part.html;
    for (const link of node.querySelectorAll("a")) {
      link.target = "_blank";
      link.rel = "noopener noreferrer";
    }
    return node;
  },
  table(part) {
    const head = element("tr", {}, ...part.columns.map((name) => element("th", { scope: "col" }, name)));
    const rows = part.rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell))));
    const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
    const notes = [];
    if (part.total > part.rows.length) notes.push(`${(part.total - part.rows.length).toLocaleString("en")} more rows`);
    if (part.columnsLeftOut) notes.push(`${part.columnsLeftOut} more columns`);
    const note = notes.length
      ? element("p", { class: "note" }, `… ${notes.join(" and ")}; bind the result to a variable to have them all`)
      : null;
    return element("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Table" }, table, note);
  },
  image: (part) => element("img", { src: part.source, alt: part.label }),
  audio: (part) => element("audio", { src: part.source, controls: "", "aria-label": part.label }),
  hex: (part) =>
    element(
      "div",
      {},
      element("p", { class: "note" }, part.label),
      element("pre", { class: "text", tabindex: "0" }, part.text),
    ),
  link: (part) => element("p", {}, element("strong", {}, part.text), " ", element("code", {}, part.uri)),
};

export function showParts(parts) {
  return element(
    "div",
    { class: "parts" },
    ...parts.flatMap((part) => [part.title ? element("h5", {}, part.title) : null, PARTS[part.kind](part)]),
  );
}
