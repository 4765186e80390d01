// SPDX-License-Identifier: MIT
// The points of a plot as a table: the same numbers for screen readers, keyboards and clipboards.
import { countUpTo } from '../columns';
import { h } from '../dom';
import { instantText } from '../format';
import { Mark, Series } from './series';
import { TimeWindow } from './time_window';

// A plot of a long run has more points than anybody reads; the table says how many it left out.
export const ROWS_MAX = 500;

export interface PointRow {
  readonly time: number;
  readonly values: readonly (number | undefined)[]; // by series; undefined: no point at this instant
  readonly ends: readonly (number | undefined)[]; // of bars
  readonly marks: readonly string[];
}

// Rows of the instants in [from, to] at which any series has a point or the rail a mark.
export function rowsIn(
  series: readonly Series[], marks: readonly Mark[], from: number, to: number, limit: number,
): { rows: PointRow[]; total: number } {
  const times = new Set<number>();
  for (const one of series) {
    for (let i = countUpTo(one.x, from - 1e-9); i < one.x.length && one.x[i] <= to; i++) times.add(one.x[i]);
  }
  for (const mark of marks) if (mark.time >= from && mark.time <= to) times.add(mark.time);
  const ordered = [...times].sort((a, b) => a - b);
  const rows = ordered.slice(0, limit).map((time): PointRow => {
    const points = series.map((one) => {
      const point = countUpTo(one.x, time) - 1;
      return point >= 0 && one.x[point] === time ? point : -1;
    });
    return {
      time,
      values: points.map((point, s) => (point < 0 ? undefined : series[s].y[point])),
      ends: points.map((point, s) => (point < 0 ? undefined : series[s].y2?.[point])),
      marks: marks.filter((mark) => mark.time === time).map((mark) => mark.label),
    };
  });
  return { rows, total: ordered.length };
}

export function pointTable(
  title: string, data: { series: readonly Series[]; marks: readonly Mark[] }, axis: TimeWindow,
  formatY: (value: number) => string,
): HTMLElement {
  const { from, to } = axis.visible;
  const { rows, total } = rowsIn(data.series, data.marks, from, to, ROWS_MAX);
  const cell = (row: PointRow, s: number): string => {
    const value = row.values[s];
    if (value === undefined) return '';
    const end = row.ends[s];
    return end === undefined ? formatY(value) : `${formatY(value)}–${formatY(end)}`;
  };
  const left = total > rows.length
    ? `The first ${rows.length} of ${total} instants; zoom in to see the others.`
    : `${total} instants in view.`;
  return h('div', { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': `${title}: data` },
    h('table', {},
      h('caption', {}, left),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'time'),
        ...data.series.map((s) => h('th', { scope: 'col' }, s.name)),
        h('th', { scope: 'col' }, 'event'))),
      h('tbody', {}, ...rows.map((row) => h('tr', {},
        h('th', { scope: 'row' }, instantText(row.time)),
        ...data.series.map((_, s) => h('td', {}, cell(row, s))),
        h('td', {}, row.marks.join('; ')))))));
}
