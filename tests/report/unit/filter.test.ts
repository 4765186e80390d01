// SPDX-License-Identifier: MIT
// The filter language: what matches, what does not, and what a mistake is told.
import assert from 'node:assert/strict';
import test from 'node:test';
import { FIELDS, FieldValue, suggestField } from '../../../tools/report/src/filter/fields';
import { compile } from '../../../tools/report/src/filter/filter';
import { parseIpv4 } from '../../../tools/report/src/filter/value';

type Fields = Readonly<Record<string, readonly FieldValue[]>>;

const ip = (text: string): number => parseIpv4(text) as number;
const SEGMENT: Fields = {
  'frame.number': [7], 'frame.time_relative': [0.0214], eth: [1], 'eth.src': ['02:00:00:00:00:0a'],
  ip: [1], 'ip.src': [ip('10.0.0.1')], 'ip.dst': [ip('10.0.0.2')],
  'ip.addr': [ip('10.0.0.1'), ip('10.0.0.2')], 'ip.ttl': [64], tcp: [1],
  'tcp.port': [40000, 80], 'tcp.srcport': [40000], 'tcp.dstport': [80],
  'tcp.flags': [0x12], 'tcp.flags.syn': [1], 'tcp.flags.fin': [0], 'strata.link': ['link0'],
  'tcp.payload': ['GET /index.html HTTP/1.1\r\n'],
};
const REQUEST: Fields = { eth: [1], arp: [1], 'arp.opcode': [1], 'strata.drop': ['loss'] };

function matches(filter: string, frame: Fields): boolean {
  const compiled = compile(filter);
  assert.ok(compiled.ok, compiled.ok ? '' : `${filter}: ${compiled.message}`);
  return compiled.matches((name) => frame[name] ?? []);
}

const CASES: readonly [filter: string, segment: boolean, request: boolean][] = [
  ['', true, true],
  ['   ', true, true],
  ['tcp', true, false],
  ['arp', false, true],
  ['!arp', true, false],
  ['not arp', true, false],
  ['tcp.port==80 && ip.src==10.0.0.1', true, false],
  ['tcp.port == 80 and ip.src == 10.0.0.2', false, false],
  ['tcp.port eq 0x50', true, false],
  ['tcp.port == 0b1010000', true, false],
  ['tcp.port == 0120', true, false], // octal, as in C
  ['tcp.flags.syn', true, false],
  ['tcp.flags.fin', true, false], // the field is there
  ['tcp.flags.fin == 1', false, false],
  ['tcp.flags.syn == true', true, false],
  ['tcp.flags.syn != False', true, false],
  // != is true when no value is equal, and false when there is no value.
  ['tcp.port != 80', false, false],
  ['tcp.port != 81', true, false],
  ['!(tcp.port == 80)', false, true],
  ['ip.addr == 10.0.0.0/24', true, false],
  ['ip.addr == 10.0.1.0/24', false, false],
  ['ip.src == 10.0.0.77/24', true, false],
  ['ip.dst > 10.0.0.1', true, false],
  ['ip.ttl >= 64', true, false],
  ['ip.ttl gt 64', false, false],
  ['ip.ttl < 65 && ip.ttl le 64', true, false],
  ['tcp.port in {443, 80}', true, false],
  ['tcp.port in {1..79, 81..1023}', false, false],
  ['tcp.port in {40000..40010}', true, false],
  ['ip.src in {10.0.0.1..10.0.0.9}', true, false],
  ['frame.time_relative < 0.03', true, false],
  ['eth.src == 02-00-00-00-00-0A', true, false],
  ['tcp.payload contains "index"', true, false],
  ['tcp.payload contains "INDEX"', false, false],
  ['tcp.payload matches "^get /[a-z]+\\\\.html"', true, false],
  ['tcp.payload contains "\\r\\n"', true, false],
  ['strata.link == link0', true, false],
  ['strata.link == "link0"', true, false],
  ['strata.drop', false, true],
  ['strata.drop == loss || tcp.flags.fin == 1', false, true],
  // and before or; not before both; brackets before all.
  ['arp || tcp && ip.ttl == 1', false, true],
  ['(arp || tcp) && ip.ttl == 1', false, false],
  ['not arp and tcp', true, false],
  ['not (arp or tcp)', false, false],
  ['!!tcp', true, false],
];

for (const [filter, segment, request] of CASES) {
  test(`"${filter}" matches what Wireshark's would`, () => {
    assert.equal(matches(filter, SEGMENT), segment, 'the TCP segment');
    assert.equal(matches(filter, REQUEST), request, 'the ARP request');
  });
}

const MISTAKES: readonly [filter: string, message: RegExp, from: number, to: number][] = [
  ['tcp.prot == 80', /no field "tcp.prot"; did you mean tcp.port\?/, 0, 8],
  ['zzzzzz', /no field "zzzzzz"$/, 0, 6],
  ['tcp.port = 80', /write == to compare/, 9, 10],
  ['tcp & ip', /write && or "and"/, 4, 5],
  ['tcp | ip', /write \|\| or "or"/, 4, 5],
  ['tcp.port ==', /a value to compare tcp.port with is missing/, 11, 11],
  ['tcp.port == http', /tcp.port is a number such as 80 or 0x50, not "http"/, 12, 16],
  ['tcp.port == -1', /tcp.port is a number/, 12, 14],
  ['tcp.flags.syn == 2', /true or false, not "2"/, 17, 18],
  ['tcp.flags.syn > 0', /is true or false; compare it with == or !=/, 14, 15],
  ['ip.src == 10.0.0.300', /IPv4 address .*not "10.0.0.300"/, 10, 20],
  ['ip.src == 10.0.0.0/33', /IPv4 address/, 10, 21],
  ['eth.src == 02:00', /MAC address/, 11, 16],
  ['tcp == 1', /tcp has no value to compare/, 4, 6],
  ['(tcp', /the \( has no closing \)/, 0, 4],
  ['tcp)', /this \) closes nothing/, 3, 4],
  ['tcp ip', /expected "and", "or" or the end/, 4, 6],
  ['tcp and', /a field is missing at the end/, 7, 7],
  ['and tcp', /no field "and"/, 0, 3],
  ['== 80', /expected a field such as ip.src/, 0, 2],
  ['tcp.payload contains "open', /no closing quotation mark/, 21, 26],
  ["tcp.payload contains 'x'", /double quotation marks/, 21, 22],
  ['tcp.port contains "8"', /searches text, and tcp.port is none/, 9, 17],
  ['tcp.payload matches "("', /not a regular expression/, 20, 23],
  ['tcp.port in 80', /"in" wants a set/, 12, 14],
  ['tcp.port in {80 443}', /lacks a , or its closing }/, 12, 19],
  ['tcp.port in {9..1}', /the range ends before it begins/, 13, 17],
  ['tcp.port == 80;', /";" means nothing in a filter/, 14, 15],
];

for (const [filter, message, from, to] of MISTAKES) {
  test(`"${filter}" is a mistake, and the reader is told where`, () => {
    const compiled = compile(filter);
    assert.ok(!compiled.ok);
    assert.match(compiled.message, message);
    assert.deepEqual([compiled.from, compiled.to], [from, to]);
  });
}

test('a flag alone is pointed out, because every segment has all flags', () => {
  const compiled = compile('ip && tcp.flags.syn');
  assert.ok(compiled.ok);
  assert.match(compiled.hint, /tcp\.flags\.syn == 1/);
  const meant = compile('tcp.flags.syn == 1');
  assert.ok(meant.ok);
  assert.equal(meant.hint, '');
});

test('a filter nested without end is a mistake and not a crash', () => {
  const compiled = compile('('.repeat(50_000) + 'tcp');
  assert.ok(!compiled.ok);
  assert.match(compiled.message, /too many brackets/);
  assert.ok(!compile('!'.repeat(50_000) + 'tcp').ok);
});

test('any text is either a filter or a mistake inside the text', () => {
  let state = 12345; // a small generator: the same texts in every run
  const next = (below: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
  const words = ['tcp', 'ip.src', '==', '!=', '10.0.0.1', '80', '(', ')', '{', '}', ',', '..', 'in',
    'and', 'or', 'not', '!', '"a"', '"', 'contains', 'matches', '~', '=', '\\', '\u2028', '0x', '<'];
  for (let i = 0; i < 5000; i++) {
    const text = Array.from({ length: next(9) }, () => words[next(words.length)])
      .join(next(2) ? ' ' : '');
    const compiled = compile(text);
    if (compiled.ok) {
      compiled.matches((name) => SEGMENT[name] ?? []);
    } else {
      assert.ok(compiled.from >= 0 && compiled.from <= compiled.to && compiled.to <= text.length, text);
      assert.notEqual(compiled.message, '');
    }
  }
});

test('field names are unique and each is its own suggestion', () => {
  assert.equal(new Set(FIELDS.map((field) => field.name)).size, FIELDS.length);
  for (const { name } of FIELDS) assert.equal(suggestField(name), name);
});
