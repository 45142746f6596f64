// What a server says of itself.

import { element } from "../../form/dom.js";
import { newDrawing } from "./drawing.js";
import { newFolded } from "./tools.js";

export function newServer({ asker, getServer }) {
  const node = element("div", {
    class: "server page",
    tabindex: "0",
    role: "region",
    "aria-label": "About the server",
  });
  const drawing = newDrawing(node, draw);

  async function load() {
    drawing.show(await asker.ask("server", { server: getServer() }).answer);
  }
  function draw(about) {
    const facts = Object.entries(about.facts).map(([name, fact]) =>
      element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, fact)),
    );
    node.replaceChildren(
      element("table", { class: "facts" }, element("tbody", {}, ...facts)),
      element("h5", {}, "Instructions"),
      element("pre", { class: "text", tabindex: "0" }, about.instructions || "It gives none."),
      newFolded("Capabilities", about.capabilities),
      about.stderr ? element("h5", {}, "What it wrote to stderr") : "",
      about.stderr ? element("pre", { class: "text", tabindex: "0" }, about.stderr) : "",
    );
  }
  return { element: node, load, focus: () => node.focus(), clear: drawing.clear };
}
