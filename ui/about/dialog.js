// Runs once, when the button of the settings loads. The browser's own dialog keeps the focus, and closes at Escape.
const dialog = element.querySelector("dialog");
element.querySelector("button").addEventListener("click", async () => {
  const answer = await fetch("about.html");
  dialog.querySelector("div").innerHTML = await answer.text();
  dialog.showModal();
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close(); // beside it
});
