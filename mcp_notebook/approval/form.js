// The front end's part of a question. Everything that came from a server is put in as text, never as HTML.

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
    return { node: element("div", { role: "group", "aria-label": field.label }, ...labels), read };
  },
};
CONTROLS.integer = CONTROLS.number;

function fieldRow(field) {
  const { node, read } = CONTROLS[field.kind](field);
  const problem = element("span", { class: "problem", role: "alert" });
  const name = element("span", { class: "name" }, field.label + (field.required ? " *" : ""));
  const help = field.help ? element("span", { class: "help" }, field.help) : null;
  const row = element(field.kind === "choices" ? "div" : "label", { class: "field" }, name, help, node, problem);
  return { name: field.name, node: row, read, problem };
}

function lastingChoice(question) {
  const node = element("select", { "aria-label": "how long this answer counts", style: "width: auto" });
  node.append(new Option("this time", "once"), new Option("until the kernel ends", "session"), new Option("always", "always"));
  node.title = `Remembered where the answer is: ${question.lasts.join(", ")}`;
  return node;
}

function render({ model, el }) {
  const question = model.get("question");
  const rows = question.fields.map(fieldRow);
  const lasting = question.lasts.length ? lastingChoice(question) : null;
  const status = element("span", { role: "status" });
  const parts = [
    element("p", {}, element("strong", {}, question.title), ` (${question.asker})`),
    element("p", { class: "message" }, question.message),
  ];
  if (question.link) {
    parts.push(element("p", {}, "It leads to ", element("strong", { class: "host" }, question.link.host)));
    parts.push(element("p", { class: "url" }, question.link.url));
  }
  parts.push(...question.notes.map((note) => element("p", {}, note)));
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
    model.send({ event: "answer", action, content, lasting: lasting?.value ?? "once" });
  }
  const buttons = [["accept", question.accept], ["decline", "Decline"], ["cancel", "Cancel"]].map(([action, label]) => {
    const button = element("button", { type: "button", class: action }, label);
    button.addEventListener("click", () => answer(action));
    return button;
  });
  parts.push(element("div", {}, ...buttons, lasting, " ", status));

  function update() {
    const problems = model.get("problems");
    for (const row of rows) row.problem.textContent = problems[row.name] ?? "";
    const outcome = model.get("outcome");
    status.textContent = outcome;
    const controls = el.querySelectorAll("input, select, textarea, button");
    if (outcome) controls.forEach((control) => (control.disabled = true));
  }
  model.on("change:problems", update);
  model.on("change:outcome", update);
  el.append(element("div", { class: "mcp-question", role: "group", "aria-label": question.title }, ...parts));
  update();
  model.send({ event: "shown" });
  return () => {
    model.off("change:problems", update);
    model.off("change:outcome", update);
  };
}

export default { render };
