// Runs once, when the list of documents loads (gr.HTML gives `element` and `trigger`).
// A click on a button that carries data-do becomes an event of the list: what is to be done with which document, or
// which of those shown are ticked. Removing is asked first.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const { do: does, name } = button.dataset;
  if (does === "only") {
    button.setAttribute("aria-checked", button.getAttribute("aria-checked") !== "true");
    const ticks = [...element.querySelectorAll("[data-do=only]")];
    const ticked = ticks.filter((tick) => tick.getAttribute("aria-checked") === "true");
    const names = (buttons) => buttons.map((one) => one.dataset.name);
    trigger("select", { shown: names(ticks), ticked: names(ticked) });
  } else if (does !== "remove" || confirm(`Remove ${name} from this corpus? A file of your own stays where it is.`)) {
    trigger("click", { does, document: name });
  }
});
