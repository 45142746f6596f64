// What was decided beforehand, each to revoke; and what servers' questions were answered.

import { element, newButton } from "../../form/dom.js";
import { newDrawing } from "./drawing.js";

const COLUMNS = ["when", "server", "tool", "kind", "answer", "by", "asked"];

export function newPolicy({ asker }) {
  const node = element("div", { class: "page", tabindex: "0", role: "region", "aria-label": "Policy" });
  const status = element("p", { class: "note", role: "status" });
  const drawing = newDrawing(node, draw);

  async function load() {
    drawing.show(await asker.ask("policy").answer);
  }
  function draw({ rules, decisions }) {
    const head = element("tr", {}, ...COLUMNS.map((name) => element("th", { scope: "col" }, name)));
    const rows = decisions.map((one) => element("tr", {}, ...one.map((cell) => element("td", {}, cell))));
    node.replaceChildren(
      element("h5", {}, "Rules"),
      rules.length
        ? element("ul", { class: "history" }, ...rules.map(drawRule))
        : element("p", { class: "note" }, "There are no rules: servers' questions are put to you."),
      status,
      element("h5", {}, "What was answered"),
      decisions.length
        ? element(
            "div",
            { class: "table", tabindex: "0", role: "region", "aria-label": "Answers" },
            element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)),
          )
        : element("p", { class: "note" }, "No server has asked anything in this kernel."),
    );
  }
  function drawRule(rule) {
    const revoke = newButton(
      "Revoke",
      async () => {
        try {
          drawing.show(await asker.ask("revoke", { key: rule.key }).answer);
          status.textContent = `Revoked: ${rule.text}`;
        } catch (error) {
          status.textContent = error.message;
        }
      },
      { "aria-label": `Revoke ${rule.text}` },
    );
    return element(
      "li",
      {},
      element("span", { class: "what" }, rule.text),
      element("span", { class: "state" }, rule.since),
      revoke,
    );
  }
  return { element: node, load, focus: () => node.focus(), clear: () => {} };
}
