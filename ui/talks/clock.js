// Runs once, when the page's clock loads (gr.HTML gives `trigger`). Every second it asks what there is to show
// (`news.py`). What is known of the corpus is fetched when that changes; the conversation, when the page has shown the
// same for a second that is not what there is. Where not even that helps, Gradio's stream of messages is gone for good,
// and the page loads anew, once: whatever was asked is kept by the server.
const EVERY = 1000, PATIENCE = 6; // milliseconds; looks
const RELOADED = "reloaded for";
const opened = () => document.querySelector("#ask textarea:enabled");
let corpus, before, behind = 0;
const look = async () => {
  const talk = new URL(window.location).searchParams.get("c") ?? "";
  const shows = [...document.querySelectorAll("#chat [data-shows]")].map((turn) => turn.dataset.shows).join(",");
  const name = document.querySelector("#corpus input")?.value ?? "";
  const answer = await fetch(`news?${new URLSearchParams({ c: talk, corpus: name })}`);
  if (!answer.ok) return;
  const news = await answer.json();
  if (`${name} ${news.corpus}` !== corpus) trigger("change");
  corpus = `${name} ${news.corpus}`;
  const now = `${talk} ${shows}`;
  behind = (news.talk !== shows || !opened()) && now === before ? behind + 1 : 0;
  before = now;
  if (behind % 2) trigger("tick");
  if (behind < PATIENCE || sessionStorage.getItem(RELOADED) === now) return;
  sessionStorage.setItem(RELOADED, now);
  window.location.reload();
};
const tick = async () => {
  if (!document.hidden) await look().catch(() => {}); // no server: Gradio says so
  setTimeout(tick, EVERY);
};
// After the page has opened: of two calls that begin at once, the messages of one may be lost.
const begin = (left) => (opened() || !left ? tick() : setTimeout(begin, 100, left - 1));
begin(30);
