// Runs once, with page.js. Gradio ends its stream of messages when it knows of nothing more to come, and opens another
// for the next call; the messages of one that was on its way just then would wait for ever. So the page hears of an end
// only once all its calls have ended; until then another stream goes on in the place of the one that did.
const fetched = window.fetch.bind(window);
const joining = new Set(); // calls whose number is not known yet
const calls = new Set(); // those that have not ended, by number
const met = (call) => calls.delete(call) || calls.add(call); // it begins, and ends; either may be heard of first

const join = async (...given) => {
  const joined = fetched(...given);
  const numbered = joined
    .then((response) => response.clone().json())
    .then(({ event_id }) => event_id && met(event_id))
    .catch(() => {}) // refused: Gradio says why
    .finally(() => joining.delete(numbered));
  joining.add(numbered);
  return joined;
};

async function* messages(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const whole = (rest + value).split("\n\n");
    rest = whole.pop();
    yield* whole;
  }
}

const ends = async (message) => {
  if (!/process_completed|close_stream/.test(message)) return false;
  const { msg, event_id } = JSON.parse(message.replace(/^data: */, ""));
  if (msg === "process_completed") met(event_id);
  if (msg !== "close_stream") return false;
  await Promise.all(joining);
  return true;
};

async function* unending(request, response) {
  for (let again = true; again; ) {
    again = false;
    for await (const message of messages(response)) {
      again = (await ends(message)) && calls.size > 0;
      if (!again) yield new TextEncoder().encode(`${message}\n\n`);
    }
    if (again) response = await fetched(request.clone());
  }
}

const stream = async (request) => {
  const response = await fetched(request.clone());
  if (!response.ok) return response;
  const all = unending(request, response);
  const pull = async (to) => {
    const { value, done } = await all.next();
    if (done) to.close();
    else to.enqueue(value);
  };
  return new Response(new ReadableStream({ pull, cancel: () => all.return() }), { headers: response.headers });
};

window.fetch = (...given) => {
  const { pathname } = new URL(given[0].url ?? given[0], window.location);
  if (pathname.endsWith("/queue/join")) return join(...given);
  return pathname.endsWith("/queue/data") ? stream(given[0]) : fetched(...given);
};
