// JSON values: what kind they are, whether two are the same.

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

// A property that the object has itself; servers may name theirs `constructor` or `__proto__`.
export const own = (object, name) => (Object.hasOwn(object, name) ? object[name] : undefined);

export function isSame(one, other) {
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((each, at) => isSame(each, other[at]));
  }
  if (!isObject(one)) return one === other;
  if (!isObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
  );
}

export function isOfType(value, type) {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

// A part of a JSON pointer (RFC 6901), and back.
export const toPart = (name) => String(name).replaceAll("~", "~0").replaceAll("/", "~1");
export const fromPart = (part) => part.replaceAll("~1", "/").replaceAll("~0", "~");
