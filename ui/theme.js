// Runs once, when the switch of light and dark loads. What was chosen is kept by the browser; until then it is the
// system's.
const show = (theme) => document.body.classList.toggle("dark", theme === "dark");
const chosen = localStorage.getItem("theme");
if (chosen) show(chosen);
element.querySelector("button").addEventListener("click", () => {
  const theme = document.body.classList.contains("dark") ? "light" : "dark";
  localStorage.setItem("theme", theme);
  show(theme);
});
