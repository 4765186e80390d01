// SPDX-License-Identifier: MIT
// Where the devices of a network stand: from left to right along the longest way between two of
// them, the others beside what they are connected to. Pure arithmetic on a unit grid.
import { Model } from '../data';

export interface Spot {
  readonly column: number; // from 0
  readonly row: number; // from 0; halves where a column is shorter than others
}
export interface Graph {
  readonly spots: readonly Spot[]; // by node
  readonly columns: number;
  readonly rows: number;
}

export function neighboursOf(model: Model): number[][] {
  const neighbours = model.nodes.map((): number[] => []);
  for (const { a, b } of model.links) {
    neighbours[a.node].push(b.node);
    neighbours[b.node].push(a.node);
  }
  return neighbours;
}

// Links between `from` and every node; Infinity where there is no way.
export function distances(neighbours: readonly (readonly number[])[], from: number): number[] {
  const distance = neighbours.map(() => Infinity);
  distance[from] = 0;
  for (const queue = [from]; queue.length > 0;) {
    const node = queue.shift() as number;
    for (const next of neighbours[node]) {
      if (distance[next] !== Infinity) continue;
      distance[next] = distance[node] + 1;
      queue.push(next);
    }
  }
  return distance;
}

// Two nodes as far apart as any: of several pairs the one declared first.
function farthest(neighbours: readonly (readonly number[])[]): readonly [number, number[]] {
  let best = 0;
  let start = 0;
  let found = distances(neighbours, 0);
  for (let node = 0; node < neighbours.length; node++) {
    const distance = distances(neighbours, node);
    const reach = Math.max(...distance.filter(Number.isFinite));
    if (reach <= best) continue;
    best = reach;
    start = node;
    found = distance;
  }
  return [start, found];
}

// The nodes on one shortest way from `start` to the farthest node.
function spineOf(neighbours: readonly (readonly number[])[], distance: readonly number[]): Set<number> {
  const reach = Math.max(...distance.filter(Number.isFinite));
  const spine = new Set<number>();
  for (let node = distance.indexOf(reach); ;) {
    spine.add(node);
    const before = neighbours[node].find((next) => distance[next] === distance[node] - 1);
    if (before === undefined) return spine;
    node = before;
  }
}

export function layOut(model: Model): Graph {
  if (model.nodes.length === 0) return { spots: [], columns: 1, rows: 1 };
  const neighbours = neighboursOf(model);
  const [, distance] = farthest(neighbours);
  const spine = spineOf(neighbours, distance);
  const last = spine.size - 1;
  const column = distance.map((value) => (Number.isFinite(value) ? value : 0));
  // A leaf stands on the outer side of its neighbour, around the middle by turns.
  let turn = 0;
  neighbours.forEach((near, node) => {
    if (spine.has(node) || near.length !== 1) return;
    const beside = column[near[0]];
    const isLeft = beside * 2 === last ? turn++ % 2 === 0 : beside * 2 < last;
    column[node] = isLeft ? beside - 1 : beside + 1;
  });
  const first = Math.min(...column);
  const members: number[][] = [];
  column.forEach((value, node) => (members[value - first] ??= []).push(node));
  const rows = Math.max(...members.map((list) => list?.length ?? 0));
  const spots: Spot[] = [];
  members.forEach((list, index) => {
    list?.forEach((node, row) => {
      spots[node] = { column: index, row: row + (rows - list.length) / 2 };
    });
  });
  return { spots, columns: members.length, rows };
}
