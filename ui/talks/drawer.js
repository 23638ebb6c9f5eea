// Runs once, when the list of conversations loads (gr.HTML gives `element`, `trigger` and `watch`).
// The address names the conversation that is shown: following a link or going back shows another one.
element.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-conversation]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const address = new URL(window.location);
  address.searchParams.set("c", link.dataset.conversation);
  history.pushState(null, "", address);
  trigger("select");
});
window.addEventListener("popstate", () => trigger("select"));
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const { do: does, conversation, title } = button.dataset;
  const words = does === "rename" ? window.prompt("What is it called?", title) : "";
  if (words === null) return;
  if (does === "delete" && !window.confirm(`Delete "${title}"? It cannot be brought back.`)) return;
  trigger("edit", { does, conversation, title: words });
});
const name = () => {
  const current = element.querySelector("[aria-current]");
  document.title = current ? `${current.title} · Triptych` : "Triptych";
};
watch("value", name);
