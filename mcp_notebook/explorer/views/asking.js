// What this page asks the kernel, and what it is answered. See mcp_notebook/explorer/desk.py.

// Gives {ask, close}: ask(name, said, onPart) gives {answer, cancel}; `answer` is a promise.
export function newAsker(model) {
  const waiting = new Map();
  const prefix = Math.random().toString(36).slice(2); // other views of the same widget ask, too
  let count = 0;

  function take(message) {
    const one = waiting.get(message.id);
    if (!one) return;
    if (message.part) {
      one.onPart(message.part);
      return;
    }
    waiting.delete(message.id);
    if (message.answer) one.resolve(message.answer);
    else one.reject(Object.assign(new Error(message.problem), { cancelled: Boolean(message.cancelled) }));
  }
  model.on("msg:custom", take);

  function ask(name, said = {}, onPart = () => {}) {
    const id = `${prefix}-${(count += 1)}`;
    const answer = new Promise((resolve, reject) => waiting.set(id, { resolve, reject, onPart }));
    model.send({ id, ask: name, said });
    return { answer, cancel: () => model.send({ id, ask: "cancel" }) };
  }
  function close() {
    for (const id of waiting.keys()) model.send({ id, ask: "cancel" });
    waiting.clear();
    model.off("msg:custom", take);
  }
  return { ask, close };
}
