// Resources and data sources that hold what was written into them.
//
// For each synthesis the CDK library asks every resource for its attributes twice. Where the answer is given in Python,
// that is two conversations between the processes for each resource, and most of the time that a synthesis takes.

"use strict";

const library = require(require("./package.json").library);

// The library merges overrides into what it is given, and asks again.
function copied(value) {
  if (Array.isArray(value)) {
    return value.map(copied);
  }
  if (value === null || typeof value !== "object" || library.Tokenization.isResolvable(value)) {
    return value;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return value; // an object of some class, which the library knows what to do with
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copied(member)]));
}

// Whether an import or a move brings the resource in: by its own methods, another resource's, or blocks of the stack.
function existsAlready(resource) {
  if (resource._imported || resource.hasResourceMove()) {
    return true;
  }
  const address = `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
  const leadsHere = (to) => typeof to === "string" && to.replace(/\[[^\]]*\]$/, "") === address;
  const stack = resource.cdktfStack;
  const blocks = ["import", "moved"].flatMap((name) => Object.values(stack.rawOverrides?.[name] ?? {}));
  const resources = stack.node.findAll().filter((each) => library.TerraformResource.isTerraformResource(each));
  return (
    blocks.some((block) => leadsHere(block?.to)) ||
    resources.some((each) => leadsHere(each._movedById?.to) || movesTo(stack, each, resource))
  );
}

function movesTo(stack, moved, resource) {
  try {
    return moved._movedByTarget !== undefined && stack.moveTargets.getResourceByTarget(moved._movedByTarget.moveTarget) === resource;
  } catch {
    return false; // there is no such target, and the library says so when it writes the block
  }
}

function holding(base) {
  return class extends base {
    constructor(scope, id, config, written) {
      super(scope, id, config);
      this.written = written;
    }

    synthesizeAttributes() {
      return copied(this.written);
    }

    synthesizeHclAttributes() {
      return copied(this.written);
    }
  };
}

class Resource extends holding(library.TerraformResource) {
  // What a new resource can't have, and one that exists may. Only at synthesis it is known which of the two this is.
  set refused(problems) {
    if (this.problems === undefined) {
      this.node.addValidation({ validate: () => (existsAlready(this) ? [] : this.problems) });
    }
    this.problems = problems;
  }

  get refused() {
    return this.problems;
  }
}
class DataSource extends holding(library.TerraformDataSource) {}

// The library's own class takes an object with an interface, which Python can only give by answering questions.
class Import extends library.ImportableResource {
  constructor(scope, id, type, importId, provider) {
    super(scope, id, { terraformResourceType: type, importId, provider });
  }
}

// Where a synthesis fails, the library doesn't say which folder for temporary files it has made: so it gets one to make it in.
class Synthesis {
  static fullSynth(stack, folder) {
    const names = ["TMPDIR", "TMP", "TEMP"];
    const before = names.map((name) => process.env[name]);
    names.forEach((name) => (process.env[name] = folder));
    try {
      return library.Testing.fullSynth(stack);
    } finally {
      names.forEach((name, index) => {
        if (before[index] === undefined) {
          delete process.env[name];
        } else {
          process.env[name] = before[index];
        }
      });
    }
  }
}

const { name, version } = require("./package.json");
for (const type of [Resource, DataSource, Import, Synthesis]) {
  type[Symbol.for("jsii.rtti")] = { fqn: `${name}.${type.name}`, version };
  exports[type.name] = type;
}
