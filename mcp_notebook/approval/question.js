// A question under its cell: one card. Where it was slow to come, a line of text has asked below it meanwhile.

import { newCard } from "./card.js";

function render({ model, el }) {
  const { node, update } = newCard(model.get("question"), (answer) => model.send(answer));
  const changed = () => update(model.get("problems"), model.get("outcome"));
  const ended = () => {
    changed();
    runCellsAgain(model);
  };
  model.on("change:problems", changed);
  model.on("change:outcome", ended);
  el.append(node);
  changed();
  model.send({ event: "shown" });
  return () => {
    model.off("change:problems", changed);
    model.off("change:outcome", ended);
  };
}

// JupyterLab runs no cell as long as it believes that a line is being typed. Only an answer tells it otherwise, and not
// that the kernel reads the line no more because a click was quicker. (The kernel's client is not there elsewhere.)
function runCellsAgain(model) {
  model.widget_manager?.kernel?.removeInputGuard?.();
}

export default { render };
