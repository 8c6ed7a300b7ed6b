// Loads /box/program.js, a candidate, calls its function and writes what each call gave.
// The calls lie in a file that is gone before the candidate is loaded, and the password, which
// says that this file wrote the answer, comes on standard input. What the calls should give is
// not in this process: nothing that a candidate does here can make a wrong answer right.
'use strict';
(function () {
  const fs = require('fs');
  const { Module } = require('module');
  const vm = require('vm');
  const password = fs.readFileSync(0, 'utf8');
  const write = fs.writeSync;
  const exit = process.reallyExit.bind(process);
  const stringify = JSON.stringify;
  const isArray = Array.isArray;
  const entries = Object.entries;
  const getPrototype = Object.getPrototypeOf;
  const plain = Object.prototype;
  const isFinite = Number.isFinite;
  const MOST = 60;
  const LONGEST = 65536;
  const asked = JSON.parse(fs.readFileSync('/box/calls.json', 'utf8'));
  const source = fs.readFileSync('/box/program.js', 'utf8');
  fs.unlinkSync('/box/calls.json');
  fs.unlinkSync('/box/program.js');

  function pack(value, depth) {
    if (depth > MOST) throw new RangeError('too deep');
    if (value === undefined) return { u: 1 };
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    if (typeof value === 'number') return isFinite(value) ? value : { n: '' + value };
    if (isArray(value)) {
      const items = [];
      for (let i = 0; i < value.length; i++) items[i] = pack(value[i], depth + 1);
      return { l: items };
    }
    if (typeof value === 'object' && (getPrototype(value) === plain || getPrototype(value) === null)) {
      const pairs = [];
      for (const pair of entries(value)) pairs[pairs.length] = [pair[0], pack(pair[1], depth + 1)];
      return { d: pairs };
    }
    return { o: typeof value };
  }
  function unpack(value) {
    if (value === null || typeof value !== 'object') return value;
    if ('l' in value) return value.l.map(unpack);
    if ('d' in value) return Object.fromEntries(value.d.map((pair) => [pair[0], unpack(pair[1])]));
    return 'n' in value ? Number(value.n) : undefined;
  }
  const calls = asked.calls.map((args) => args.map(unpack));
  function finish(kind, name, replies) {
    const told = stringify({ kind, name: '' + name, replies });
    write(1, '\n' + password + told.length + '\n' + told + '\n');
    exit(0);
  }
  function nameOf(error) {
    try {
      return ('' + ((error && error.name) || typeof error)).slice(0, 80);
    } catch (other) {
      return 'Error';
    }
  }
  try {
    new vm.Script(Module.wrap(source), { filename: 'program.js' });
  } catch (error) {
    finish('compile', error.name, []);
  }
  let found;
  try {
    const loaded = new Module('/box/program.js');
    const names = /^[A-Za-z_$][\w$]*$/.test(asked.entry) ? asked.entry : 'undefined';
    const more = `\n;module.exports = { found: typeof ${names} === 'function' ? ${names} : null };`;
    loaded._compile(source + more, '/box/program.js');
    found = loaded.exports.found;
  } catch (error) {
    finish('exception', nameOf(error), []);
  }
  const replies = [];
  for (let i = 0; i < calls.length; i++) {
    let reply;
    try {
      if (typeof found !== 'function') throw new ReferenceError(asked.entry);
      reply = { value: pack(found.apply(undefined, calls[i]), 0) };
      if (stringify(reply).length > LONGEST) throw new RangeError('too large');
    } catch (error) {
      reply = { error: 'exception:' + nameOf(error) };
    }
    replies[replies.length] = reply;
  }
  finish('passed', '', replies);
})();
