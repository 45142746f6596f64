// Controls for what holds nothing else. Each is
//   node, target   what is put in the page, and what the label names and focus goes to
//   accepts(value) whether it can show it; what it shows it gives back unchanged
//   read()         the value; undefined where nothing is filled in
//   write(value)   undefined for nothing
//   check()        what is wrong with what is filled in; "" if nothing is

import { element, hidesCharacters, shownText } from "./dom.js";
import { isSame } from "./values.js";
import { findOddFormat, findProblem } from "./checks.js";

const MOST_CHARACTERS = 100_000; // of a text that is shown in a field
const INPUT_TYPES = { date: "date", email: "email", uri: "url", password: "password" };
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const EXAMPLES = {
  "date-time": "2026-11-22T09:30:00+09:00",
  time: "09:30:00+09:00",
  duration: "P1DT2H",
  uuid: "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
};

const INEXACT = "A page cannot hold a number this large exactly: send it from a cell, with %mcp call.";
// Whether a whole number is what was written: beyond 2^53, a page rounds.
const isExact = (written, value) =>
  !/^-?\d+$/.test(written) || !Number.isFinite(value) || BigInt(written) === BigInt(value);

function newTextControl({ schema }) {
  const type = schema.writeOnly === true ? "password" : INPUT_TYPES[schema.format];
  const placeholder =
    EXAMPLES[schema.format] ??
    (typeof schema.examples?.[0] === "string" ? `e.g. ${shownText(schema.examples[0], 60)}` : null);
  const plain = { autocomplete: "off", spellcheck: "false", placeholder };
  const node = type ? element("input", { type, ...plain }) : element("textarea", { rows: "1", ...plain });
  const read = () => (node.value === "" ? undefined : node.value);
  return {
    node,
    target: node,
    accepts: (value) => typeof value === "string" && value.length <= MOST_CHARACTERS && !hidesCharacters(value),
    read,
    write: (value) => (node.value = value ?? ""),
    check() {
      if (node.validity.badInput) return "This is not complete.";
      return node.value === "" ? "" : findProblem(node.value, schema) || findOddFormat(node.value, schema.format);
    },
  };
}

function newNumberControl({ kind, schema }) {
  const node = element("input", {
    type: "text",
    inputmode: kind === "integer" ? "numeric" : "decimal",
    autocomplete: "off",
  });
  const typed = () => node.value.trim();
  const number = () => (NUMBER.test(typed()) ? Number(typed()) : NaN);
  const isRight = () =>
    Number.isFinite(number()) && (kind === "number" || Number.isSafeInteger(number())) && isExact(typed(), number());
  const wanted = () =>
    isExact(typed(), number())
      ? kind === "integer"
        ? "This must be a whole number."
        : "This must be a number."
      : INEXACT;
  return {
    node,
    target: node,
    accepts: (value) => typeof value === "number" && (kind === "number" || Number.isSafeInteger(value)),
    read: () => (isRight() ? number() : undefined),
    write: (value) => (node.value = value === undefined ? "" : String(value)),
    check: () => (typed() === "" ? "" : isRight() ? findProblem(number(), schema) : wanted()),
  };
}

function newSelect(options, isEmptiable, emptyLabel) {
  const node = element("select");
  if (isEmptiable) node.append(new Option(emptyLabel, ""));
  options.forEach((option, at) => node.append(new Option(option.label, String(at))));
  const find = (value) => options.findIndex((option) => isSame(option.value, value));
  return {
    node,
    target: node,
    accepts: (value) => find(value) >= 0,
    read: () => (node.value === "" ? undefined : options[Number(node.value)].value),
    write: (value) => (node.value = value === undefined ? "" : String(find(value))),
    check: () => "",
  };
}

const YES_NO = [
  { value: true, label: "true" },
  { value: false, label: "false" },
];

// One that must be chosen, of one, is chosen.
function newChoiceControl({ options }, { required }) {
  return newSelect(options, !required || options.length > 1, required ? "choose…" : "");
}

function newBooleanControl(_, { required }) {
  return newSelect(YES_NO, true, required ? "choose…" : "");
}

function newChoicesControl({ schema, options }) {
  let chosen = []; // in the order of choosing
  const boxes = options.map(() => element("input", { type: "checkbox" }));
  boxes.forEach((box, at) =>
    box.addEventListener(
      "input",
      () => (chosen = box.checked ? [...chosen, at] : chosen.filter((each) => each !== at)),
    ),
  );
  const find = (value) => options.findIndex((option) => isSame(option.value, value));
  const node = element(
    "div",
    { role: "group", class: "boxes" },
    ...options.map((option, at) => element("label", {}, boxes[at], ` ${option.label}`)),
  );
  const read = () => (chosen.length ? chosen.map((at) => options[at].value) : undefined);
  return {
    node,
    target: node,
    accepts: (value) =>
      Array.isArray(value) &&
      value.every((each, at) => find(each) >= 0 && value.findIndex((same) => isSame(same, each)) === at),
    read,
    write(value) {
      chosen = (value ?? []).map(find);
      boxes.forEach((box, at) => (box.checked = chosen.includes(at)));
    },
    check: () => (read() === undefined ? "" : findProblem(read(), schema)),
  };
}

export const LEAF_CONTROLS = {
  text: newTextControl,
  number: newNumberControl,
  integer: newNumberControl,
  boolean: newBooleanControl,
  choice: newChoiceControl,
  choices: newChoicesControl,
};

// Any value, as JSON.
export function newJsonControl() {
  const node = element("textarea", {
    class: "json",
    rows: "3",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "JSON",
  });
  const parse = () => {
    let isWhole = true;
    const look = (_, value, written) => {
      if (typeof value === "number" && written && !isExact(written.source, value)) isWhole = false;
      return value;
    };
    try {
      const value = JSON.parse(node.value, look);
      return isWhole ? { value } : { problem: INEXACT };
    } catch (error) {
      return { problem: `This is not JSON: ${shownText(error.message, 200)}` };
    }
  };
  const isEmpty = () => node.value.trim() === "";
  return {
    node,
    target: node,
    read: () => (isEmpty() ? undefined : parse().value),
    write: (text) => (node.value = text),
    check: () => (isEmpty() ? "" : (parse().problem ?? "")),
  };
}
