// Light or dark: as the system is; in a frame inside a notebook, as the notebook is.

// What JupyterLab and Notebook 7 say of their theme.
const attribute = "data-jp-theme-light";

function findNotebook() {
  try {
    return window.parent === window ? null : window.parent.document.body;
  } catch {
    return null; // a page of another origin, which Jupyter's settings let frame this one
  }
}

export function followNotebook() {
  const notebook = findNotebook();
  if (!notebook) return;
  const follow = () => {
    const look = { true: "light", false: "dark" }[notebook.getAttribute(attribute)];
    document.documentElement.style.colorScheme = look ?? "";
  };
  new MutationObserver(follow).observe(notebook, { attributeFilter: [attribute] });
  follow();
}
