// SPDX-License-Identifier: MIT
// The waveforms of the report against the line codes that the simulated links use: the program
// named by STRATA_LINE_CODES prints what stack/physical sends.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import {
  encode, LINE_CODES, LineCode, PREAMBLE, slice, symbolsOf,
} from '../../../tools/report/src/panels/line_code';

const LEVELS = new Map([[-1, '-'], [0, '0'], [1, '+']]);
const text = (levels: readonly number[]): string => levels.map((l) => LEVELS.get(l)).join('');
const parse = (hex: string): number[] =>
  (hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16));

const program = process.env.STRATA_LINE_CODES;

test('every waveform is the one that stack/physical sends', { skip: !program }, () => {
  const every = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0')).join('');
  const inputs = ['', '00', 'ff', '55', '55d5', '555555555555 55d5020000'.replace(' ', ''), every,
    `55${every}`, '0123456789abcdef'];
  const sent = JSON.parse(execFileSync(program as string, inputs, { encoding: 'utf8' })) as
    { octets: string; code: LineCode; levels: string }[];
  assert.equal(sent.length, inputs.length * LINE_CODES.length);
  for (const { octets, code, levels } of sent) {
    assert.equal(text(encode(code, parse(octets)).levels), levels, `${code} ${octets}`);
  }
});

test('Manchester has an edge in the middle of every bit: a one rises', () => {
  assert.equal(text(encode('manchester', [0x05]).levels), '-++--++-+-+-+-+-');
});

test('MLT-3 begins with idle, J and K in place of the first preamble octet', () => {
  const wave = encode('mlt3', [...PREAMBLE, 0xa0]);
  assert.deepEqual(wave.groups.slice(0, 5).map((group) => group.label), ['I', 'J', 'K', '5', '5']);
  assert.deepEqual(wave.groups.slice(-5).map((group) => group.label), ['0', 'A', 'T', 'R', 'I']);
});

for (const code of LINE_CODES) {
  test(`the symbols of chosen octets are cut out of ${code} with the level before them`, () => {
    const octets = [...PREAMBLE, 0x02, 0x0a, 0xff];
    const whole = encode(code, octets);
    const { from, to } = symbolsOf(code, 9, 10);
    const part = slice(whole, from, to);
    assert.deepEqual(part.levels, whole.levels.slice(from, to));
    assert.equal(part.before, whole.levels[from - 1]);
    const expected = code === 'mlt3' ? ['A', '0'] : ['0a'];
    assert.deepEqual(part.groups.map((group) => group.label), expected);
    assert.equal(part.cells[0].from, 0);
    assert.equal(part.cells.length, code === 'mlt3' ? 10 : 8);
  });
}
