// Runs once, when the evidence panel loads (gr.HTML gives `element`, `trigger` and `watch`).
// A button that carries data-page becomes a click event of the panel; one that carries data-zoom makes the page larger
// or smaller, in steps. A page that is larger than its frame is moved by scrolling, or by pulling it with the mouse.
const STEPS = [1, 1.5, 2, 3];
element.addEventListener("click", (event) => {
  const step = event.target.closest("[data-page]");
  if (step) trigger("click", { ...step.dataset });
  const button = event.target.closest("[data-zoom]");
  if (!button) return;
  const paper = element.querySelector(".paper");
  const at = STEPS.indexOf(Number(paper.dataset.zoomed || 1)) + (button.dataset.zoom === "in" ? 1 : -1);
  paper.dataset.zoomed = STEPS[Math.min(Math.max(at, 0), STEPS.length - 1)];
  paper.style.width = `${paper.dataset.zoomed * 100}%`;
  paper.parentElement.classList.toggle("larger", paper.dataset.zoomed > 1);
});
// Until the picture of another page is there, the last one is not shown with its marks.
watch("value", () => {
  const image = element.querySelector(".sheet img");
  if (!image || image.complete) return;
  const paper = image.parentElement;
  paper.classList.add("loading");
  for (const end of ["load", "error"]) image.addEventListener(end, () => paper.classList.remove("loading"), { once: true });
});
element.addEventListener("pointerdown", (event) => {
  const sheet = event.target.closest(".sheet.larger");
  if (!sheet || event.pointerType !== "mouse") return;
  event.preventDefault();
  sheet.setPointerCapture(event.pointerId);
  sheet.onpointermove = (move) => sheet.scrollBy(-move.movementX, -move.movementY);
  sheet.onpointerup = sheet.onpointercancel = () => (sheet.onpointermove = null);
});
