// SPDX-License-Identifier: MIT
// The octets of one direction of a TCP stream, cut into pieces by each layer: what the application
// wrote, the segments TCP made of it, what was sent again, what waited above a gap, what the other
// application read. Offsets count octets of the stream from 0.
import { Model, NONE } from '../data';
import { FlowRows, repeatCause, Side } from '../flow_rows';

export interface Piece {
  readonly from: number; // offset
  readonly to: number;
  readonly time: number; // ns
  readonly uid: number; // packet that carried it; 0: none
  readonly isLost: boolean;
  readonly note: string;
}

export interface StreamLane {
  readonly name: string;
  readonly role: 'write' | 'data' | 'retransmission' | 'wire' | 'held' | 'read';
  readonly pieces: readonly Piece[];
}

export function streamLanes(model: Model, flow: number, side: Side): StreamLane[] {
  const receiver: Side = side === 0 ? 1 : 0;
  const rows = FlowRows.of(model);
  const { segmentsSent: sent, segmentsReceived: received, transfers } = model.tables;
  const isLost = (uid: number): boolean => {
    const packet = model.packetOf(uid);
    return packet !== NONE && model.packets.arrived[packet] === NONE && model.packets.reason[packet] !== '';
  };
  const segments: Piece[] = [];
  const repeats: Piece[] = [];
  const frames: Piece[] = [];
  const framesAgain: Piece[] = [];
  for (const row of rows.rows('segmentsSent', flow, side)) {
    if (sent.length[row] === 0) continue;
    const uid = sent.uid[row];
    const cause = repeatCause(sent.cause[row]);
    const piece = { from: sent.offset[row], to: sent.offset[row] + sent.length[row], time: sent.time[row], uid, isLost: isLost(uid) };
    (cause === '' ? segments : repeats).push({ ...piece, note: cause });
    const hop = model.hopsOf(model.packetOf(uid))[0];
    if (hop === undefined) continue;
    const length = model.hops.length[hop];
    (cause === '' ? frames : framesAgain).push({ ...piece, time: model.hops.sent[hop],
      note: `frame of ${length} B: ${length - sent.length[row]} B of headers` });
  }
  const held: Piece[] = [];
  for (const row of rows.rows('segmentsReceived', flow, receiver)) {
    if (received.verdict[row] !== 'out of order') continue;
    held.push({ from: received.offset[row], to: received.offset[row] + received.length[row],
      time: received.time[row], uid: received.uid[row], isLost: false, note: 'kept above a gap' });
  }
  const calls = (wanted: string): Piece[] => {
    const pieces: Piece[] = [];
    for (const row of rows.rows('transfers', flow, side)) {
      if (transfers.action[row] !== wanted) continue;
      pieces.push({ from: transfers.offset[row], to: transfers.offset[row] + transfers.length[row],
        time: transfers.time[row], uid: 0, isLost: false, note: `${transfers.length[row]} B` });
    }
    return pieces;
  };
  const lanes: StreamLane[] = [
    { name: 'application writes', role: 'write', pieces: calls('write') },
    { name: 'segments', role: 'data', pieces: segments },
    { name: 'sent again', role: 'retransmission', pieces: repeats },
    { name: 'frames', role: 'wire', pieces: frames },
    { name: 'frames of repeats', role: 'wire', pieces: framesAgain },
    { name: 'waited above a gap', role: 'held', pieces: held },
    { name: 'application reads', role: 'read', pieces: calls('read') },
  ];
  return lanes.filter((lane) => lane.pieces.length > 0);
}

// A block of a lane as it is drawn: one piece, or so many side by side that each would be thinner
// than a pixel.
export interface Block {
  readonly from: number;
  readonly to: number;
  readonly pieces: readonly Piece[];
}

// Pieces that overlap [from, to), joined where they are narrower than `grain` octets.
export function blocks(pieces: readonly Piece[], from: number, to: number, grain: number): Block[] {
  const inside = pieces.filter((piece) => piece.to > from && piece.from < to);
  inside.sort((a, b) => a.from - b.from || a.time - b.time);
  const found: { from: number; to: number; pieces: Piece[] }[] = [];
  for (const piece of inside) {
    const last = found[found.length - 1];
    if (last && piece.to - last.from <= grain) {
      last.to = Math.max(last.to, piece.to);
      last.pieces.push(piece);
    } else {
      found.push({ from: piece.from, to: piece.to, pieces: [piece] });
    }
  }
  return found;
}
