// Runs once, when the pictures of a set are shown (gr.HTML gives `element` and `trigger`): a click chooses one.
element.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-place]");
  if (!chosen) return;
  for (const one of element.querySelectorAll("[data-place]")) one.setAttribute("aria-pressed", one === chosen);
  trigger("select", { place: chosen.dataset.place });
});
