// SPDX-License-Identifier: MIT
// Data of a plot: columns of numbers over time, and the searches that drawing and the read-out need.
import { countUpTo } from '../columns';

export type SeriesKind =
  | 'step' // keeps its value until the next point (windows, counters)
  | 'line'
  | 'dots' // samples: each stands alone
  | 'bars'; // from y to y2 at one instant (segments)

// The colour and dash of a series, by what it is. styles.css gives each role a colour in light and
// dark; dashes and marker shapes keep them apart without colour.
export type SeriesRole = 'data' | 'ack' | 'retransmission' | 'drop' | 'window' | 'threshold' | 'sack';

export interface Series {
  readonly name: string; // "cwnd"
  readonly role: SeriesRole;
  readonly kind: SeriesKind;
  readonly dash?: readonly number[];
  readonly x: ArrayLike<number>; // ns, ascending
  readonly y: ArrayLike<number>;
  readonly y2?: ArrayLike<number>; // of bars: the other end
  readonly uid?: ArrayLike<number>; // packet behind a point, 0: none
  // Far away from the others it does not stretch the y axis (an offered window, a timeout).
  readonly isAside?: boolean;
  // Steps and lines end here when the series is over before the run is.
  readonly end?: number;
}

// An event on the rail under a plot.
export interface Mark {
  readonly time: number; // ns
  readonly glyph: string; // one character
  readonly label: string; // "retransmission timeout"
  readonly role: SeriesRole;
  readonly uid: number; // 0: none
}

// The point a read-out at `time` tells of: the last one not after it. -1: there is none yet, or a
// step has ended.
export function pointAt(series: Series, time: number): number {
  if (series.end !== undefined && time > series.end) return -1;
  return countUpTo(series.x, time) - 1;
}

// Points to draw in a window: those inside it and one on each side, so that lines reach the edge.
export function pointsIn(series: Series, from: number, to: number): [number, number] {
  const first = Math.max(0, countUpTo(series.x, from) - 1);
  const last = Math.min(series.x.length, countUpTo(series.x, to) + 1);
  return [first, last];
}

// Least and greatest value seen in a window; undefined when nothing is in it.
export function extentIn(
  all: readonly Series[], from: number, to: number): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const series of all) {
    const holds = series.kind === 'step' || series.kind === 'line';
    let [first, last] = pointsIn(series, from, to);
    if (!holds) {
      while (first < last && series.x[first] < from) first++;
      while (last > first && series.x[last - 1] > to) last--;
    }
    for (let i = first; i < last; i++) {
      low = Math.min(low, series.y[i], series.y2 ? series.y2[i] : Infinity);
      high = Math.max(high, series.y[i], series.y2 ? series.y2[i] : -Infinity);
    }
  }
  return low <= high ? [low, high] : undefined;
}

// Times the greatest value of the others: a series aside that is beyond does not count.
const ASIDE_FACTOR = 2.5;

// The extent of the series that count, and of those aside that are not far from them.
export function fittedExtent(
  all: readonly Series[], from: number, to: number): [number, number] | undefined {
  const main = extentIn(all.filter((series) => !series.isAside), from, to);
  if (!main || main[1] <= 0) return extentIn(all, from, to);
  const near = all.filter((series) => {
    const extent = series.isAside ? extentIn([series], from, to) : undefined;
    return !series.isAside || (extent !== undefined && extent[1] <= main[1] * ASIDE_FACTOR);
  });
  return extentIn(near, from, to);
}

// The drawn point nearest to a place, in the metric `distance`; used to pick a point under the
// pointer. Undefined when none is within `limit`.
export function nearest(
  all: readonly Series[], from: number, to: number, limit: number,
  distance: (time: number, y: number, y2: number) => number,
): { series: number; point: number } | undefined {
  let best: { series: number; point: number } | undefined;
  let bestDistance = limit;
  all.forEach((series, s) => {
    const [first, last] = pointsIn(series, from, to);
    for (let i = first; i < last; i++) {
      const d = distance(series.x[i], series.y[i], series.y2 ? series.y2[i] : series.y[i]);
      if (d < bestDistance) {
        bestDistance = d;
        best = { series: s, point: i };
      }
    }
  });
  return best;
}
