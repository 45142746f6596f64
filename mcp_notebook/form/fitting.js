// Whether a value is likely meant by a schema: enough to tell branches of a union apart, and a default that cannot be.

import { isObject, isOfType, isSame } from "./values.js";
import { findProblem } from "./checks.js";
import { flatten, newBudget } from "./merging.js";

const holds = (schema, word, check) => !Object.hasOwn(schema, word) || check(schema[word]);

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
