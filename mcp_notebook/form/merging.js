// A schema with its references and `allOf` taken in, as far as a form goes by it. What is lost on the way (two patterns
// at once, say) only means that the form lets more through: the check is Python's.

import { isObject, isSame, own, fromPart } from "./values.js";

const MOST_STEPS = 2000; // a few lines of references to each other can stand for any number

export const newBudget = () => ({ left: MOST_STEPS });

const all = (one, other) => (one === false || other === false ? false : { allOf: [one, other] });

function mergeNamed(one, other) {
  const named = new Map(Object.entries(one));
  for (const [name, schema] of Object.entries(other))
    named.set(name, named.has(name) ? all(named.get(name), schema) : schema);
  return Object.fromEntries(named);
}

function mergeTypes(one, other) {
  const allowed = [one].flat();
  const wider = (type) => type === "integer" && allowed.includes("number");
  const narrower = (type) => type === "number" && allowed.includes("integer");
  const both = [other].flat().filter((type) => allowed.includes(type) || wider(type) || narrower(type));
  return both.map((type) => (narrower(type) && !allowed.includes(type) ? "integer" : type));
}

const MERGERS = {
  properties: mergeNamed,
  patternProperties: mergeNamed,
  $defs: mergeNamed,
  additionalProperties: all,
  items: all,
  type: mergeTypes,
  required: (one, other) => [...new Set([one, other].flat())],
  enum: (one, other) => other.filter((each) => one.some((same) => isSame(same, each))),
  minimum: Math.max,
  exclusiveMinimum: Math.max,
  minLength: Math.max,
  minItems: Math.max,
  maximum: Math.min,
  exclusiveMaximum: Math.min,
  maxLength: Math.min,
  maxItems: Math.min,
};

const isList = Array.isArray;
const isText = (value) => typeof value === "string";
const isNumber = (value) => typeof value === "number";
const RIGHT = {
  properties: isObject,
  patternProperties: isObject,
  $defs: isObject,
  enum: isList,
  anyOf: isList,
  oneOf: isList,
  allOf: isList,
  prefixItems: isList,
  examples: isList,
  required: (value) => isList(value) && value.every(isText),
  minLength: isNumber,
  maxLength: isNumber,
  minItems: isNumber,
  maxItems: isNumber,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  multipleOf: isNumber,
  title: isText,
  description: isText,
  format: isText,
};

// Words that do not say what their word is for say nothing.
function leaveOutWrong(schema) {
  return Object.fromEntries(
    Object.entries(schema).filter(([word, value]) => !Object.hasOwn(RIGHT, word) || RIGHT[word](value)),
  );
}

// The second one's words win where both cannot be had.
function merge(first, second) {
  const merged = Object.assign(Object.create(null), first);
  for (const [word, value] of Object.entries(second)) {
    merged[word] = word in merged && Object.hasOwn(MERGERS, word) ? MERGERS[word](merged[word], value) : value;
  }
  return merged;
}

function findAnchor(schema, anchor, budget) {
  if (schema === null || typeof schema !== "object" || (budget.left -= 1) < 0) return undefined;
  if (own(schema, "$anchor") === anchor) return schema;
  for (const part of Object.values(schema)) {
    const found = findAnchor(part, anchor, budget);
    if (found !== undefined) return found;
  }
  return undefined;
}

function find(reference, root, budget) {
  if (!reference.startsWith("#")) return undefined;
  let path;
  try {
    path = decodeURIComponent(reference.slice(1));
  } catch {
    return undefined;
  }
  if (path === "") return root;
  if (!path.startsWith("/")) return findAnchor(root, path, budget);
  let found = root;
  for (const part of path.slice(1).split("/")) {
    found = found !== null && typeof found === "object" ? own(found, fromPart(part)) : undefined;
  }
  return found;
}

// Null where a form cannot go by it: nothing fits, it leads elsewhere, or it never ends.
export function flatten(given, root, budget) {
  if (given === true) return Object.create(null);
  if (!isObject(given) || (budget.left -= 1) < 0 || Object.hasOwn(given, "$dynamicRef")) return null;
  const { $ref: reference, allOf: parts = [], ...rest } = leaveOutWrong(given);
  let merged = Object.create(null);
  if (typeof reference === "string") {
    merged = flatten(find(reference, root, budget), root, budget);
    if (merged === null) return null;
  }
  for (const part of parts) {
    const flat = flatten(part, root, budget);
    if (flat === null) return null;
    merged = merge(merged, flat);
  }
  return merge(merged, rest);
}
