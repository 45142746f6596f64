// What a form shows for a schema: a kind of control, and what it needs to know. Functions of the schema alone.
//
// kind     what is filled in
// text, number, integer, boolean
// choice   one of `options`: {value, label}
// choices  some of `options`
// object   its schema's properties, and others
// array    its schema's items
// union    one of `branches`: {schema, title}
// json     whatever no other kind can show

import { isObject, isSame } from "./values.js";
import { shownLine } from "./dom.js";
import { flatten, newBudget } from "./merging.js";

const MOST_OPTIONS = 1000;
const MOST_BOXES = 50;
const MOST_BRANCHES = 50;
const DEEPEST_UNION = 8;
const TYPES = {
  string: "text",
  number: "number",
  integer: "integer",
  boolean: "boolean",
  object: "object",
  array: "array",
};
const WORDS_OF = {
  object: [
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
  ],
  array: ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "unevaluatedItems"],
  string: ["minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
};
// What is about the union itself and not about each branch of it.
const OF_THE_WHOLE = [
  "title",
  "description",
  "default",
  "examples",
  "$defs",
  "definitions",
  "$schema",
  "$id",
  "$comment",
];

export const newJsonKind = () => ({ kind: "json", schema: {}, nullable: false });

const shownValue = (value) => shownLine(typeof value === "string" ? value : JSON.stringify(value));

function newOptions(values, labels) {
  if (!values.length || values.length > MOST_OPTIONS) return null;
  return values.map((value, at) => ({
    value,
    label: typeof labels[at] === "string" ? shownLine(labels[at]) : shownValue(value),
  }));
}

// The values of which one is to be chosen; null where a schema is no such list.
function findOptions(schema, root, budget) {
  if (Object.hasOwn(schema, "const")) return newOptions([schema.const], []); // its title is the name of the field
  if (schema.enum) return newOptions(schema.enum, Array.isArray(schema.enumNames) ? schema.enumNames : []);
  const branches = schema.oneOf ?? schema.anyOf;
  if (!branches || branches.length > MOST_OPTIONS) return null;
  const flat = branches.map((branch) => flatten(branch, root, budget));
  const values = flat.map((branch) =>
    branch === null ? [] : Object.hasOwn(branch, "const") ? [branch.const] : (branch.enum ?? []),
  );
  if (!values.every((each) => each.length)) return null;
  return newOptions(
    values.flat(),
    values.flatMap((each, at) => each.map(() => (each.length === 1 ? flat[at].title : undefined))),
  );
}

function inferType(schema) {
  return Object.keys(WORDS_OF).find((type) => WORDS_OF[type].some((word) => Object.hasOwn(schema, word)));
}

function readTypes(schema) {
  const types = [schema.type ?? inferType(schema) ?? []]
    .flat()
    .filter((type) => type === "null" || Object.hasOwn(TYPES, type));
  return types.includes("number") ? types.filter((type) => type !== "integer") : types;
}

const isNull = (schema) => schema.const === null || isSame([schema.type].flat(), ["null"]);

function describe(schema) {
  if (schema.title?.trim()) return shownLine(schema.title, 80);
  if (Object.hasOwn(schema, "const")) return shownValue(schema.const);
  const [type] = readTypes(schema);
  if (type !== "object")
    return { string: "text", integer: "whole number", boolean: "yes or no", array: "list" }[type] ?? type ?? "anything";
  const fixed = Object.entries(schema.properties ?? {}).filter(
    ([, each]) => isObject(each) && typeof each.const === "string",
  );
  const names = fixed.length
    ? fixed.map(([name, each]) => `${name} ${each.const}`)
    : (schema.required ?? Object.keys(schema.properties ?? {}));
  return names.length ? shownLine(`with ${names.slice(0, 4).join(", ")}`, 80) : "object";
}

function readUnion(schema, root, budget, depth) {
  const word = schema.oneOf ? "oneOf" : "anyOf";
  const whole = Object.fromEntries(
    OF_THE_WHOLE.filter((name) => Object.hasOwn(schema, name)).map((name) => [name, schema[name]]),
  );
  const rest = Object.fromEntries(
    Object.entries(schema).filter(([name]) => name !== word && !Object.hasOwn(whole, name)),
  );
  if (!schema[word].length || schema[word].length > MOST_BRANCHES) return newJsonKind();
  const branches = schema[word]
    .map((branch) => ({ given: { allOf: [rest, branch] }, flat: flatten({ allOf: [rest, branch] }, root, budget) }))
    .filter((branch) => branch.flat !== null);
  const others = branches.filter((branch) => !isNull(branch.flat));
  const nullable = others.length < branches.length;
  if (!others.length) return newJsonKind();
  if (others.length === 1) {
    const only = read({ allOf: [others[0].given, whole] }, root, budget, depth + 1);
    return { ...only, nullable: nullable || only.nullable };
  }
  // Texts of one of several formats are texts.
  const types = new Set(
    others.map(({ flat }) =>
      ["const", "enum", "oneOf", "anyOf", "title"].some((each) => Object.hasOwn(flat, each)) ? "" : String(flat.type),
    ),
  );
  const [type] = types;
  if (types.size === 1 && ["string", "number", "integer"].includes(type))
    return { kind: TYPES[type], schema: { ...rest, ...whole, type }, nullable };
  return {
    kind: "union",
    schema,
    nullable,
    branches: others.map(({ given, flat }) => ({ schema: given, flat, title: describe(flat) })),
  };
}

function read(given, root, budget, depth) {
  const schema = flatten(given, root, budget);
  if (schema === null || depth > DEEPEST_UNION) return newJsonKind();
  const options = findOptions(schema, root, budget);
  if (options) return { kind: "choice", schema, nullable: false, options };
  if (schema.oneOf ?? schema.anyOf) return readUnion(schema, root, budget, depth);
  const types = readTypes(schema);
  const others = types.filter((type) => type !== "null");
  const nullable = others.length < types.length;
  if (!types.length) return { ...newJsonKind(), schema };
  if (!others.length) return { kind: "choice", schema, nullable: false, options: newOptions([null], []) };
  if (others.length > 1) {
    const { oneOf, ...rest } = schema;
    return { ...readUnion({ ...rest, oneOf: others.map((type) => ({ type })) }, root, budget, depth), nullable };
  }
  if (others[0] === "array" && !schema.prefixItems && isObject(schema.items)) {
    const items = flatten(schema.items, root, budget);
    const boxes = items && findOptions(items, root, budget);
    if (boxes && boxes.length <= MOST_BOXES) return { kind: "choices", schema, nullable, options: boxes };
  }
  return { kind: TYPES[others[0]], schema, nullable };
}

export function readSchema(given, root) {
  const budget = newBudget();
  const found = read(given, root, budget, 0);
  return budget.left < 0 ? newJsonKind() : found;
}
