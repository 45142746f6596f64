// What can be said of a value at once, while it is filled in. The whole check is Python's; a pattern is not tried here,
// where it could keep the page busy for ever.

import { isObject, isOfType, isSame, own } from "./values.js";
import { flatten, newBudget } from "./merging.js";

const BOUNDS = {
  minLength: (value, bound) =>
    typeof value === "string" && [...value].length < bound && `At least ${bound} characters.`,
  maxLength: (value, bound) => typeof value === "string" && [...value].length > bound && `At most ${bound} characters.`,
  minimum: (value, bound) => typeof value === "number" && value < bound && `At least ${bound}.`,
  maximum: (value, bound) => typeof value === "number" && value > bound && `At most ${bound}.`,
  exclusiveMinimum: (value, bound) => typeof value === "number" && value <= bound && `More than ${bound}.`,
  exclusiveMaximum: (value, bound) => typeof value === "number" && value >= bound && `Less than ${bound}.`,
  multipleOf: (value, bound) =>
    Number.isInteger(value) && Number.isInteger(bound) && value % bound !== 0 && `A multiple of ${bound}.`,
  minItems: (value, bound) => Array.isArray(value) && value.length < bound && `At least ${bound}.`,
  maxItems: (value, bound) => Array.isArray(value) && value.length > bound && `At most ${bound}.`,
};

// A sentence, or "" if the value keeps to the bounds of its own schema (not of what it holds).
export function findProblem(value, schema) {
  for (const [word, check] of Object.entries(BOUNDS)) {
    const bound = own(schema, word);
    const problem = typeof bound === "number" && check(value, bound);
    if (problem) return problem;
  }
  return "";
}

const FORMATS = {
  email: [/^[^@\s]+@[^@\s]+$/, "an e-mail address, such as name@example.org"],
  uri: [/^[a-z][a-z0-9+.-]*:\S+$/i, "a URL, such as https://example.org/page"],
  date: [/^\d{4}-\d\d-\d\d$/, "a date, such as 2026-11-22"],
  "date-time": [
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i,
    "a date and a time with a zone, such as 2026-11-22T09:30:00+09:00",
  ],
  uuid: [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "a UUID of 36 characters"],
};

// A sentence, or "" if a text looks as its format says. To Python a format is a remark: who knows better writes JSON.
export function findOddFormat(text, format) {
  const [pattern, wanted] = own(FORMATS, format) ?? [];
  return pattern && !pattern.test(text) ? `This must be ${wanted}.` : "";
}

const holds = (schema, word, check) => !Object.hasOwn(schema, word) || check(schema[word]);

// Whether a value is likely meant by a schema: enough to tell branches of a union apart.
export function fits(value, given, root, depth = 0, budget = newBudget()) {
  if (depth > 8) return true;
  const schema = flatten(given, root, budget);
  if (schema === null) return false;
  const inner = (each, part) => fits(each, part, root, depth + 1, budget);
  return (
    !findProblem(value, schema) &&
    holds(schema, "type", (types) => [types].flat().some((type) => isOfType(value, type))) &&
    holds(schema, "const", (only) => isSame(value, only)) &&
    holds(schema, "enum", (values) => values.some((each) => isSame(each, value))) &&
    holds(schema, "anyOf", (branches) => branches.some((each) => inner(value, each))) &&
    holds(schema, "oneOf", (branches) => branches.some((each) => inner(value, each))) &&
    (!isObject(value) || membersFit(value, schema, inner)) &&
    (!Array.isArray(value) || !isObject(schema.items) || value.slice(0, 20).every((each) => inner(each, schema.items)))
  );
}

function membersFit(value, schema, inner) {
  const { properties: named = {}, required = [] } = schema;
  const closed = schema.additionalProperties === false && !schema.patternProperties;
  return (
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.keys(value).every((name) => (Object.hasOwn(named, name) ? inner(value[name], named[name]) : !closed))
  );
}
