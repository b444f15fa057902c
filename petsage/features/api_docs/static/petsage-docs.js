"use strict";

// The API is served one folder above this script. The document does not know a path prefix of a proxy, so the prefix
// is added as the server, unless the document names servers itself.
const script = new URL(document.currentScript.src);
const prefix = new URL("..", script).pathname.replace(/\/$/, "");

const servers = (spec) =>
  spec.servers || !prefix ? spec : { ...spec, servers: [{ url: prefix }] };

const BehindPrefix = {
  statePlugins: {
    spec: { wrapActions: { updateJsonSpec: (update) => (spec) => update(servers(spec)) } },
  },
};

// The tags of other features come first, the one of this page last.
const isApiDocs = (tag) => Number(tag === "API Documentation");

const main = document.getElementById("api");

SwaggerUIBundle({
  domNode: main,
  url: main.dataset.document,
  plugins: [() => BehindPrefix],
  deepLinking: true,
  tagsSorter: (one, other) => isApiDocs(one) - isApiDocs(other),
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
});
