// What can be said of a value at once, while it is filled in. The whole check is Python's; a pattern is not tried here,
// where it could keep the page busy for ever.

import { own } from "./values.js";

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
