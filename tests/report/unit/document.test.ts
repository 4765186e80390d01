// SPDX-License-Identifier: MIT
// What the C++ side writes into a report (document.cc): octets that are whole, fields that say what the
// octets do, rows that refer to rows that are there, and a cut that is told and small enough.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Model, NONE } from '../../../tools/report/src/data';
import { readReport } from '../report_file';

const BYTES_A_FRAME = 400; // beside those of the packets
const { STRATA = 'strata', STRATA_SCENARIOS = 'scenarios' } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'strata-document-'));
after(() => rmSync(folder, { recursive: true }));

function reportOf(scenario: string, ...options: string[]): { model: Model; html: string } {
  const file = join(folder, 'report.html');
  execFileSync(STRATA, ['report', join(STRATA_SCENARIOS, scenario), '-o', file, ...options], { stdio: 'ignore' });
  return { model: readReport(file), html: readFileSync(file, 'utf8') };
}

// IEEE 802.3 3.2.9: over the frame with its FCS the remainder is always this one.
function hasGoodFcs(octets: Uint8Array): boolean {
  let crc = 0xffffffff;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return crc >>> 0 === 0xdebb20e3;
}

function bitsOf(octets: Uint8Array, bit: number, width: number): number {
  let value = 0;
  for (let i = bit; i < bit + width; i++) value = value * 2 + ((octets[i >> 3] >> (7 - (i & 7))) & 1);
  return value;
}

test('a report of a capture has the sockets that its hosts must have had', () => {
  const { model } = reportOf('../tests/captures/kernel-lossy.pcap');
  assert.ok(model.run.isInferred);
  const { sockets, demux } = model.tables;
  const established = [...Array(sockets.count).keys()].filter((row) => sockets.state[row] === 'ESTABLISHED');
  assert.equal(new Set(established.map((row) => sockets.node[row])).size, 2, 'both ends');
  for (const row of established) assert.equal(sockets.cwnd[row], NONE, 'nobody can know it');
  assert.ok(model.tables.variables.ssthresh.every((value) => value === NONE));
  assert.ok(demux.count > 100, `${demux.count} packets found their socket`);
});

for (const scenario of ['loss/fast-retransmit.yaml', 'transport/udp-query.yaml', 'routing/fragmentation.yaml']) {
  test(`every frame of ${scenario} is whole, and its fields say what its octets do`, () => {
    const { model } = reportOf(scenario);
    let compared = 0;
    for (let hop = 0; hop < model.hops.count; hop++) {
      const image = model.hops.image[hop];
      const octets = model.bytes(image);
      assert.equal(octets.length, model.hops.length[hop]);
      assert.ok(hasGoodFcs(octets), `hop ${hop} as it was sent`);
      for (const { fields } of model.layers(image)) {
        for (const { abbreviation, bit, width, value } of fields) {
          if (!['ip.ttl', 'ip.len', 'tcp.srcport', 'tcp.dstport', 'udp.srcport', 'udp.dstport', 'udp.length'].includes(abbreviation)) continue;
          assert.equal(bitsOf(octets, bit, width), parseInt(value, 10), `${abbreviation} of hop ${hop}`);
          compared++;
        }
      }
    }
    assert.ok(compared > model.hops.count, `${compared} fields`);
  });
}

test('a report that is cut says so, holds nothing later, and refers to nothing it does not hold', () => {
  const whole = reportOf('loss/lossy-transfer.yaml').model;
  const { model } = reportOf('loss/lossy-transfer.yaml', '--report-frames', '100');
  const { run, tables } = model;
  assert.equal(run.hopsKept, 100);
  assert.equal(run.hopsTotal, whole.hops.count);
  for (const name of ['frames', 'flows', 'links']) {
    assert.ok(run.figures[name] !== undefined && name in whole.run.figures);
    assert.deepEqual(run.figures[name], whole.run.figures[name], `${name} are those of the whole run`);
  }
  assert.ok(run.keptUntil < run.end);
  assert.deepEqual(tables.hops.sent, whole.hops.sent.slice(0, 100));
  for (const [name, table] of Object.entries(tables)) {
    const { time } = table as { time?: readonly number[] };
    if (time) assert.ok(time.every((at) => at <= run.keptUntil), name);
  }
  const isRow = (row: number, count: number): boolean => row === NONE || (row >= 0 && row < count);
  for (let hop = 0; hop < model.hops.count; hop++) {
    assert.ok(isRow(model.hops.packet[hop], model.packets.count), `packet of hop ${hop}`);
    assert.ok(isRow(model.hops.image[hop], tables.images.count), `image of hop ${hop}`);
  }
});

test('a frame takes no more of the file than is promised', () => {
  const { model, html } = reportOf('loss/lossy-transfer.yaml');
  const [, data] = /id="strata-document">([^<]*)</.exec(html) ?? [];
  const each = data.length / model.hops.count;
  assert.ok(each <= BYTES_A_FRAME, `${each.toFixed(0)} octets a frame`);
});
