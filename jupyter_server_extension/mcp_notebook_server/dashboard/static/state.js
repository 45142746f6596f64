// All that the Jupyter server says, and how something is asked of it.

const { api, xsrf } = document.documentElement.dataset;
const followers = [];

export const state = {
  approvals: [],
  pauses: [],
  grants: [],
  tokens: [],
  hosts: [],
  calls: [],
  counts: {},
  kernels: [],
  recent: [],
};

// Has a function called at each change with the names of what has changed.
export function follow(follower) {
  followers.push(follower);
}

let latest = 0;
let heard = {}; // what all events together said

// Takes what an answer says. It may come after an event that knows more: what is older is left.
export function take({ as_of: number, ...news }) {
  if (number < latest) return;
  latest = number ?? latest;
  const changed = Object.keys(news).filter((name) => state[name] !== news[name]);
  Object.assign(state, news);
  for (const follower of followers) follower(new Set(changed));
}

// Takes an event, which says only what differs from the event before: an answer in between may have said something else
// of the rest.
export function hear({ as_of: number, ...news }) {
  Object.assign(heard, news);
  take({ as_of: number, ...heard });
}

export async function ask(method, path, body) {
  const headers = { "X-XSRFToken": xsrf, "Content-Type": "application/json" };
  const response = await fetch(`${api}/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const said = await response.json();
  if (!response.ok) throw new Error(said.message);
  return said;
}

// Asks for a change, and takes what is there then.
export async function send(method, path, body) {
  const said = await ask(method, path, body);
  take(said);
  return said;
}

export function listen(setStatus) {
  const events = new EventSource(`${api}/events`);
  events.addEventListener("open", () => {
    [latest, heard] = [0, {}]; // Jupyter may have been restarted, and begun to count anew
    setStatus("Connected to Jupyter.");
  });
  events.addEventListener("error", () => {
    const closed = events.readyState === EventSource.CLOSED;
    setStatus(
      closed
        ? "Jupyter refuses this page: reload it, and log in if you are asked."
        : "Not connected to Jupyter; trying again …",
    );
  });
  events.addEventListener("change", (event) => hear(JSON.parse(event.data)));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) send("GET", "state").catch(() => {}); // tokens change on the command line, too
  });
}

// How people call a kernel: by its notebook, or by what an editor has open in it.
export function nameKernel(kernel) {
  const known = state.kernels.find((each) => each.id === kernel || (kernel.length > 3 && each.id.startsWith(kernel)));
  const file = known?.notebook ?? known?.external;
  if (file) return file;
  return known || /^[0-9a-f-]{36}$/.test(kernel) ? `kernel ${kernel.slice(0, 8)}` : kernel;
}

export function where({ notebook, kernel }) {
  return notebook ?? (kernel ? nameKernel(kernel) : "a new kernel");
}
