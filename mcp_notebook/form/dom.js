// Elements and texts. What came from a server goes into the page as text only, bounded, and what cannot be seen in it
// is spelled out.

const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
const ODD_SPACE = /[^\S\n\t ]/g;
const CONTROLS = new Set(["button", "input", "select", "textarea"]);

const spelled = (character) => `\\u{${character.codePointAt(0).toString(16)}}`;
const escaped = (text) =>
  text
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

// A text as it can be shown: at most so many characters, nothing hidden.
export function shownText(text, limit = 1000) {
  const given = String(text);
  const cut = given.length > limit ? `${given.slice(0, limit)}… ${given.length - limit} more characters` : given;
  return cut.replace(INVISIBLE, spelled).replace(ODD_SPACE, " ");
}

export function shownLine(text, limit = 200) {
  const line = shownText(String(text).slice(0, 2 * limit), 2 * limit)
    .split(/\s+/)
    .join(" ")
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

export const hidesCharacters = (text) => text.search(INVISIBLE) >= 0;

// JSON for people to edit: what cannot be seen is escaped.
export const shownJson = (value) => JSON.stringify(value, null, 2).replace(INVISIBLE, escaped);

// Attributes that are null or undefined are left out, and so are such children; a text is a text, never HTML.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) made.setAttribute(name, value);
  // Else JupyterLab takes keys that are pressed on a button or a list for its own: Enter, arrows, y, d d.
  if (CONTROLS.has(tag)) made.setAttribute("data-lm-suppress-shortcuts", "true");
  made.append(...children.filter((child) => child != null));
  return made;
}

export function newButton(label, onClick, attributes = {}) {
  const button = element("button", { type: "button", ...attributes }, label);
  button.addEventListener("click", onClick);
  return button;
}
