// The wire log as messages pass: filtered by typing, one exchange unfolded with request and answer side by side.

import { element, newButton } from "../../form/dom.js";
import { newRows } from "./rows.js";

const MOST_ROWS = 5000; // in this page; the kernel keeps more
const clock = (seconds) => new Date(1000 * seconds).toISOString().slice(11, 23);

export function newLog({ id, asker, getServer, everything }) {
  const rows = newRows({
    id: `${id}-log`,
    label: "messages",
    draw: drawMessage,
    onOpen: open,
    most: MOST_ROWS,
    follow: true,
  });
  const detail = element("div", { class: "detail exchange", role: "region", "aria-label": "Exchange", tabindex: "-1" });
  const all = element("input", { type: "checkbox", checked: everything ? "" : null });
  const pause = newButton("Pause", togglePause, { "aria-pressed": "false" });
  const note = element("span", { class: "note", role: "status" });
  const stderr = element("pre", { class: "text", tabindex: "0" });
  const said = element(
    "details",
    { class: "stderr" },
    element("summary", {}, "What the server wrote to stderr"),
    stderr,
  );
  const bar = element("div", { class: "bar" }, element("label", {}, all, " all servers"), pause, note);
  const node = element("div", { class: "log" }, bar, element("div", { class: "split" }, rows.element, detail), said);
  let running = null;
  let marks = {};
  let skipped = 0;
  let paused = false;
  clear();

  function take(batch) {
    marks = batch.marks;
    skipped += batch.skipped;
    if (skipped)
      note.textContent = `${skipped.toLocaleString("en")} messages came too fast to be shown: %mcp log has them`;
    rows.add(
      batch.rows.map(([server, number, arrow, kind, title, brief, size, time]) => ({
        key: `${server} ${number} ${time}`,
        server,
        number,
        arrow,
        kind,
        title,
        brief,
        size,
        time,
        text: `${server} #${number} ${kind} ${title} ${brief}`,
      })),
    );
  }
  async function watch() {
    const mine = (running = { cancel: () => {} });
    while (running === mine) {
      const asked = asker.ask(
        "log",
        { server: all.checked ? "" : getServer(), marks },
        (batch) => running === mine && take(batch),
      );
      mine.cancel = asked.cancel;
      try {
        const answer = await asked.answer;
        if (running === mine) ({ marks } = answer);
      } catch {
        return;
      }
    }
  }
  function leave() {
    running?.cancel();
    running = null;
  }
  function togglePause() {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    if (paused) leave();
    else watch();
  }
  function clear() {
    leave();
    marks = {};
    skipped = 0;
    note.textContent = "";
    rows.set([]);
    detail.replaceChildren(
      element("p", { class: "note" }, "Choose a message: its request and its answer are shown side by side."),
    );
  }
  all.addEventListener("change", () => {
    clear();
    if (!paused) watch();
  });
  said.addEventListener("toggle", showStderr);
  async function showStderr() {
    if (said.open) stderr.textContent = (await asker.ask("stderr", { server: getServer() }).answer).text || "Nothing.";
  }
  async function open(item) {
    if (!item.number) return;
    const exchange = await asker.ask("exchange", { server: item.server, number: item.number }).answer;
    const sides = [exchange.request, ...exchange.answers].map(drawFull);
    const more = exchange.more ? `, the last ${exchange.between.length}` : "";
    detail.replaceChildren(
      element("div", { class: "sides" }, ...sides),
      exchange.between.length ? element("h5", {}, `Between them${more}`) : "",
      ...exchange.between.map((one) =>
        element("details", {}, element("summary", {}, `#${one.number} ${one.title}`), ...drawBodies(one)),
      ),
    );
  }
  async function load() {
    if (!running && !paused) watch();
    await showStderr();
  }
  return { element: node, load, leave, focus: rows.focus, repaint: rows.repaint, clear };
}

function drawMessage(item) {
  return [
    element(
      "div",
      { class: "name" },
      `${item.arrow} ${item.title}`,
      element("span", { class: "when" }, ` ${item.number ? `#${item.number} · ` : ""}${clock(item.time)}`),
    ),
    element("div", { class: "summary" }, item.brief || "\u00a0"),
  ];
}

function drawFull(message) {
  return element(
    "div",
    { class: "side" },
    element("h5", {}, `#${message.number} ${message.title}`),
    ...drawBodies(message),
  );
}

function drawBodies(message) {
  const texts = [message.body, message.http].filter(Boolean);
  return texts.map((text) => element("pre", { class: "text", tabindex: "0" }, text));
}
