// Runs once, with page.js. What is being written outlasts that the page loads anew, by hand or by itself; so does what
// was asked and not heard.
const draft = () => `draft ${new URL(window.location).searchParams.get("c")}`;
const lastAsked = () => [...document.querySelectorAll("#chat .asked .words")].pop()?.innerText ?? "";
window.addEventListener("pagehide", () => {
  const unheard = document.querySelector("#chat .answer.echo") ? lastAsked() : "";
  sessionStorage.setItem(draft(), box()?.value || unheard);
});
const restored = sessionStorage.getItem(draft());
const restore = () => {
  if (!document.querySelector("#ask textarea:enabled")) requestAnimationFrame(restore);
  else if (!box().value && restored !== lastAsked()) write(restored);
};
if (restored) restore();
