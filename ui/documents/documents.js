// Runs once, when the list of documents loads (gr.HTML gives `element` and `trigger`).
// A click on a button that carries data-do becomes an event of the list: what is to be done with which document, or
// which of those shown are ticked. Removing is asked first.
const clicked = new Map(); // ticks by name, until the server's list says the same: one on its way may be older
const ticks = () => [...element.querySelectorAll("[data-do=only]")];
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const { do: does, name } = button.dataset;
  if (does === "only") {
    clicked.set(name, String(button.getAttribute("aria-checked") !== "true"));
    button.setAttribute("aria-checked", clicked.get(name));
    const ticked = ticks().filter((tick) => tick.getAttribute("aria-checked") === "true");
    const names = (buttons) => buttons.map((one) => one.dataset.name);
    trigger("select", { shown: names(ticks()), ticked: names(ticked) });
  } else if (does !== "remove" || confirm(`Remove ${name} from this corpus? A file of your own stays where it is.`)) {
    trigger("click", { does, document: name });
  }
});
watch("value", () => {
  for (const tick of ticks()) {
    const { name } = tick.dataset;
    if (clicked.get(name) === tick.getAttribute("aria-checked")) clicked.delete(name);
    else if (clicked.has(name)) tick.setAttribute("aria-checked", clicked.get(name));
  }
});
