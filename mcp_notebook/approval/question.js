// A question under its cell: one card.

import { newCard } from "./card.js";

function render({ model, el }) {
  const { node, update } = newCard(model.get("question"), (answer) => model.send(answer));
  const changed = () => update(model.get("problems"), model.get("outcome"));
  model.on("change:problems", changed);
  model.on("change:outcome", changed);
  el.append(node);
  changed();
  model.send({ event: "shown" });
  return () => {
    model.off("change:problems", changed);
    model.off("change:outcome", changed);
  };
}

export default { render };
