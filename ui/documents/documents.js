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

// Files dropped anywhere go where they can be read, unless a part of the page takes files itself.
const TAKES = "#ask, #drop, #shown-pictures, #other-picture";
const takes = (event) => event.target.closest?.(TAKES) || !event.dataTransfer?.types.includes("Files");
const dropping = (is) => document.body.classList.toggle("dropping", is);
document.addEventListener("dragover", (event) => {
  dropping(!takes(event));
  if (!takes(event)) event.preventDefault();
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) dropping(false);
});
document.addEventListener("drop", (event) => {
  dropping(false);
  if (takes(event)) return;
  event.preventDefault();
  const input = document.querySelector("#drop input[type=file]");
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  [...document.querySelectorAll("#tabs [role=tab]")].find((tab) => tab.innerText.trim() === "Documents")?.click();
});
