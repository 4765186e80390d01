// SPDX-License-Identifier: MIT
// What the inspector knows of bytes, fields and boxes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Field, Layer } from '../../../tools/report/src/data';
import { readBits } from '../../../tools/report/src/filter/packet_fields';
import { enclosing } from '../../../tools/report/src/panels/boxes_view';
import { bitPattern, bytesOf, fieldsAt } from '../../../tools/report/src/panels/byte_link';
import { changesBetween } from '../../../tools/report/src/panels/hop_diff';

const VERSION = { bit: 112, width: 4 };
const LENGTH = { bit: 116, width: 4 };
const FLAGS = { bit: 160, width: 3 };
const OFFSET = { bit: 163, width: 13 };
const TTL = { bit: 176, width: 8 };

const field = (name: string, value: string, bit = 0, width = 8): Field =>
  ({ name, value, bit, width, abbreviation: '', section: '', note: '', status: 'plain' });
const layer = (protocol: string, fields: readonly Field[], offset = 0, header = 0, total = 0): Layer =>
  ({ protocol, fields, offset, header, total, summary: '', problem: '' });

test('a field lights up exactly the bytes that hold a bit of it', () => {
  assert.deepEqual(bytesOf(TTL), { from: 22, to: 23 });
  assert.deepEqual(bytesOf(VERSION), { from: 14, to: 15 });
  assert.deepEqual(bytesOf(OFFSET), { from: 20, to: 22 });
  assert.deepEqual(bytesOf({ bit: 96, width: 0 }), { from: 12, to: 12 });
});

test('a byte belongs to every field that has a bit in it', () => {
  const all = [VERSION, LENGTH, FLAGS, OFFSET, TTL];
  assert.deepEqual(fieldsAt(all, 14), [0, 1]);
  assert.deepEqual(fieldsAt(all, 20), [2, 3]);
  assert.deepEqual(fieldsAt(all, 21), [3]);
  assert.deepEqual(fieldsAt(all, 23), []);
});

test('bits are shown where a field does not fill its bytes', () => {
  const octets = new Uint8Array(30);
  octets[14] = 0x45;
  octets[20] = 0x40;
  assert.equal(bitPattern(VERSION, octets), '0100 ····');
  assert.equal(bitPattern(FLAGS, octets), '010· ····');
  assert.equal(bitPattern(TTL, octets), '');
  assert.equal(bitPattern({ bit: 8 * 29 + 4, width: 8 }, octets), '', 'beyond the octets');
});

test('numbers are read from bits in network order', () => {
  const octets = [0x45, 0x00, 0x12, 0x34, 0xff, 0xff, 0xff, 0xff];
  assert.equal(readBits(octets, 0, 4), 4);
  assert.equal(readBits(octets, 16, 16), 0x1234);
  assert.equal(readBits(octets, 32, 32), 0xffffffff);
  assert.equal(readBits(octets, 60, 8), 0xf0, 'bits beyond the end are zero');
});

test('a box stands in the innermost one that encloses it, and trailers in the frame', () => {
  const layers = [
    layer('ethernet', [], 0, 14, 64), layer('ipv4', [], 14, 20, 40), layer('tcp', [], 34, 20, 20),
    layer('padding', [], 54, 6, 6), layer('fcs', [], 60, 4, 4),
  ];
  assert.deepEqual(enclosing(layers), [-1, 0, 1, 0, 0]);
});

test('a device changed the fields whose value is another one', () => {
  const before = [layer('ethernet', [field('source', 'a'), field('type', 'IPv4')]),
    layer('ipv4', [field('time to live', '64'), field('source', '10.0.0.1')])];
  const after = [layer('ethernet', [field('source', 'b'), field('type', 'IPv4')]),
    layer('ipv4', [field('time to live', '63'), field('source', '10.0.0.1')])];
  assert.deepEqual(
    changesBetween(before, after).map((c) => [c.protocol, c.name, c.before, c.after]),
    [['ethernet', 'source', 'a', 'b'], ['ipv4', 'time to live', '64', '63']]);
  assert.deepEqual(changesBetween(before, before), []);
});

test('a header that came or went is one change', () => {
  const plain = [layer('ethernet', [], 0, 14, 60)];
  const tagged = [...plain, layer('vlan', [field('identifier', '7')], 12, 4, 46)];
  assert.deepEqual(changesBetween(plain, tagged).map((c) => [c.name, c.before, c.after]),
    [['header added', '', '4 B']]);
  assert.deepEqual(changesBetween(tagged, plain).map((c) => [c.name, c.before, c.after]),
    [['header removed', '4 B', '']]);
});

test('two options of one name are told apart', () => {
  const before = [layer('tcp', [field('NOP', '01'), field('NOP', '01')])];
  const after = [layer('tcp', [field('NOP', '01'), field('NOP', '02')])];
  assert.deepEqual(changesBetween(before, after).map((c) => [c.name, c.after]), [['NOP 2', '02']]);
});
