// What is told again and again, drawn only where it has changed: a key or a click that is under way would be lost with
// its button. What had the focus has it afterwards, found by its label.

// Gives {show, clear}: show(told) calls draw(told), which fills the node.
export function newDrawing(node, draw) {
  let drawn = "";

  function show(told) {
    const now = JSON.stringify(told);
    if (now === drawn) return;
    drawn = now;
    const focused = node.contains(document.activeElement) ? document.activeElement : null;
    draw(told);
    if (focused && !focused.isConnected) find(focused.getAttribute("aria-label")).focus();
  }
  function find(label) {
    return (label && node.querySelector(`[aria-label="${CSS.escape(label)}"]`)) || node;
  }
  function clear() {
    drawn = "";
    node.replaceChildren();
  }
  return { show, clear };
}
