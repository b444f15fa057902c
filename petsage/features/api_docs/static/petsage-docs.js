"use strict";

// Where the API is reached is one folder above this script. Behind a path prefix the document does not know it, so it is
// written in as the server, unless the document names servers of its own.
const script = new URL(document.currentScript.src);
const prefix = new URL("..", script).pathname.replace(/\/$/, "");

const servers = (spec) =>
  spec.servers || !prefix ? spec : { ...spec, servers: [{ url: prefix }] };

const BehindPrefix = {
  statePlugins: {
    spec: { wrapActions: { updateJsonSpec: (update) => (spec) => update(servers(spec)) } },
  },
};

// What the features of the house do comes first, this page itself last.
const isOurs = (tag) => Number(tag === "API Documentation");

const main = document.getElementById("api");

SwaggerUIBundle({
  domNode: main,
  url: main.dataset.document,
  plugins: [() => BehindPrefix],
  deepLinking: true,
  tagsSorter: (one, other) => isOurs(one) - isOurs(other),
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
});
