// The OpenAPI document, readable: routes with their bodies and answers.

import { element } from "./answers.js";

const at = (id) => document.getElementById(id);

/** What a schema refers to, and the name it has there. */
function resolved(api, schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? { name, schema: api.components.schemas[name] } : { schema: schema ?? {} };
}

/** A schema in a few words. */
function words(schema) {
  if (!schema) return "anything";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice) return [...new Set(choice.map(words))].join(" or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const type = [schema.type ?? "object"].flat();
  return type.map((name) => (name === "array" ? `list of ${words(schema.items)}` : name)).join(" or ");
}

function properties(api, schema, seen = new Set()) {
  const { name, schema: found } = resolved(api, schema);
  if (name && seen.has(name)) return [];
  if (name) seen.add(name);
  const made = [];
  if (name && found.properties) {
    const table = element("table", "");
    for (const [key, value] of Object.entries(found.properties)) {
      const needed = found.required?.includes(key) ? "" : ", optional";
      table.append(
        element(
          "tr",
          "",
          element("td", "", element("code", "", key)),
          element("td", "", words(value) + needed),
          element("td", "", value.description ?? ""),
        ),
      );
    }
    made.push(element("h2", "", name), table);
  }
  const inner = [found.oneOf, found.anyOf, found.allOf, Object.values(found.properties ?? {}), found.items, found.additionalProperties];
  for (const next of inner.flat().filter((next) => next && typeof next === "object")) {
    made.push(...properties(api, next, seen));
  }
  return made;
}

function route(api, path, method, operation) {
  const heading = element("div", "route", element("b", "", method.toUpperCase()), element("code", "", path));
  const made = element("article", "", heading, element("p", "", operation.summary ?? operation.description ?? ""));
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  if (body) made.append(element("details", "", element("summary", "", "Body"), ...properties(api, body)));
  const answers = element("details", "", element("summary", "", "Answers"));
  for (const [status, answer] of Object.entries(operation.responses)) {
    const schema = answer.content?.["application/json"]?.schema;
    const kind = schema ? ` — ${words(resolved(api, schema).name ? schema : resolved(api, schema).schema)}` : "";
    answers.append(element("p", "", `${status}: ${answer.description}${kind}`));
    if (status === "200" && schema) answers.append(...properties(api, schema));
  }
  made.append(answers);
  return made;
}

fetch("openapi.json")
  .then((response) => response.json())
  .then((api) => {
    at("model").textContent = `version ${api.info.version}`;
    for (const [path, item] of Object.entries(api.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        if (operation.responses) at("answers").append(route(api, path, method, operation));
      }
    }
  })
  .catch((error) => {
    at("error").textContent = `The document cannot be read: ${error.message}`;
    at("error").hidden = false;
  });
