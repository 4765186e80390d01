// SPDX-License-Identifier: MIT
// What the panels make of a conversation that loses a segment (fixture.ts).
import assert from 'node:assert/strict';
import test from 'node:test';
import { compile } from '../../../tools/report/src/filter/filter';
import { PacketFields } from '../../../tools/report/src/filter/packet_fields';
import { flowFigures } from '../../../tools/report/src/panels/flow_figures';
import {
  goodputOf, queuePlot, rttPlot, sequencePlot, throughputOf, windowsPlot,
} from '../../../tools/report/src/panels/flow_series';
import { recoveryIntervals, stateIntervals, timerIntervals } from '../../../tools/report/src/panels/intervals';
import { streamLanes } from '../../../tools/report/src/panels/stream_pieces';
import { Reason, Reasons } from '../../../tools/report/src/panels/why';
import { fixture } from '../fixture';

const MS = 1e6;
const model = fixture();

const series = (data: ReturnType<typeof sequencePlot>, name: string) => {
  const found = data.series.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
};

test('the sequence plot has every segment once: first sent, sent again, lost', () => {
  const plot = sequencePlot(model, 1, 0);
  assert.deepEqual([...(series(plot, 'segment').uid ?? [])], [4, 5, 6, 7, 8]);
  assert.deepEqual([...(series(plot, 'sent again').uid ?? [])], [13]);
  assert.deepEqual([...(series(plot, 'lost').uid ?? [])], [5]);
  const again = series(plot, 'sent again');
  assert.deepEqual([again.y[0], again.y2?.[0]], [100, 200]);
  assert.deepEqual([...series(plot, 'SACK').y], [200]);
});

test('the window edge is what was acknowledged and the window offered with it', () => {
  const plot = sequencePlot(model, 1, 0);
  const [acknowledged, edge] = [series(plot, 'acknowledged'), series(plot, 'window edge')];
  assert.deepEqual([...acknowledged.y], [0, 0, 100, 100, 500]);
  assert.deepEqual([...edge.y], [4000, 4100, 4100, 4500]);
  assert.equal(edge.end, 17 * MS, 'lines end with the conversation');
});

test('the threshold begins with the first loss, and marks tell why', () => {
  const plot = windowsPlot(model, 1, 0);
  assert.deepEqual([...series(plot, 'ssthresh').x], [13 * MS, 17 * MS]);
  assert.deepEqual(plot.marks.map((mark) => mark.glyph), ['1', '2', '3', 'R', 'r', 'a']);
  assert.equal(plot.marks[3].label, 'sent again: fast retransmit');
});

test('every sample of the round-trip time is a dot', () => {
  assert.deepEqual([...series(rttPlot(model, 1, 0), 'sample').y], [4 * MS, 2 * MS, 6 * MS]);
});

test('throughput counts frames of one direction on their first link, goodput octets in order', () => {
  assert.equal(throughputOf(model, 1, 0).sum.at(-1), 8 * 58 + 600);
  assert.deepEqual(goodputOf(model, 1, 0), { time: [6.9 * MS, 14.9 * MS], sum: [100, 500] });
});

test('a queue is as long as frames wait in it', () => {
  const [queue, ...others] = queuePlot(model, 4).series;
  assert.equal(queue.name, 'client:eth0');
  assert.deepEqual([[...queue.x], [...queue.y]], [[0, 7.7 * MS, 8 * MS], [0, 1, 0]]);
  assert.deepEqual(others, []);
});

test('states last until the next one, repairs from the loss to its end', () => {
  assert.deepEqual(stateIntervals(model, 1, 1).map((i) => [i.label, i.from, i.to]),
    [['SYN-RECEIVED', 1.9 * MS, 5.9 * MS], ['ESTABLISHED', 5.9 * MS, 20 * MS]]);
  assert.deepEqual(recoveryIntervals(model, 1, 0).map((i) => [i.label, i.from, i.to]), [['recovery', 13 * MS, 17 * MS]]);
});

test('a timer set again while it runs goes on', () => {
  assert.deepEqual(timerIntervals(model, 1, 0).get('retransmission'),
    [{ from: 5 * MS, to: 17 * MS, label: 'retransmission', note: 'cancelled, set 2 times', uid: 0 }]);
});

test('the lanes of a stream hold each octet in every layer', () => {
  const lanes = new Map(streamLanes(model, 1, 0).map((lane) => [lane.name, lane.pieces]));
  const octets = (name: string): number => (lanes.get(name) ?? []).reduce((sum, p) => sum + p.to - p.from, 0);
  assert.deepEqual([...lanes.keys()], ['application writes', 'segments', 'sent again', 'frames',
    'frames of repeats', 'waited above a gap', 'application reads']);
  assert.equal(octets('application writes'), 500);
  assert.equal(octets('segments'), 500);
  assert.equal(octets('frames'), 500);
  assert.equal(octets('frames of repeats'), 100);
  assert.equal(octets('application reads'), 500);
  assert.deepEqual(lanes.get('segments')?.filter((p) => p.isLost).map((p) => p.uid), [5]);
  assert.equal(octets('waited above a gap'), 300);
});

test('why a segment was sent again leads to the duplicate ACK and to the drop', () => {
  const reasons = new Reasons(model).of(13);
  const all = (list: readonly Reason[]): string[] => list.flatMap((r) => [r.text, ...all(r.children)]);
  const text = all(reasons).join('\n');
  assert.match(text, /sent again: fast retransmit/);
  assert.match(text, /provoked by the arrival of #12 ACK 101/);
  assert.match(text, /duplicate ACK no. 3/);
  assert.match(text, /cwnd 500, ssthresh 200/);
  assert.match(text, /the same octets as #5/);
  assert.match(text, /ends on right at 7.000 ms: lost at random \(bernoulli p=0.1 draw=0.03\)/);
  assert.match(text, /led to #14/);
});

test('a chain of causes ends, whatever the packets say', () => {
  assert.doesNotThrow(() => new Reasons(model).of(14));
  assert.deepEqual(new Reasons(model).of(999), []);
});

test('the summary tells losses and repeats by cause, and what of the wire was use', () => {
  const figures = flowFigures(model, 1, 0);
  assert.deepEqual([...figures.retransmissions], [['fast', 1]]);
  assert.deepEqual([...figures.losses], [['loss', 1]]);
  assert.deepEqual(figures.rtt, [4 * MS, 6 * MS, 6 * MS]);
  assert.equal(figures.wire, 8 * 78 + 600);
  assert.equal(figures.efficiency, 500 / (8 * 78 + 600));
});

const passing = (text: string): number[] => {
  const filter = compile(text);
  assert.ok(filter.ok, text);
  const fields = new PacketFields(model);
  return [...model.packets.uid].filter((_, packet) => fields.matches(filter, packet)).sort((a, b) => a - b);
};

test('filters see what the simulator knows', () => {
  assert.deepEqual(passing('strata.drop == loss'), [5]);
  assert.deepEqual(passing('strata.retx'), [13]);
  assert.deepEqual(passing('strata.event == drop'), [5]);
  assert.deepEqual(passing('strata.link == right && strata.uid in {1..3}'), [1, 2, 3]);
  assert.deepEqual(passing('strata.node == r1 && strata.uid == 4'), [4], 'the router sends it on');
  assert.deepEqual(passing('strata.cwnd < 1000'), [13]);
  assert.deepEqual(passing('strata.ssthresh'), [13], 'there is none before the first loss');
  assert.deepEqual(passing('frame.number == 1'), [1]);
  assert.deepEqual(passing('frame.time_relative > 0.0135'), [13, 14], 'passes on any of its links');
  assert.deepEqual(passing('eth.dst == 00:01:02:03:04:05').length, model.packets.count);
});
