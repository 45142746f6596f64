// Tabs, as the ARIA practices have them: arrow keys go between them, and each shows its panel.

import { element, newButton } from "../../form/dom.js";

// pages: {name: {label, element, load, focus}}; gives {bar, panels, show, reload, current}.
// canLoad(name) says whether there is anything to show yet.
export function newTabs({ id, pages, canLoad, onProblem }) {
  const names = Object.keys(pages);
  const tabs = {};
  const panels = {};
  let current = null;
  for (const name of names) {
    tabs[name] = newButton(pages[name].label, () => show(name), {
      role: "tab",
      id: `${id}-tab-${name}`,
      "aria-controls": `${id}-panel-${name}`,
      "aria-selected": "false",
      tabindex: "-1",
    });
    panels[name] = element(
      "div",
      { role: "tabpanel", id: `${id}-panel-${name}`, "aria-labelledby": `${id}-tab-${name}`, hidden: "" },
      pages[name].element,
    );
  }
  const bar = element(
    "div",
    { role: "tablist", class: "tabs", "aria-label": "Parts of the explorer" },
    ...Object.values(tabs),
  );
  bar.addEventListener("keydown", (event) => {
    const at = names.indexOf(current);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const name = names[(to + names.length) % names.length];
    show(name);
    tabs[name].focus();
  });
  async function show(name) {
    if (current && current !== name) pages[current].leave?.();
    current = name;
    for (const one of names) {
      tabs[one].setAttribute("aria-selected", String(one === name));
      tabs[one].tabIndex = one === name ? 0 : -1;
      panels[one].hidden = one !== name;
    }
    await reload();
  }
  async function reload(anew = 0) {
    if (!canLoad(current)) return;
    try {
      await pages[current].load(anew);
      pages[current].repaint?.();
      onProblem("");
    } catch (error) {
      if (!error.cancelled) onProblem(error.message);
    }
  }
  return {
    bar,
    panels: Object.values(panels),
    show,
    reload,
    get current() {
      return current;
    },
  };
}
