// Loaded before a Node program (NODE_OPTIONS=--require): gives each of its HTTP requests the host token in HOST_TOKEN.
// The conformance suite has no option for that.
const { subscribe } = require("node:diagnostics_channel");

const authorization = `Bearer ${process.env.HOST_TOKEN}`;
subscribe("undici:request:create", ({ request }) => request.addHeader("authorization", authorization));
subscribe("http.client.request.created", ({ request }) => request.setHeader("authorization", authorization));
