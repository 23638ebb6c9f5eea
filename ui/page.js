// Runs once, when the evidence panel loads (gr.HTML gives `element` and `trigger`).
// A click on any link that carries data-cite, by mouse or keyboard, becomes a click event of the panel.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-cite]");
  if (!link) return;
  event.preventDefault();
  trigger("click", { cite: link.dataset.cite });
  const stacked = window.matchMedia("(max-width: 900px)").matches;
  if (stacked) element.scrollIntoView({ behavior: "smooth", block: "start" });
});
