// The explorer: the servers of this notebook, and what each offers. A widget's module, for anywidget.

import { element, newButton, shownLine } from "../../form/dom.js";
import { newAsker } from "./asking.js";
import { newHistory } from "./history.js";
import { newLog } from "./log.js";
import { newPolicy } from "./policy.js";
import { newPrompts } from "./prompts.js";
import { newResources } from "./resources.js";
import { newServer } from "./servers.js";
import { newTabs } from "./tabs.js";
import { newTools } from "./tools.js";

const CLOSE_MILLISECONDS = 2000; // a cell that is moved takes its view away, and makes another
const views = new WeakMap(); // how many views a widget has in this page

function render({ model, el }) {
  views.set(model, (views.get(model) ?? 0) + 1);
  const explorer = newExplorer(model);
  el.append(explorer.element);
  explorer.start();
  return () => {
    explorer.close();
    views.set(model, views.get(model) - 1);
    setTimeout(() => views.get(model) === 0 && model.send({ ask: "close" }), CLOSE_MILLISECONDS);
  };
}

function newExplorer(model) {
  const id = `mcp-${Math.random().toString(36).slice(2)}`;
  const start = model.get("start");
  const asker = newAsker(model);
  const select = element("select", { "aria-label": "Server" });
  const state = element("span", { class: "state", role: "status" });
  const problem = element("div", { class: "problem", role: "alert" });
  const getServer = () => select.value;
  let closed = false;

  const tools = newTools({ id, asker, getServer });
  const pages = {
    tools: { label: "Tools", ...tools },
    resources: { label: "Resources", ...newResources({ id, asker, getServer }) },
    prompts: { label: "Prompts", ...newPrompts({ id, asker, getServer }) },
    server: { label: "Server", ...newServer({ asker, getServer }) },
    log: { label: "Log", ...newLog({ id, asker, getServer, everything: start.alone && !start.server }) },
    history: { label: "History", ...newHistory({ asker, edit }) },
    policy: { label: "Policy", ...newPolicy({ asker }) },
  };
  const ofServer = new Set(["tools", "resources", "prompts", "server"]);
  const canLoad = (name) => !ofServer.has(name) || select.value !== "";
  const tabs = newTabs({
    id,
    canLoad,
    pages: start.alone ? { [start.tab]: pages[start.tab] } : pages,
    onProblem: (text) => (problem.textContent = text),
  });
  const refresh = newButton("Refresh", () => refreshAll(), { "aria-label": "Ask the server again" });
  const shut = newButton("Close", () => model.send({ ask: "close" }), { "aria-label": "Close the explorer" });
  const node = element(
    "section",
    { class: "mcp-explorer", "aria-label": start.alone ? "MCP log" : "MCP explorer" },
    element("div", { class: "bar head" }, element("strong", {}, "MCP"), select, state, refresh, shut),
    tabs.bar,
    problem,
    ...tabs.panels,
  );

  // Whatever has the focus here keeps its keys, in a form that was made later, too: JupyterLab looks at it first.
  node.addEventListener("focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"));
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !event.target.closest(".detail")) return;
    event.preventDefault();
    pages[tabs.current].focus(); // back to what is searched
  });
  select.addEventListener("change", changeServer);

  async function refreshAll() {
    await tabs.reload(1);
  }
  async function changeServer() {
    wanted = select.value;
    for (const page of Object.values(pages)) page.clear();
    showState();
    await tabs.reload();
  }
  async function edit(run) {
    if (select.value !== run.server) {
      select.value = run.server;
      await changeServer();
    }
    await tabs.show("tools");
    await tools.open(run.tool, run.arguments);
  }
  let wanted = start.server; // one that is connected anew is away for a moment, and chosen again
  let servers = [];
  let asking = [];
  function showState() {
    const one = servers.find((server) => server.name === select.value);
    const asks = asking.length ? ` · ${asking.join(", ")} asks something: %mcp inbox` : "";
    state.textContent = one ? `${one.state}, ${one.era}${asks}` : "Nothing is connected. Begin with %mcp connect.";
    state.classList.toggle("lost", Boolean(one) && one.state !== "open");
  }
  function showServers(answer) {
    wanted ||= select.value;
    const known = servers.map((server) => `${server.name} ${server.state}`).join();
    ({ servers, asking } = answer);
    if (servers.map((server) => `${server.name} ${server.state}`).join() !== known) {
      select.replaceChildren(
        ...servers.map(
          (server) =>
            new Option(
              `${shownLine(server.name, 60)}${server.state === "open" ? "" : ` (${server.state})`}`,
              server.name,
            ),
        ),
      );
      if (servers.some((server) => server.name === wanted)) select.value = wanted;
    }
    showState();
    return answer.known;
  }
  async function watch() {
    if (start.server && !start.alone) select.append(new Option(shownLine(start.server, 60), start.server));
    tabs.show(start.tab); // at once: what is known of the server is on its way meanwhile
    let known = "";
    while (!closed) {
      try {
        const before = select.value;
        known = showServers(await asker.ask("servers", { known }).answer);
        if (select.value !== before) tabs.reload();
      } catch (error) {
        if (closed || error.cancelled) return;
        problem.textContent = error.message;
        return;
      }
    }
  }
  function close() {
    closed = true;
    asker.close();
  }
  return { element: node, start: watch, close };
}

export default { render };
