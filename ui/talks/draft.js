// Runs once, with page.js. What is being written outlasts that the page loads anew, by hand or by itself; so does what
// was asked and not heard.
const draft = () => `draft ${new URL(window.location).searchParams.get("c")}`;
const lastAsked = () => [...document.querySelectorAll("#chat .asked .words")].pop()?.innerText ?? "";
let restored = sessionStorage.getItem(draft()) ?? "";
// Until somebody writes, or asks it (`echo.js`): a page that finds its server again may be built anew, with an empty box.
document.addEventListener("input", (event) => {
  if (event.isTrusted && event.target === box()) restored = "";
});
window.addEventListener("pagehide", () => {
  const unheard = document.querySelector("#chat .answer.echo") ? lastAsked() : "";
  sessionStorage.setItem(draft(), box()?.value || unheard || restored);
});
const restore = () => {
  if (!document.querySelector("#ask textarea:enabled")) return requestAnimationFrame(restore);
  if (!box().value && restored !== lastAsked()) write(restored);
};
if (restored) restore();
