// Runs once, when what plays voices loads (gr.HTML gives `trigger`).
// A click on a button of the row under an answer becomes an event here; copying is done by the browser.
const EVENTS = { again: "retry", edit: "edit", good: "like", bad: "like", aloud: "click" };

async function copy(words) {
  if (navigator.clipboard) return navigator.clipboard.writeText(words);
  const area = document.createElement("textarea"); // no clipboard: the page came over plain HTTP from elsewhere
  area.value = words;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

function tell(button, label) {
  const before = button.getAttribute("aria-label");
  button.setAttribute("aria-label", label);
  button.dataset.told = label;
  setTimeout(() => {
    button.setAttribute("aria-label", before);
    delete button.dataset.told;
  }, 2000);
}

function rate(button) {
  const row = button.closest(".row");
  const { act, turn } = button.dataset;
  const chosen = button.getAttribute("aria-pressed") !== "true";
  for (const thumb of row.querySelectorAll("[aria-pressed]")) thumb.setAttribute("aria-pressed", thumb === button && chosen);
  row.querySelector("input")?.remove();
  trigger("like", { turn, does: chosen ? act : "none", words: "" });
  if (!chosen) return;
  const word = document.createElement("input");
  word.placeholder = word.ariaLabel = "A word on it, if you like";
  word.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    trigger("like", { turn, does: act, words: word.value });
    word.remove();
    tell(button, "Thank you");
  });
  row.append(word);
  word.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#chat [data-act]");
  if (!button) return;
  const { act, turn, words, model } = button.dataset;
  if (act === "copy") copy(words).then(() => tell(button, "Copied"));
  else if (EVENTS[act] === "like") rate(button);
  else trigger(EVENTS[act], { turn, does: act, words: model || "" });
});
