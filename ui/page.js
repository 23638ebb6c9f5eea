// Runs once, when the page's header loads (gr.HTML gives `trigger`).
// A click on any link that carries data-cite, by mouse or keyboard, becomes a click event of the header.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-cite]");
  if (!link) return;
  event.preventDefault();
  trigger("click", { cite: link.dataset.cite });
  const stacked = window.matchMedia("(max-width: 900px)").matches;
  if (stacked) document.getElementById("side").scrollIntoView({ behavior: "smooth", block: "start" });
});
