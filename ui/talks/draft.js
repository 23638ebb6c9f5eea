// Runs once, with page.js. What is being written outlasts that the page loads anew, by hand or by itself; so does what
// was asked and not heard.
const draft = () => `draft ${new URL(window.location).searchParams.get("c")}`;
const lastAsked = () => [...document.querySelectorAll("#chat .asked .words")].pop()?.innerText ?? "";
let restored = sessionStorage.getItem(draft()) ?? ""; // until it stands in the box
window.addEventListener("pagehide", () => {
  const unheard = document.querySelector("#chat .answer.echo") ? lastAsked() : "";
  sessionStorage.setItem(draft(), box()?.value || unheard || restored);
});
const restore = () => {
  if (!document.querySelector("#ask textarea:enabled")) return requestAnimationFrame(restore);
  if (!box().value && restored !== lastAsked()) write(restored);
  restored = "";
};
if (restored) restore();
