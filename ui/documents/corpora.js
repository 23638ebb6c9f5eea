// Runs once, when the line of the corpus loads (gr.HTML gives `element` and `trigger`).
// A click on a button that carries data-do becomes an event: what is to be done, and the words that it is called by.
const ASKED = {
  new: () => prompt("What is the new corpus called?", ""),
  rename: (name) => prompt("What is it called?", name),
  delete: (name) =>
    confirm(`Delete the corpus ${name} and what was read of its documents? Files of your own stay.`) ? "" : null,
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const words = ASKED[button.dataset.do](button.dataset.name);
  if (words !== null) trigger("click", { does: button.dataset.do, words });
});
