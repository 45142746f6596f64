// Elements of the page. Everything that a host or a kernel says is set as text, never as HTML.

// Characters that no eye sees, or that make text look like another: shown by their number.
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029\u115f\u1160\u3164\uffa0]/u;
const longest = 120;

function number(character) {
  return `\\u{${character.codePointAt(0).toString(16)}}`;
}

// A name, or whatever else is shown in a line: bounded, and without characters that act.
export function plain(text) {
  const characters = [...String(text)];
  const shown = characters.slice(0, longest).map((each) => (unseen.test(each) ? number(each) : each));
  return shown.join("") + (characters.length > longest ? "…" : "");
}

export function make(tag, text = "", properties = {}, ...children) {
  const element = document.createElement(tag);
  element.textContent = text;
  element.append(...children);
  return Object.assign(element, properties);
}

// Text of several lines, whole, as it is.
export function makeText(text, label) {
  const pre = make("pre", "", { tabIndex: 0 });
  pre.setAttribute("role", "group");
  pre.setAttribute("aria-label", label);
  let run = "";
  for (const character of text) {
    if (character === "\n" || character === "\t" || !unseen.test(character)) {
      run += character;
      continue;
    }
    pre.append(run, make("mark", number(character)));
    run = "";
  }
  pre.append(run);
  return pre;
}

export function makeTime(iso) {
  const time = new Date(iso);
  const today = time.toDateString() === new Date().toDateString();
  const shown = today
    ? time.toLocaleTimeString()
    : time.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  return make("time", shown, { dateTime: iso });
}

export function setStatus(text) {
  document.getElementById("status").textContent = text;
}

// A button that does one thing; what became of it is said, and the focus goes to what is left of its list.
export function makeButton(label, act, done, about = "") {
  const button = make("button", label, { type: "button" });
  if (about) button.setAttribute("aria-label", `${label} ${about}`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    const section = button.closest("section");
    try {
      await act();
      if (done) setStatus(done);
      if (!button.isConnected) (section.querySelector("article") ?? section.querySelector("h2")).focus();
    } catch (error) {
      setStatus(String(error.message));
    }
    if (button.isConnected) {
      button.disabled = false;
      if (document.activeElement === document.body) button.focus(); // a disabled button loses it
    }
  });
  return button;
}

// As above, but the first press only asks.
export function makeCarefulButton(label, question, act, done, about) {
  let sure = false;
  const button = makeButton(
    label,
    async () => {
      if (sure) return act();
      sure = true;
      button.textContent = question;
      button.setAttribute("aria-label", `${question} ${about}`);
      setStatus(`Press again to do it: ${question} ${about}`);
    },
    "",
    about,
  );
  button.addEventListener("blur", () => {
    if (button.disabled) return;
    sure = false;
    button.textContent = label;
    button.setAttribute("aria-label", `${label} ${about}`);
  });
  return button;
}

export function makeCopyButton(getText, about) {
  return makeButton(
    "Copy",
    async () => {
      if (!navigator.clipboard) throw new Error("This browser copies only on secure pages: select the text instead.");
      await navigator.clipboard.writeText(getText());
    },
    "Copied.",
    about,
  );
}

// What stays keeps its element, so that nobody's focus or selection is lost while something else comes or goes.
export function keep(parent, entries, makeEntry, nothing) {
  const old = new Map([...parent.children].map((child) => [child.dataset.id, child]));
  const children = entries.map((entry) => {
    const child = old.get(entry.id) ?? makeEntry(entry);
    child.dataset.id = entry.id;
    child.renew?.(entry);
    return child;
  });
  for (const child of [...parent.children]) if (!children.includes(child)) child.remove();
  children.forEach((child, place) => {
    if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] ?? null);
  });
  if (!children.length) parent.append(makeEmpty(parent, nothing));
}

function makeEmpty(parent, nothing) {
  const tag = { UL: "li", TBODY: "tr" }[parent.tagName] ?? "p";
  const empty = make(tag, tag === "tr" ? "" : nothing, { className: "empty" });
  if (tag === "tr") empty.append(make("td", nothing, { colSpan: 5 }));
  return empty;
}
