// Runs once, with page.js. What is asked is shown in the chat at once, as the server will show it (`ChatTurn`), and is
// kept until it is sent: the box is free for the next. What takes another question's place is shown by the server alone.
const sent = [];
const shown = (tag, name, words) => {
  const element = Object.assign(document.createElement(tag), { className: name });
  words.split("\n").forEach((line, number) => element.append(...(number ? [document.createElement("br")] : []), line));
  return element.outerHTML;
};
// Whoever asks sees it, wherever they were reading.
const newest = () => [...document.querySelectorAll("#chat .answer.echo")].pop()?.scrollIntoView({ block: "nearest" });
const said = (role, html) => ({ role, content: [{ type: "text", text: html }], metadata: null, options: null });
window.asking = {
  echo: (given, talk) => {
    sent.push(given);
    restored = ""; // `draft.js`
    const words = given.text.trim();
    if (!words && !given.files.length) return [undefined, given];
    const free = { text: "", files: [] };
    if (document.querySelector("#editing")?.checkVisibility()) return [undefined, free];
    const files = given.files.map((file) => shown("span", "file", file.orig_name ?? ""));
    const question = `<div class="asked">${files.join("")}${shown("span", "words", words)}</div>`;
    const waiting = '<div class="answer echo"><p class="waiting" role="status">Looking</p></div>';
    requestAnimationFrame(() => requestAnimationFrame(newest));
    const messages = [...(talk ?? []), said("user", question), said("assistant", waiting)];
    return [messages, free];
  },
  take: () => sent.shift(),
};
