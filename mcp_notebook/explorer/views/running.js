// One call of a tool: progress, how its task stands, cancel, the result, and what can be done with it.

import { element, newButton } from "../../form/dom.js";
import { showParts } from "./parts.js";

const seconds = (count) => `${count.toFixed(count < 10 ? 2 : 0)} s`;

// Gives {element, run, show}: run(said, onProblems) calls a tool; show(past) shows what a call of the history gave.
export function newRunning(asker, { onRun = () => {} } = {}) {
  const bar = element("progress", { "aria-label": "Progress", hidden: "" });
  const status = element("span", { class: "status", role: "status" });
  const cancel = newButton("Cancel", () => running?.cancel(), { class: "cancel", disabled: "" });
  const line = element("div", { class: "bar progress" }, cancel, bar, status);
  const result = element("div", { class: "result", role: "region", "aria-label": "Result" });
  const variable = element("input", {
    type: "text",
    "aria-label": "Name of a variable",
    placeholder: "name",
    size: "12",
    autocomplete: "off",
    spellcheck: "false",
  });
  const bound = element("span", { role: "status" });
  const bind = newButton("Bind to variable", async () => {
    try {
      bound.textContent = `${(await asker.ask("bind", { number, variable: variable.value.trim() }).answer).bound} has the result.`;
    } catch (error) {
      bound.textContent = error.message;
    }
  });
  variable.addEventListener("keydown", (event) => event.key === "Enter" && bind.click());
  const keeping = element("div", { class: "bar keeping", hidden: "" }, bind, variable, bound);
  const node = element("div", { class: "running" }, line, keeping, result);
  let running = null;
  let number = 0;

  function part({ progress, run, task }) {
    if (run) number = run.number;
    if (progress) showProgress(progress);
    if (task) showTask(task);
  }
  function showProgress({ value, total, message }) {
    bar.hidden = false;
    if (total) Object.assign(bar, { max: total, value: Math.min(value, total) });
    else bar.removeAttribute("value");
    status.textContent = [total ? `${value} of ${total}` : String(value), message].filter(Boolean).join(" · ");
  }
  function showTask({ works, said }) {
    bar.hidden = !works;
    bar.removeAttribute("value"); // how far it is, nobody says
    status.textContent = said;
  }
  function clear() {
    result.replaceChildren();
    keeping.hidden = true;
    bound.textContent = "";
  }
  function show({ run, parts, problem }) {
    clear();
    number = run.number;
    bar.hidden = true;
    const words = { done: "Done", failed: "Failed", cancelled: "Cancelled", running: "Still running" };
    status.textContent = `${words[run.state]} in ${seconds(run.seconds)}`;
    result.classList.toggle("failed", run.state === "failed");
    if (problem) result.append(element("p", { class: "problem" }, problem));
    if (parts.length) result.append(showParts(parts));
    keeping.hidden = run.state === "running" || !parts.length;
    bringIntoSight();
  }
  // Below a long form: only what is scrolled here is, and never the notebook.
  function bringIntoSight() {
    const box = node.closest(".detail, .page");
    const below = box
      ? node.getBoundingClientRect().top + Math.min(200, node.offsetHeight) - box.getBoundingClientRect().bottom
      : 0;
    if (below > 0) box.scrollTop += below;
  }
  const say = ({ pointer, message }) => (pointer ? `${pointer.slice(1)}: ${message}` : message);
  const showProblems = (problems) =>
    result.append(...problems.map((one) => element("p", { class: "problem" }, say(one))));

  async function run(said, onProblems = showProblems) {
    clear();
    bar.hidden = false;
    bar.removeAttribute("value");
    status.textContent = "Running …";
    running = asker.ask("run", said, part);
    cancel.disabled = false;
    try {
      const answer = await running.answer;
      if (answer.problems) {
        status.textContent = "";
        onProblems(answer.problems);
      } else show(answer);
    } catch (error) {
      status.textContent = error.cancelled ? "Cancelled" : "Failed";
      if (!error.cancelled) result.append(element("p", { class: "problem" }, error.message));
    }
    bar.hidden = true;
    cancel.disabled = true;
    running = null;
    onRun();
  }
  return {
    element: node,
    run,
    show,
    clear: () => (clear(), (status.textContent = "")),
    isRunning: () => running !== null,
  };
}
