// Runs once, when the page's header loads (gr.HTML gives `trigger`).
// A click on any link that carries data-cite, by mouse or keyboard, becomes a click event of the header.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-cite]");
  if (!link) return;
  event.preventDefault();
  trigger("click", { cite: link.dataset.cite });
  sheet(true);
});

// Likewise a question that is offered.
document.addEventListener("click", (event) => {
  const offered = event.target.closest("[data-ask]");
  if (offered) trigger("select", { value: { text: offered.dataset.ask } });
});

// Gradio calls the questions that it offers a list, which they are not to a screen reader: they are buttons.
new MutationObserver(() => {
  document.querySelector("#chat .examples[role=list]")?.removeAttribute("role");
}).observe(document.body, { childList: true, subtree: true });

// A browser lends its microphone to pages of this machine, and to those that came encrypted.
document.body.classList.toggle("deaf", !navigator.mediaDevices);

// On a narrow screen the side panel is a sheet: its tabs lie at the lower edge, and open and close it.
const side = () => document.getElementById("side").classList;
const sheet = (open) => side().toggle("open", open);
let before = null; // the tab that was open as the finger came down
document.addEventListener("pointerdown", () => {
  before = document.querySelector("#tabs [role=tab][aria-selected=true]");
});
document.addEventListener("click", (event) => {
  const tab = event.target.closest("#tabs [role=tab]");
  if (tab) sheet(tab !== before || !side().contains("open"));
  else if (event.target.closest("#documents .open")) sheet(true);
  else if (event.target.closest("#talk, #top")) if (!event.target.closest("[data-cite]")) sheet(false);
});

// Keys: / or Ctrl-K to the box, arrow up for the last question, Escape closes the sheet or stops what is being answered.
const box = () => document.querySelector("#ask textarea");
// A menu that is left closes, as Gradio's own does only for the mouse.
const close = (menu) => {
  const escape = new KeyboardEvent("keydown", { key: "Escape", bubbles: true });
  menu.closest("[role=combobox][aria-expanded=true]")?.dispatchEvent(escape);
};
const write = (words) => {
  box().value = words;
  box().dispatchEvent(new Event("input", { bubbles: true }));
};
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const typing = event.target.closest("input, textarea, select, [contenteditable=true]");
  if (event.key === "Tab") close(event.target);
  const wanted = event.key === "k" && (event.ctrlKey || event.metaKey);
  if (wanted || (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey)) {
    event.preventDefault();
    box().focus();
  } else if (event.key === "ArrowUp" && event.target === box() && !box().value) {
    const asked = [...document.querySelectorAll("#chat .asked .words")].pop();
    if (!asked) return;
    event.preventDefault();
    write(asked.innerText);
  } else if (event.key === "Escape" && (!typing || event.target === box())) {
    if (side().contains("open")) sheet(false);
    else document.querySelector("#ask .stop-button")?.click();
  }
});

// Files dropped anywhere go where they can be read, unless a part of the page takes files itself.
const TAKES = "#ask, #drop, #shown-pictures, #other-picture";
const takes = (event) => event.target.closest?.(TAKES) || !event.dataTransfer?.types.includes("Files");
const dropping = (is) => document.body.classList.toggle("dropping", is);
// A tab is in the page only once it was opened.
const appeared = async (selector) => {
  for (;;) {
    const found = document.querySelector(selector);
    if (found) return found;
    await new Promise(requestAnimationFrame);
  }
};
document.addEventListener("dragover", (event) => {
  dropping(!takes(event));
  if (!takes(event)) event.preventDefault();
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) dropping(false);
});
document.addEventListener("drop", async (event) => {
  dropping(false);
  if (takes(event)) return;
  event.preventDefault();
  const dropped = new DataTransfer(); // that of the event is empty once it has ended
  for (const file of event.dataTransfer.files) dropped.items.add(file);
  [...document.querySelectorAll("#tabs [role=tab]")].find((tab) => tab.innerText.trim() === "Documents")?.click();
  const input = await appeared("#drop input[type=file]");
  input.files = dropped.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
