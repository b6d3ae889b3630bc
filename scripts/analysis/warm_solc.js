#!/usr/bin/env node
// The npm Solidity compiler in a permanent process, because loading it takes longer than compiling one mutant.
// `--serve` listens on the socket beside this file; otherwise this is the part of solc's command line that forge uses.
"use strict";

const fs = require("fs");
const net = require("net");
const path = require("path");

const SOCKET = path.join(path.dirname(process.argv[1]), "socket");

function serve() {
  const compiler = require("solc");
  net
    .createServer({ allowHalfOpen: true }, (connection) => {
      const parts = [];
      connection.on("data", (part) => parts.push(part));
      connection.on("error", () => {});
      connection.on("end", () => {
        const input = Buffer.concat(parts).toString();
        connection.end(input === "" ? compiler.version() : compiler.compile(input));
      });
    })
    .listen(SOCKET);
}

function ask(input, show) {
  const connection = net.connect({ path: SOCKET, allowHalfOpen: true }, () => connection.end(input));
  const parts = [];
  connection.on("data", (part) => parts.push(part));
  connection.on("end", () => process.stdout.write(show(Buffer.concat(parts).toString())));
}

if (process.argv.includes("--serve")) serve();
else if (process.argv.includes("--standard-json")) ask(fs.readFileSync(0), (answer) => answer);
else ask("", (answer) => `solc, the solidity compiler commandline interface\nVersion: ${answer}\n`);
