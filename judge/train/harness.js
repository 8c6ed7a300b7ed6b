// Runs program.js, candidate and tests in one, and says on its output how that ended.
// The password comes on standard input, is read before the program is, and is written only
// after the tests have passed. The program cannot see this file's variables.
'use strict';
(function () {
  const fs = require('fs');
  const vm = require('vm');
  const { Module } = require('module');
  const password = fs.readFileSync(0, 'utf8');
  const write = fs.writeSync;
  const exit = process.reallyExit.bind(process);
  const testsFrom = Number(process.argv[2]);
  const path = '/box/program.js';
  const source = fs.readFileSync(path, 'utf8');
  fs.unlinkSync(path);

  // What the tests compare with is loaded first, and cannot be changed by the candidate.
  try {
    Object.freeze(Module.createRequire('/stage/harness.js')('lodash'));
  } catch (error) {
    // there is none: tests that need it will say so
  }

  function end(kind, name) {
    write(1, '\n' + JSON.stringify({ kind, name: String(name) }) + '\n');
    exit(3);
  }
  // The tests' own messages mention a variable that does not exist: `JSON.stringify(x)`.
  function isFailedTest(error) {
    if (typeof error === 'string') return true;
    const line = /program\.js:(\d+)/.exec(String(error.stack));
    return error.message === 'x is not defined' && line && Number(line[1]) >= testsFrom;
  }
  try {
    new vm.Script(Module.wrap(source), { filename: path });
  } catch (error) {
    end('compile', error.name);
  }
  const loaded = new Module(path);
  loaded.filename = path;
  loaded.paths = ['/stage/node_modules'];
  try {
    loaded._compile(source, path);
  } catch (error) {
    if (error !== null && error !== undefined && isFailedTest(error)) end('assertion', '');
    end('exception', (error && error.name) || typeof error);
  }
  write(1, '\n' + password + '\n');
  exit(0);
})();
