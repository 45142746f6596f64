// What was run from here: look at it again, run it again, or change it first.

import { element, newButton } from "../../form/dom.js";
import { newDrawing } from "./drawing.js";
import { newRunning } from "./running.js";

export function newHistory({ asker, edit }) {
  const list = element("ol", { class: "history" });
  const drawing = newDrawing(list, (runs) => list.replaceChildren(...runs.map(drawRun)));
  const running = newRunning(asker, { onRun: () => load() });
  const empty = element("p", { class: "note" }, "Nothing was run from here yet.");
  const node = element("div", { class: "page", role: "region", "aria-label": "History" }, empty, list, running.element);

  async function load() {
    const { runs } = await asker.ask("history").answer;
    empty.hidden = runs.length > 0;
    drawing.show(runs);
  }
  function drawRun(run) {
    const name = `${run.server}.${run.shown}`;
    const about = `call ${run.number}, ${name}`;
    const shown = newButton("Show", async () => running.show(await asker.ask("past", { number: run.number }).answer), {
      "aria-label": `Show ${about}`,
    });
    shown.disabled = run.state === "running";
    const again = newButton(
      "Replay",
      () => running.run({ server: run.server, name: run.tool, arguments: run.arguments }),
      { "aria-label": `Replay ${about}` },
    );
    const change = newButton("Edit and replay", () => edit(run), { "aria-label": `Edit and replay ${about}` });
    return element(
      "li",
      { class: run.state },
      element("span", { class: "what" }, element("strong", {}, `${run.number}. ${name}`), ` ${run.written}`),
      element(
        "span",
        { class: "state" },
        `${run.state}, ${run.seconds.toFixed(2)} s${run.problem ? `: ${run.problem}` : ""}`,
      ),
      element("span", { class: "bar" }, shown, again, change),
    );
  }
  return { element: node, load, focus: () => (list.querySelector("button:enabled") ?? node).focus(), clear: () => {} };
}
