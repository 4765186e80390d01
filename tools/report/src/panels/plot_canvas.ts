// SPDX-License-Identifier: MIT
// Draws one plot on a canvas: axes, series, the rail of marks, the cursor. Knows nothing of mice and
// keys (plot.ts does). Drawing is culled to the window and costs a few strokes for each pixel column,
// however many points there are.
import { scaleLinear } from 'd3-scale';
import { durationText } from '../format';
import { Mark, pointsIn, Series, SeriesRole } from './series';
import { Span } from './time_window';

export interface Theme {
  readonly ink: string;
  readonly grid: string;
  readonly cursor: string;
  readonly font: string;
  readonly roles: Readonly<Record<SeriesRole, string>>;
}

export interface Frame {
  readonly width: number; // CSS pixels
  readonly height: number;
  readonly left: number; // of the plotting area
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Picture {
  readonly span: Span; // time
  readonly range: readonly [number, number]; // of y
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
  readonly cursor: number; // ns, where the run is looked at
  readonly pointer: number | undefined; // ns
  readonly selected: number; // packet: its points are circled; 0: none
  readonly brush: readonly [number, number, number, number] | undefined; // x, y, x, y in pixels
  formatY(value: number): string;
}

const LEFT = 62;
const RIGHT = 12;
const TOP = 8;
const AXIS = 20;
export const RAIL = 16;

export function frameOf(width: number, height: number, hasRail: boolean): Frame {
  const bottom = height - AXIS - (hasRail ? RAIL : 0);
  return { width, height, left: LEFT, top: TOP, right: width - RIGHT, bottom };
}

export const xOf = (frame: Frame, span: Span, time: number): number =>
  frame.left + ((time - span.from) / (span.to - span.from)) * (frame.right - frame.left);
export const timeOf = (frame: Frame, span: Span, x: number): number =>
  span.from + ((x - frame.left) / (frame.right - frame.left)) * (span.to - span.from);
export const yOf = (frame: Frame, range: readonly [number, number], value: number): number =>
  frame.bottom - ((value - range[0]) / (range[1] - range[0])) * (frame.bottom - frame.top);
export const valueOf = (frame: Frame, range: readonly [number, number], y: number): number =>
  range[0] + ((frame.bottom - y) / (frame.bottom - frame.top)) * (range[1] - range[0]);

type Pen = CanvasRenderingContext2D;

function drawAxes(pen: Pen, frame: Frame, picture: Picture, theme: Theme): void {
  pen.font = theme.font;
  pen.lineWidth = 1;
  pen.setLineDash([]);
  const ys = scaleLinear().domain([...picture.range]);
  const wanted = Math.max(2, Math.floor((frame.bottom - frame.top) / 28));
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  for (const value of ys.ticks(wanted)) {
    const y = Math.round(yOf(frame, picture.range, value)) + 0.5;
    pen.strokeStyle = theme.grid;
    pen.beginPath();
    pen.moveTo(frame.left, y);
    pen.lineTo(frame.right, y);
    pen.stroke();
    pen.fillStyle = theme.ink;
    pen.fillText(picture.formatY(value), frame.left - 6, y);
  }
  const xs = scaleLinear().domain([picture.span.from, picture.span.to]);
  pen.textBaseline = 'top';
  const ticks = xs.ticks(Math.max(2, Math.floor((frame.right - frame.left) / 90)));
  for (const time of ticks) {
    const x = Math.round(xOf(frame, picture.span, time)) + 0.5;
    pen.strokeStyle = theme.grid;
    pen.beginPath();
    pen.moveTo(x, frame.top);
    pen.lineTo(x, frame.bottom);
    pen.stroke();
    const text = durationText(time);
    const half = pen.measureText(text).width / 2;
    pen.textAlign = 'center';
    pen.fillStyle = theme.ink;
    pen.fillText(text, Math.min(Math.max(x, half + 2), frame.width - half - 2), frame.height - AXIS + 5);
  }
}

// One stroke for each pixel column: from the least to the greatest value in it.
function drawSteps(pen: Pen, frame: Frame, picture: Picture, series: Series): void {
  const { span, range } = picture;
  const [first, last] = pointsIn(series, span.from, span.to);
  if (first >= last) return;
  const y = (i: number): number => yOf(frame, range, series.y[i]);
  const isStep = series.kind === 'step';
  pen.beginPath();
  let column = xOf(frame, span, series.x[first]);
  let now = y(first);
  pen.moveTo(column, now);
  for (let i = first + 1; i < last; i++) {
    const x = xOf(frame, span, series.x[i]);
    if (x - column < 0.5 && i + 1 < last) {
      let low = Math.min(now, y(i));
      let high = Math.max(now, y(i));
      while (i + 1 < last && xOf(frame, span, series.x[i + 1]) - column < 0.5) {
        i++;
        low = Math.min(low, y(i));
        high = Math.max(high, y(i));
      }
      now = y(i);
      pen.lineTo(column, low);
      pen.lineTo(column, high);
      pen.lineTo(column, now);
      continue;
    }
    if (isStep) pen.lineTo(x, now);
    now = y(i);
    pen.lineTo(x, now);
    column = x;
  }
  if (isStep) {
    const end = Math.min(series.end ?? span.to, span.to);
    if (series.x[last - 1] < end) pen.lineTo(xOf(frame, span, end), now);
  }
  pen.stroke();
}

// A shape for each role, so that dots differ without colour.
function drawMarker(pen: Pen, role: SeriesRole, x: number, y: number): void {
  pen.beginPath();
  switch (role) {
    case 'retransmission':
      pen.rect(x - 2.5, y - 2.5, 5, 5);
      pen.stroke();
      return;
    case 'drop':
      pen.moveTo(x - 3, y - 3);
      pen.lineTo(x + 3, y + 3);
      pen.moveTo(x - 3, y + 3);
      pen.lineTo(x + 3, y - 3);
      pen.stroke();
      return;
    default:
      pen.arc(x, y, 2, 0, 2 * Math.PI);
      pen.fill();
  }
}

function drawPoints(pen: Pen, frame: Frame, picture: Picture, series: Series): void {
  const [first, last] = pointsIn(series, picture.span.from, picture.span.to);
  for (let i = first; i < last; i++) {
    const x = xOf(frame, picture.span, series.x[i]);
    const y = yOf(frame, picture.range, series.y[i]);
    if (!series.y2) {
      drawMarker(pen, series.role, x, y);
      continue;
    }
    const end = yOf(frame, picture.range, series.y2[i]);
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x, Math.min(end, y - 1));
    if (series.role === 'retransmission') {
      pen.moveTo(x + 3, y); // a second stroke: sent again
      pen.lineTo(x + 3, Math.min(end, y - 1));
    }
    if (series.role === 'data' || series.role === 'retransmission') {
      pen.moveTo(x - 2, y);
      pen.lineTo(x + 2, y);
    }
    pen.stroke();
    if (series.role === 'drop') drawMarker(pen, 'drop', x, (y + end) / 2);
  }
}

function circleSelected(pen: Pen, frame: Frame, picture: Picture, theme: Theme): void {
  if (picture.selected === 0) return;
  pen.strokeStyle = theme.cursor;
  pen.lineWidth = 2;
  pen.setLineDash([]);
  for (const series of picture.series) {
    if (!series.uid) continue;
    const [first, last] = pointsIn(series, picture.span.from, picture.span.to);
    for (let i = first; i < last; i++) {
      if (series.uid[i] !== picture.selected) continue;
      const y = series.y2 ? (series.y[i] + series.y2[i]) / 2 : series.y[i];
      pen.beginPath();
      pen.arc(xOf(frame, picture.span, series.x[i]), yOf(frame, picture.range, y), 7, 0, 2 * Math.PI);
      pen.stroke();
    }
  }
}

// Marks that stand closer than a glyph share one: that of the gravest.
const GRAVITY: readonly SeriesRole[] = ['drop', 'retransmission', 'window', 'ack'];
const GLYPH = 9; // pixels

function drawRail(pen: Pen, frame: Frame, picture: Picture, theme: Theme): void {
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.font = theme.font;
  pen.lineWidth = 1;
  pen.setLineDash([]);
  const taken = new Set<number>();
  for (const role of GRAVITY) {
    pen.strokeStyle = pen.fillStyle = theme.roles[role];
    for (const mark of picture.marks) {
      if (mark.role !== role || mark.time < picture.span.from || mark.time > picture.span.to) continue;
      const x = xOf(frame, picture.span, mark.time);
      pen.beginPath();
      pen.moveTo(x, frame.bottom);
      pen.lineTo(x, frame.bottom + 3);
      pen.stroke();
      const place = Math.round(x / GLYPH);
      if (taken.has(place - 1) || taken.has(place) || taken.has(place + 1)) continue;
      taken.add(place);
      pen.fillText(mark.glyph, x, frame.bottom + RAIL / 2 + 1);
    }
  }
}

function drawCursor(pen: Pen, frame: Frame, picture: Picture, theme: Theme): void {
  const upright = (time: number, dash: readonly number[], width: number): void => {
    if (time < picture.span.from || time > picture.span.to) return;
    const x = Math.round(xOf(frame, picture.span, time)) + 0.5;
    pen.strokeStyle = theme.cursor;
    pen.lineWidth = width;
    pen.setLineDash([...dash]);
    pen.beginPath();
    pen.moveTo(x, frame.top);
    pen.lineTo(x, frame.bottom);
    pen.stroke();
  };
  upright(picture.cursor, [], 1.5);
  if (picture.pointer !== undefined) upright(picture.pointer, [3, 3], 1);
  if (picture.brush) {
    const [x0, y0, x1, y1] = picture.brush;
    pen.setLineDash([4, 2]);
    pen.strokeStyle = theme.cursor;
    pen.strokeRect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
  }
}

// What does not move with the cursor. `pen` is scaled so that its unit is a CSS pixel.
export function drawData(pen: Pen, frame: Frame, picture: Picture, theme: Theme): void {
  pen.clearRect(0, 0, frame.width, frame.height);
  drawAxes(pen, frame, picture, theme);
  pen.save();
  clipToPlot(pen, frame);
  for (const series of picture.series) {
    pen.strokeStyle = pen.fillStyle = theme.roles[series.role];
    pen.lineWidth = series.role === 'threshold' || series.role === 'ack' ? 1 : 1.5;
    pen.setLineDash(series.dash ? [...series.dash] : []);
    if (series.kind === 'step' || series.kind === 'line') {
      drawSteps(pen, frame, picture, series);
    } else {
      drawPoints(pen, frame, picture, series);
    }
  }
  pen.restore();
  drawRail(pen, frame, picture, theme);
}

// What stands over the data: the cursor, the pointer, the selected packet, a stretch being dragged.
export function drawOver(pen: Pen, frame: Frame, picture: Picture, theme: Theme): void {
  pen.clearRect(0, 0, frame.width, frame.height);
  pen.save();
  clipToPlot(pen, frame);
  circleSelected(pen, frame, picture, theme);
  pen.restore();
  drawCursor(pen, frame, picture, theme);
}

function clipToPlot(pen: Pen, frame: Frame): void {
  pen.beginPath();
  pen.rect(frame.left, frame.top - 2, frame.right - frame.left, frame.bottom - frame.top + 4);
  pen.clip();
}
