// Runs once, with page.js. While the pointer or the keyboard rests on a citation, a card shows what it cites: the piece
// of the page, cut out of the page's picture, and the words. Escape puts it away; the pointer may go onto it.
const WIDTH = 340, HEIGHT = 240, MARGIN = 0.015, LARGEST = 1.4; // pixels; share of the page; of the picture's own size
const card = document.createElement("div");
card.id = "card";
card.setAttribute("role", "tooltip");
card.hidden = true;
(document.querySelector("main") ?? document.body).append(card);
let soon = 0;

const cut = (image, box) => {
  const [left, top, right, bottom] = box.split(",").map(Number);
  const x = Math.max(0, left - MARGIN), y = Math.max(0, top - MARGIN);
  const wide = Math.min(1, right + MARGIN) - x, high = Math.min(1, bottom + MARGIN) - y;
  const scale = Math.min(WIDTH / (wide * image.naturalWidth), LARGEST);
  const width = image.naturalWidth * scale, height = image.naturalHeight * scale;
  Object.assign(image.style, { width: `${width}px`, left: `${-x * width}px`, top: `${-y * height}px` });
  Object.assign(image.parentElement.style, {
    width: `${Math.min(WIDTH, wide * width)}px`,
    height: `${Math.min(HEIGHT, high * height)}px`,
  });
};

const place = (link) => {
  const at = link.getBoundingClientRect(), size = card.getBoundingClientRect();
  const below = at.bottom + size.height + 8 < window.innerHeight || at.top < size.height + 8;
  card.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - size.width - 8))}px`;
  card.style.top = `${below ? at.bottom + 4 : at.top - size.height - 4}px`;
};

const show = (link) => {
  clearTimeout(soon); // the pointer may just have left another
  const source = document.querySelector(`.sources [data-cite="${link.dataset.cite}"]`)?.parentElement;
  if (!source?.dataset.page || !link.isConnected) return;
  const line = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });
  const frame = Object.assign(document.createElement("div"), { className: "cut" });
  const image = Object.assign(document.createElement("img"), { alt: "" });
  frame.append(image);
  card.replaceChildren(line("b", link.getAttribute("aria-label")), frame, line("p", source.dataset.words));
  card.hidden = false;
  place(link);
  image.onload = () => (cut(image, source.dataset.box), place(link));
  image.onerror = () => frame.remove();
  image.src = source.dataset.page;
};

const after = (milliseconds, then) => (clearTimeout(soon), (soon = setTimeout(then, milliseconds)));
const hide = () => (card.hidden = true);
const citation = (event) => event.target.closest?.("#chat [data-cite]");
document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const link = citation(event);
  if (link) after(150, () => show(link));
  else if (card.contains(event.target)) clearTimeout(soon);
  else after(200, hide);
});
document.addEventListener("focusin", (event) => {
  const link = citation(event);
  if (link?.matches(":focus-visible")) show(link);
  else hide();
});
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
document.addEventListener("click", () => after(0, hide));
