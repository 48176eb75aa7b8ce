// Answers as elements. A text of the user only ever becomes a text node, never markup.

const SHOWN = 4;

/** An element with a class and children. */
export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** The card of one task. */
export function card(task, answer, text, second) {
  const heading = element("h2", "", element("span", "", task));
  const made = element("article", "", heading, body(answer, text, second));
  made.dataset.task = task;
  return made;
}

function body(answer, text, second) {
  if (answer.answers) return answered(answer.answers, second);
  if (answer.entities) return marked(answer.entities, text);
  if (answer.words) return tagged(answer.words);
  if (answer.values) return numbers(answer.values);
  const chosen = answer.labels ? answer.labels.map((label) => label.label) : [answer.label];
  return bars(answer.scores, new Set(chosen));
}

function bars(scores, chosen) {
  const rows = scores.map(({ label, score }) => {
    const bar = element("div", "bar");
    bar.style.width = `${100 * score}%`;
    const row = element(
      "div",
      chosen.has(label) ? "row chosen" : "row",
      element("span", "", label),
      element("div", "track", bar),
      element("span", "value", percent(score)),
    );
    row.firstChild.dir = "auto";
    return row;
  });
  const first = Math.max(SHOWN, chosen.size);
  const made = element("div", "", ...rows.slice(0, first));
  if (!chosen.size) made.prepend(element("p", "none", "No label holds."));
  if (rows.length > first) {
    const rest = element("details", "", element("summary", "", `${rows.length - first} more`));
    rest.append(...rows.slice(first));
    made.append(rest);
  }
  return made;
}

function percent(score) {
  return `${(100 * score).toFixed(1)} %`;
}

function numbers(values) {
  const rows = Object.entries(values).map(([target, value]) =>
    element("div", "number", element("span", "", target), element("span", "value", value.toFixed(3))),
  );
  return element("div", "", ...rows);
}

function marked(entities, text) {
  // Offsets count Unicode scalar values; a string of this language counts UTF-16.
  const characters = Array.from(text);
  const made = element("p", "text");
  made.dir = "auto";
  let at = 0;
  for (const { label, start, end, score } of entities) {
    made.append(characters.slice(at, start).join(""));
    const mark = element("mark", "", characters.slice(start, end).join(""), element("small", "", label));
    mark.style.setProperty("--hue", hue(label));
    mark.title = `${label} ${percent(score)}`;
    mark.dataset.label = label;
    made.append(mark);
    at = end;
  }
  made.append(characters.slice(at).join(""));
  if (entities.length) return made;
  return element("div", "", made, element("p", "none", "Nothing found."));
}

function answered(answers, context) {
  if (!answers.length) return element("p", "none", "The text does not say.");
  // Others of the best may overlap the first.
  const [{ start, end, score }] = answers;
  return marked([{ label: "answer", start, end, score }], context);
}

function tagged(words) {
  const made = element("div", "words");
  made.dir = "auto";
  for (const { text, label, score } of words) {
    const tag = element("span", "tag", label);
    tag.style.setProperty("--hue", hue(label));
    const word = element("span", "word", element("span", "", text), tag);
    word.title = `${label} ${percent(score)}`;
    made.append(word);
  }
  return words.length ? made : element("p", "none", "There is no word in it.");
}

/** An angle on the colour wheel that a label always gets. */
function hue(label) {
  let hash = 7;
  for (const character of label) hash = (hash * 31 + character.codePointAt(0)) % 9973;
  return String((hash * 47) % 360);
}
