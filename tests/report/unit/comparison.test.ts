// SPDX-License-Identifier: MIT
// What two runs differ in is said with its unit.
import assert from 'node:assert/strict';
import test from 'node:test';
import { figureText, figureTitle } from '../../../tools/report/src/comparison';
import { durationText, rateText } from '../../../tools/report/src/format';
import { countText, octetsText, percentText } from '../../../tools/report/src/panels/numbers';

const UNITS = { duration: durationText, rate: rateText, octets: octetsText, percent: percentText, count: countText };
const plain = (text: string): string => text.replace(/\u2009/g, ' ');

test('a figure has the unit that its name ends in, and a title without it', () => {
  for (const [name, value, text, title] of [
    ['goodput_bps', 8382018, '8.382 Mbit/s', 'goodput'], ['finished_s', 1.0147888, '1.015 s', 'finished'],
    ['rtt_min_ns', 21280000, '21.28 ms', 'rtt min'], ['queue_peak_bytes', 48576, '48 576 B', 'queue peak'],
    ['bytes_delivered', 1000000, '1 000 000 B', 'delivered'], ['utilisation_ppm', 838000, '83.8 %', 'utilisation'],
    ['tcp.retransmissions', 6, '6', 'retransmissions'], ['frames.dropped.loss', 8, '8', 'frames dropped loss'],
    ['outcome', 'reset', 'reset', 'outcome'], ['rtt_max_ns', null, '–', 'rtt max'],
  ] as const) {
    assert.equal(plain(figureText(name, value, UNITS)), text, name);
    assert.equal(figureTitle(name), title, name);
  }
});
