// A question as a card: who asks, what, the form, the buttons. Everything that came from a server is put in as text,
// never as HTML. What stands around a card is in question.js and inbox.js.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child != null));
  return made;
}

// Each control is {node, read}: read() gives the value, or undefined to leave the field out.
const CONTROLS = {
  text(field) {
    const many = field.lines > 1;
    const types = { date: "date", email: "email", uri: "url" };
    const type = field.secret ? "password" : types[field.bounds.format] ?? "text";
    const node = many ? element("textarea", { rows: field.lines }) : element("input", { type, autocomplete: "off" });
    node.value = field.default ?? "";
    return { node, read: () => (node.value === "" && (!field.required || field.bounds.minLength) ? undefined : node.value) };
  },
  number(field) {
    const step = field.kind === "integer" ? "1" : "any";
    const node = element("input", { type: "number", step, autocomplete: "off" });
    if (field.default != null) node.value = field.default;
    return { node, read: () => (node.value === "" ? undefined : Number(node.value)) };
  },
  boolean(field) {
    const node = element("select");
    if (field.default == null) node.append(new Option("", ""));
    node.append(new Option("yes", "yes"), new Option("no", "no"));
    if (field.default != null) node.value = field.default ? "yes" : "no";
    return { node, read: () => (node.value === "" ? undefined : node.value === "yes") };
  },
  choice(field) {
    const node = element("select");
    node.append(new Option("", ""));
    field.options.forEach((option, index) => node.append(new Option(option.label, String(index))));
    node.value = String(field.options.findIndex((option) => option.value === field.default));
    return { node, read: () => field.options[Number(node.value === "" ? -1 : node.value)]?.value };
  },
  choices(field) {
    const boxes = field.options.map((option) => {
      const box = element("input", { type: "checkbox" });
      box.checked = (field.default ?? []).includes(option.value);
      return box;
    });
    const labels = field.options.map((option, index) => element("label", {}, boxes[index], ` ${option.label}`));
    const read = () => {
      const chosen = field.options.filter((_, index) => boxes[index].checked).map((option) => option.value);
      return chosen.length || field.required ? chosen : undefined;
    };
    return { node: element("div", { role: "group" }, ...labels), read };
  },
};
CONTROLS.integer = CONTROLS.number;

// Ids are the page's: other cells may show other questions, each with this code of its own.
const PREFIX = `mcp-${Math.random().toString(36).slice(2)}`;
let ids = 0;

// What a field is about. Its URL is a data: URL of an image or a sound, made in Python.
function shownMedia(field) {
  if (!field.media) return null;
  if (field.media.startsWith("data:audio/")) return element("audio", { src: field.media, controls: "", "aria-label": field.label });
  return element("img", { src: field.media, alt: field.label, style: "display: block; max-width: 100%; max-height: 20em" });
}

function fieldRow(field) {
  const { node, read } = CONTROLS[field.kind](field);
  const id = `${PREFIX}-${(ids += 1)}`;
  const several = field.kind === "choices";
  const name = element(several ? "div" : "label", { class: "name", id: `${id}-name` }, field.label);
  if (field.required) name.append(element("span", { class: "required" }, " (required)"));
  const help = field.help ? element("div", { class: "help", id: `${id}-help` }, field.help) : null;
  const problem = element("div", { class: "problem", id: `${id}-problem`, role: "alert" });
  node.id = id;
  if (several) node.setAttribute("aria-labelledby", name.id);
  else name.htmlFor = id;
  node.setAttribute("aria-describedby", [help, problem].filter(Boolean).map((one) => one.id).join(" "));
  const point = (text) => {
    problem.textContent = text;
    if (!several) node.setAttribute("aria-invalid", String(Boolean(text)));
  };
  return { name: field.name, node: element("div", { class: "field" }, name, help, shownMedia(field), node, problem), control: several ? node.querySelector("input") : node, read, point };
}

function lastingChoice(question) {
  const select = element("select");
  select.append(new Option("this time", "once"), new Option("until the kernel ends", "session"), new Option("always", "always"));
  const lead = question.lasts.includes("accept") ? "This answer counts " : "A no counts ";
  return { node: element("label", { class: "lasting" }, lead, select), read: () => select.value };
}

// Gives {node, update, focus}; send gets the answer that was clicked.
function questionCard(question, send) {
  const rows = question.fields.map(fieldRow);
  const lasting = question.lasts.length ? lastingChoice(question) : null;
  const status = element("span", { class: "status", role: "status" });
  const parts = [
    element("p", { class: "title" }, element("strong", {}, question.title), ` (${question.asker})`),
    element("p", { class: "message" }, question.message),
  ];
  if (question.link) {
    parts.push(element("p", {}, "It leads to ", element("strong", { class: "host" }, question.link.host)));
    parts.push(element("p", { class: "url" }, question.link.url));
  }
  parts.push(...question.notes.map((note) => element("p", { class: "note" }, note)));
  parts.push(...question.warnings.map((warning) => element("p", { class: "warning" }, `Careful: ${warning}`)));
  parts.push(...rows.map((row) => row.node));

  function answer(action) {
    const content = {};
    if (action === "accept") {
      for (const row of rows) {
        const value = row.read();
        if (value !== undefined) content[row.name] = value;
      }
      // Only on the person's own click; the page that opens cannot reach this one.
      if (question.link) window.open(question.link.url, "_blank", "noopener,noreferrer");
    }
    send({ event: "answer", action, content, lasting: lasting?.read() ?? "once" });
  }
  const buttons = [["accept", question.accept], ["decline", "Decline"], ["cancel", "Cancel"]].map(([action, label]) => {
    const button = element("button", { type: "button", class: action }, label);
    button.addEventListener("click", () => answer(action));
    return button;
  });
  parts.push(element("div", { class: "buttons" }, ...buttons, lasting?.node, status));
  const node = element("div", { class: "mcp-question", role: "group", "aria-label": question.title }, ...parts);
  const controls = node.querySelectorAll("input, select, textarea, button");
  // Else JupyterLab takes keys that are pressed on a button or a list for its own: Enter, arrows, y, d d. Not on the
  // card: JupyterLab's selectors fit the control itself, which it looks at first.
  controls.forEach((control) => control.setAttribute("data-lm-suppress-shortcuts", "true"));

  let pointed = "{}";
  function update(problems, outcome) {
    const now = JSON.stringify(problems);
    if (now !== pointed) {
      for (const row of rows) row.point(problems[row.name] ?? "");
      rows.find((row) => problems[row.name])?.control?.focus();
      pointed = now;
    }
    status.textContent = outcome;
    if (outcome) controls.forEach((control) => (control.disabled = true));
  }
  return { node, update, focus: () => (rows[0]?.control ?? buttons[0]).focus() };
}
