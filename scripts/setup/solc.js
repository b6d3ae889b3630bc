#!/usr/bin/env node
// Command line of the npm Solidity compiler, with the options that forge and ape-solidity use:
// `--version` and `--standard-json`. Responses are cached by the hash of the request, because both
// tools send whole sources and Slither repeats its requests.
"use strict";

const crypto = require("crypto");
const fs = require("fs");
const path = require("path");

const ROOT = path.resolve(__dirname, "..", "..");
const CACHE = path.join(ROOT, ".cache", "solc-answers");
const COMPILER = path.join(ROOT, "node_modules", "solc");

function write(text) {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += fs.writeSync(1, bytes, offset);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

function fail(message) {
  process.stderr.write(`solc shim: ${message}\n`);
  process.exit(2);
}

function remember(key, produce) {
  const file = path.join(CACHE, key);
  if (fs.existsSync(file)) return fs.readFileSync(file, "utf8");
  const { text, cacheable } = produce();
  if (cacheable) {
    fs.mkdirSync(CACHE, { recursive: true });
    const partial = `${file}.${process.pid}`;
    fs.writeFileSync(partial, text);
    fs.renameSync(partial, file);
  }
  return text;
}

function parse(argv) {
  const options = { mode: undefined, folders: [] };
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index];
    if (argument === "--version" || argument === "--standard-json") options.mode = argument;
    else if (argument === "--base-path" || argument === "--include-path") options.folders.push(argv[(index += 1)]);
    else if (argument === "--allow-paths") index += 1;
    else if (argument !== "-") fail(`unknown argument ${argument}`);
  }
  return options;
}

const packaged = JSON.parse(fs.readFileSync(path.join(COMPILER, "package.json"), "utf8")).version;
const wanted = /^solc-v(.+)$/.exec(path.basename(process.argv[1]));
if (wanted && wanted[1] !== packaged) fail(`called for ${wanted[1]}, but node_modules holds ${packaged}`);

const options = parse(process.argv.slice(2));
if (options.mode === "--version") {
  const version = remember(`version-${packaged}`, () => ({ text: require(COMPILER).version(), cacheable: true }));
  write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (options.mode === "--standard-json") {
  const input = fs.readFileSync(0, "utf8");
  const key = crypto.createHash("sha256").update(packaged).update("\n").update(input).digest("hex");
  write(
    remember(key, () => {
      let imported = false;
      const text = require(COMPILER).compile(input, {
        import: (name) => {
          imported = true;
          for (const folder of [...options.folders, process.cwd()]) {
            const file = path.join(folder, name);
            if (fs.existsSync(file)) return { contents: fs.readFileSync(file, "utf8") };
          }
          return { error: `${name} not found` };
        },
      });
      return { text, cacheable: !imported };
    }),
  );
} else {
  fail("only --version and --standard-json are supported");
}
