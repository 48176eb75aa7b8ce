// The page: what is typed goes to /predict, what comes back is shown.

import { card, element } from "./answers.js";

const at = (id) => document.getElementById(id);
const chosen = new Set();
let tasks = [];
let request = 0;

function headers() {
  const key = at("key").value;
  return { "content-type": "application/json", ...(key && { authorization: `Bearer ${key}` }) };
}

/** The body of an answer; an Error with what the server said if it refused. */
async function fetched(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: headers() });
  } catch {
    throw new Error("The server does not answer.");
  }
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) at("key_field").hidden = false;
  if (!response.ok) throw new Error(body.error || `The server answered ${response.status}.`);
  return { body, head: response.headers };
}

async function describe() {
  const { body } = await fetched("info");
  tasks = body.tasks.map((task) => task.name);
  at("model").textContent = `${body.model_id} · ${tasks.length === 1 ? "one task" : `${tasks.length} tasks`}`;
  document.title = `${body.model_id} · MT-Net`;
  chosen.clear();
  tasks.forEach((task) => chosen.add(task));
  at("tasks").replaceChildren(...tasks.map(chip));
  if (body.tasks.some((task) => task.head === "question-answering")) {
    at("second").hidden = false;
    at("pair").setAttribute("aria-expanded", "true");
    at("text_b").placeholder = "What the first is compared with, or a question is asked about";
  }
}

function chip(task) {
  const button = element("button", "", task);
  button.type = "button";
  button.setAttribute("aria-pressed", "true");
  button.addEventListener("click", () => {
    if (!chosen.delete(task)) chosen.add(task);
    button.setAttribute("aria-pressed", String(chosen.has(task)));
    if (at("answers").children.length) ask();
  });
  return button;
}

async function ask() {
  const turn = ++request;
  const text = at("text").value;
  const second = at("second").hidden ? "" : at("text_b").value;
  at("ask").setAttribute("aria-busy", "true");
  try {
    if (!tasks.length) await describe();
    if (!text.trim()) throw new Error("There is no text yet.");
    if (!chosen.size) throw new Error("No task is chosen.");
    const body = JSON.stringify({
      inputs: second ? { text, text_b: second } : text,
      ...(chosen.size < tasks.length && { tasks: tasks.filter((task) => chosen.has(task)) }),
    });
    const answer = await fetched("predict", { method: "POST", body });
    // An answer that a newer question has overtaken is not shown.
    if (turn === request) show(answer, text, second, body);
  } catch (error) {
    if (turn === request) refuse(error.message);
  } finally {
    if (turn === request) at("ask").setAttribute("aria-busy", "false");
  }
}

function show({ body, head }, text, second, sent) {
  at("error").hidden = true;
  const answered = tasks.filter((task) => task in body);
  at("answers").replaceChildren(...answered.map((task) => card(task, body[task], text, second)));
  const milliseconds = (name) => `${Number(head.get(name)).toFixed(1)} ms`;
  const cut = head.get("x-truncated") ? " · the text is longer than the model reads at once" : "";
  at("timing").textContent =
    `${head.get("x-compute-tokens")} tokens · ${milliseconds("x-tokenization-time")} tokenising, ` +
    `${milliseconds("x-inference-time")} in the model, ${milliseconds("x-total-time")} in all${cut}`;
  at("request").hidden = false;
  at("curl").textContent =
    `curl ${location.origin}/predict -H 'content-type: application/json' \\\n  -d '${sent.replaceAll("'", "'\\''")}'`;
}

function refuse(message) {
  at("answers").replaceChildren();
  at("timing").textContent = "";
  at("request").hidden = true;
  at("error").textContent = message;
  at("error").hidden = false;
}

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    ask();
  }
});
at("pair").addEventListener("click", () => {
  const second = at("second");
  second.hidden = !second.hidden;
  at("pair").setAttribute("aria-expanded", String(!second.hidden));
  (second.hidden ? at("text") : at("text_b")).focus();
});
describe().catch((error) => refuse(error.message));
