// The page on which a person answers hosts: which part shows which of what the Jupyter server says.

import { showCalls, showHosts, showKernels, showRecent } from "./activity.js";
import { showApprovals, showGrants, showPauses } from "./approvals.js";
import { showAddresses, showSnippets, watchChoices } from "./connect.js";
import { setStatus } from "./dom.js";
import { followNotebook } from "./look.js";
import { follow, listen } from "./state.js";
import { showChoices, showTokens, watchForm } from "./tokens.js";

const parts = [
  [["approvals"], () => showApprovals(setStatus)],
  [["pauses"], showPauses],
  [["calls", "approvals"], showCalls],
  [["hosts", "counts"], showHosts],
  [["grants"], showGrants],
  [["kernels"], showKernels],
  [["tokens", "hosts"], showTokens],
  [["kernels"], showChoices],
  [["kernels"], showAddresses],
  [["recent"], showRecent],
];

follow((changed) => {
  for (const [names, show] of parts) if (names.some((name) => changed.has(name))) show();
});
followNotebook();
watchForm(showSnippets);
watchChoices();
listen(setStatus);
