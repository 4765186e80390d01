// SPDX-License-Identifier: MIT
// The arithmetic under the plots: windows of time, searches, tables, numbers for people.
import assert from 'node:assert/strict';
import test from 'node:test';
import { countUpTo } from '../../../tools/report/src/columns';
import { countText, octetsText, percentText } from '../../../tools/report/src/panels/numbers';
import { rowsIn } from '../../../tools/report/src/panels/point_table';
import {
  extentIn, nearest, pointAt, pointsIn, Series,
} from '../../../tools/report/src/panels/series';
import { TimeWindow } from '../../../tools/report/src/panels/time_window';

const steps: Series = {
  name: 'cwnd', role: 'window', kind: 'step', x: [0, 10, 10, 30], y: [1, 2, 4, 3], end: 50,
};
const samples: Series = { name: 'RTT', role: 'data', kind: 'dots', x: [5, 25], y: [100, 7] };

test('zooming keeps the instant under the pointer where it is', () => {
  const window = new TimeWindow({ from: 0, to: 1000 });
  window.zoom(0.5, 250);
  assert.deepEqual(window.visible, { from: 125, to: 625 });
  window.zoom(2, 250);
  assert.deepEqual(window.visible, { from: 0, to: 1000 });
});

test('a window never leaves the run and never becomes empty', () => {
  const window = new TimeWindow({ from: 0, to: 1000 });
  window.show({ from: 900, to: 1100 });
  assert.deepEqual(window.visible, { from: 800, to: 1000 });
  window.pan(-10);
  assert.deepEqual(window.visible, { from: 0, to: 200 });
  window.show({ from: 500, to: 500 });
  assert.ok(window.visible.to > window.visible.from);
  window.zoom(1e9, 3);
  assert.deepEqual(window.visible, window.whole);
});

test('a window tells its listeners once for each change', () => {
  const window = new TimeWindow({ from: 0, to: 1000 });
  let told = 0;
  const stop = window.listen(() => told++);
  window.show({ from: 0, to: 1000 });
  assert.equal(told, 0);
  window.zoom(0.5, 0);
  window.point(3);
  window.point(3);
  assert.equal(told, 2);
  stop();
  window.goHome();
  assert.equal(told, 2);
});

test('an instant out of sight is brought to the middle', () => {
  const window = new TimeWindow({ from: 0, to: 1000 });
  window.show({ from: 0, to: 100 });
  window.reveal(50);
  assert.deepEqual(window.visible, { from: 0, to: 100 });
  window.reveal(500);
  assert.deepEqual(window.visible, { from: 450, to: 550 });
});

test('a read-out tells the last value, of several at one instant the latest', () => {
  assert.equal(pointAt(steps, -1), -1);
  assert.equal(pointAt(steps, 9), 0);
  assert.equal(pointAt(steps, 10), 2);
  assert.equal(pointAt(steps, 50), 3);
  assert.equal(pointAt(steps, 51), -1, 'the connection is over');
  assert.equal(countUpTo([], 3), 0);
});

test('lines are drawn from the point before the window to the one behind it', () => {
  assert.deepEqual(pointsIn(steps, 12, 20), [2, 4]);
  assert.deepEqual(pointsIn(steps, 40, 60), [3, 4]);
});

test('the y axis fits what is in the window, and dots outside of it do not count', () => {
  assert.deepEqual(extentIn([steps], 12, 20), [3, 4]);
  assert.deepEqual(extentIn([samples], 10, 30), [7, 7]);
  assert.equal(extentIn([samples], 10, 20), undefined);
});

test('the point under the pointer is the nearest one within reach', () => {
  const metric = (time: number, y: number): number => Math.hypot(time - 24, y - 8);
  assert.deepEqual(nearest([steps, samples], 0, 50, 5, metric), { series: 1, point: 1 });
  assert.equal(nearest([samples], 0, 50, 1, metric), undefined);
});

test('the table has a row for each instant in view and says how many there are', () => {
  const mark = { time: 25, glyph: 'T', label: 'timeout', role: 'drop', uid: 0 } as const;
  const { rows, total } = rowsIn([steps, samples], [mark], 5, 25, 10);
  assert.equal(total, 3);
  assert.deepEqual(rows.map((row) => [row.time, ...row.values]),
    [[5, undefined, 100], [10, 4, undefined], [25, undefined, 7]]);
  assert.deepEqual(rows[2].marks, ['timeout']);
  assert.deepEqual(rowsIn([steps], [], 0, 50, 2).rows.length, 2);
  assert.deepEqual(rowsIn([steps], [], 0, 50, 2).total, 3);
});

test('counts are grouped and shares have three digits', () => {
  const plain = (text: string): string => text.replace(/\u2009/g, ' ');
  assert.equal(plain(countText(14600)), '14 600');
  assert.equal(plain(countText(1234567)), '1 234 567');
  assert.equal(plain(countText(0.41666)), '0.4167');
  assert.equal(plain(octetsText(1460)), '1 460 B');
  assert.equal(plain(percentText(0.12345)), '12.3 %');
});
