// Runs once, when the list of documents loads (gr.HTML gives `trigger`).
// A click on a button that carries data-remove, once confirmed, becomes a click event of the list.
document.addEventListener("click", (event) => {
  const button = event.target.closest("#documents [data-remove]");
  if (!button) return;
  const name = button.dataset.remove;
  if (window.confirm(`Remove ${name} from this corpus? A file of your own stays where it is.`)) {
    trigger("click", { document: name });
  }
});
