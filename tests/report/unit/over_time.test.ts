// SPDX-License-Identifier: MIT
// Tables as of an instant, rates, quantiles, pieces of a stream.
import assert from 'node:assert/strict';
import test from 'node:test';
import { quantile } from '../../../tools/report/src/panels/flow_figures';
import { rateSteps } from '../../../tools/report/src/panels/flow_series';
import { intervalAt } from '../../../tools/report/src/panels/intervals';
import { Latest } from '../../../tools/report/src/panels/latest';
import { linkStatesAt, linkStateText } from '../../../tools/report/src/panels/link_states';
import { blocks, Piece } from '../../../tools/report/src/panels/stream_pieces';

// An ARP cache: added, another one, changed, expired.
const time = [10, 20, 30, 40];
const key = ['a', 'b', 'a', 'b'];
const kept = [true, true, true, false];
const cache = new Latest(time, () => 7, (row) => key[row], (row) => kept[row]);

test('a table at an instant has the last change of every entry', () => {
  assert.deepEqual(cache.at(7, 9), []);
  assert.deepEqual(cache.at(7, 10), [{ row: 0, isNew: true }]);
  assert.deepEqual(cache.at(7, 29), [{ row: 0, isNew: false }, { row: 1, isNew: true }]);
  assert.deepEqual(cache.at(7, 30), [{ row: 2, isNew: true }, { row: 1, isNew: false }]);
});

test('an entry that expired is gone', () => {
  assert.deepEqual(cache.at(7, 40), [{ row: 2, isNew: false }]);
  assert.deepEqual(cache.at(8, 40), [], 'another device');
  assert.deepEqual(cache.groupNumbers, [7]);
});

test('rates are what arrived in each part of the window, and nothing is lost between parts', () => {
  const counted = { time: [5e8, 1e9, 1.5e9], sum: [1000, 3000, 4000] };
  const { x, y } = rateSteps(counted, 0, 2e9, 4);
  assert.deepEqual(x, [0, 5e8, 1e9, 1.5e9]);
  assert.deepEqual(y, [1000 * 16, 2000 * 16, 1000 * 16, 0]);
  const sum = y.reduce((a, b) => a + b, 0);
  assert.equal(sum / 16, 4000);
  assert.deepEqual(rateSteps(counted, 1e9, 2e9, 1).y, [8000], 'what was before does not count');
});

test('quantiles are samples: nearest rank', () => {
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2);
  assert.equal(quantile([1, 2, 3, 4], 0.95), 4);
  assert.equal(quantile([9], 0.5), 9);
});

test('an instant lies in the interval that began last', () => {
  const interval = (from: number, to: number) => ({ from, to, label: '', note: '', uid: 0 });
  assert.equal(intervalAt([interval(0, 10), interval(10, 20)], 10), 1);
  assert.equal(intervalAt([interval(0, 10)], 10), -1);
});

const piece = (from: number, to: number): Piece => ({ from, to, time: from, uid: 0, isLost: false, note: '' });

test('pieces that would be thinner than a pixel are one block', () => {
  const many = Array.from({ length: 1000 }, (_, i) => piece(i * 10, i * 10 + 10));
  const drawn = blocks(many, 0, 10_000, 100);
  assert.equal(drawn.reduce((sum, block) => sum + block.pieces.length, 0), 1000);
  assert.equal(drawn.length, 100);
  assert.deepEqual([drawn[0].from, drawn[99].to], [0, 10_000]);
});

test('wide pieces stand alone and those out of sight are left out', () => {
  const drawn = blocks([piece(0, 500), piece(500, 900), piece(900, 1400)], 450, 900, 100);
  assert.deepEqual(drawn.map((block) => [block.from, block.to]), [[0, 500], [500, 900]]);
});

test('a link is what its last changes made of it', () => {
  const changes = { count: 4, time: [10, 20, 30, 40], link: [1, 0, 1, 1], isUp: [-1, 0, 0, 1], mtu: [576, -1, -1, -1] };
  const told = (link: number, at: number): string => linkStateText(linkStatesAt(changes, at).get(link));
  assert.equal(told(1, 9), '');
  assert.equal(told(1, 29), 'MTU 576');
  assert.equal(told(1, 30), '✗ down · MTU 576');
  assert.equal(told(1, 40), 'MTU 576');
  assert.equal(told(0, 40), '✗ down');
});
