// SPDX-License-Identifier: MIT
// One plot: a canvas to look at, a legend that tells every series' value at the cursor, and a table
// of the same points for those who do not see the canvas. Zoom with Ctrl and wheel (the wheel alone
// when the plot has the focus), by dragging a stretch, or with keys; a click sets the cursor.
import { countUpTo } from '../columns';
import { h } from '../dom';
import { clockText } from '../format';
import { oncePerFrame } from '../frame';
import {
  drawData, drawOver, Frame, frameOf, Picture, RAIL, Theme, timeOf, valueOf, xOf, yOf,
} from './plot_canvas';
import { pointTable } from './point_table';
import { fittedExtent, Mark, nearest, pointAt, Series } from './series';
import { Span, TimeWindow } from './time_window';

export interface PlotData {
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
}

export interface PlotOptions {
  readonly title: string;
  readonly description: string; // what it shows, for those who do not know this kind of plot
  readonly floor?: number; // y begins here unless something is below
  formatY(value: number): string;
  // The cursor of the report, and the packet that is selected (0: none).
  cursor(): number;
  selected(): number;
  onCursor(time: number): void;
  onPacket(uid: number, time: number): void;
  theme(): Theme;
}

const DRAG_MIN = 4; // pixels: less is a click
const PICK_DISTANCE = 9;
const KEYS_HELP =
  'Keys: plus and minus zoom, page up and down move, Alt with up and down zoom the values, 0 shows all.';

export class Plot {
  readonly element: HTMLElement;
  private readonly under: HTMLCanvasElement; // data
  private readonly over: HTMLCanvasElement; // cursor: moves often and costs little
  private readonly stage: HTMLElement;
  private readonly legend: HTMLElement;
  private readonly tip: HTMLElement;
  private readonly table: HTMLDetailsElement;
  private values: HTMLElement[] = [];
  private readonly hidden = new Set<string>(); // names of series switched off
  private data: PlotData = { series: [], marks: [] };
  private range: [number, number] | undefined; // chosen by hand; else fitted to what is visible
  private brush: [number, number, number, number] | undefined;
  private drawnSpan: Span | undefined; // of the data on the canvas; undefined: draw it again
  private drawnRange: readonly [number, number] = [0, 1];
  // At the next frame, when only cursor, pointer or selection changed.
  readonly moveCursor = oncePerFrame(() => this.paint());

  constructor(private readonly axis: TimeWindow, private readonly options: PlotOptions) {
    this.under = h('canvas', { 'aria-hidden': 'true' });
    this.over = h('canvas', { 'aria-hidden': 'true' });
    this.tip = h('div', { class: 'plot-tip', hidden: '' });
    this.stage = h('div', {
      class: 'plot-stage', tabindex: '0', role: 'application',
      'aria-label': `${options.title}: ${options.description} ${KEYS_HELP}`,
    }, this.under, this.over, this.tip);
    this.legend = h('div', { class: 'plot-legend' });
    this.table = h('details', { class: 'plot-table' }, h('summary', {}, 'Data table'));
    this.element = h('figure', { class: 'plot' },
      h('figcaption', {}, h('strong', { title: options.description }, options.title), this.legend),
      this.stage, this.table);
    axis.listen(() => (axis.visible === this.drawnSpan ? this.moveCursor() : this.redraw()));
    new ResizeObserver(() => this.redraw()).observe(this.stage);
    this.table.addEventListener('toggle', () => this.fillTable());
    this.listenToPointer();
    this.stage.addEventListener('keydown', (event) => this.onKey(event));
  }

  show(data: PlotData): void {
    const isOther = data.series.length !== this.data.series.length
      || data.series.some((series, i) => series.name !== this.data.series[i].name);
    this.data = data;
    if (isOther) this.makeLegend();
    this.element.classList.toggle('is-empty', data.series.every((s) => s.x.length === 0));
    this.redraw();
  }
  // Forgets the values chosen by hand: other data have others.
  fit(): void {
    this.range = undefined;
    this.redraw();
  }

  // A button for each series, which switches it off and on, with its value at the cursor.
  private makeLegend(): void {
    this.values = this.data.series.map(() => h('span', { class: 'legend-value' }));
    this.legend.replaceChildren(...this.data.series.map((series, i) => {
      const button = h('button', {
        type: 'button', 'aria-pressed': String(!this.hidden.has(series.name)),
        class: `legend role-${series.role} kind-${series.kind}${series.dash ? ' is-dashed' : ''}`,
      }, h('span', { class: 'legend-name' }, series.name), this.values[i]);
      button.addEventListener('click', () => {
        if (!this.hidden.delete(series.name)) this.hidden.add(series.name);
        button.setAttribute('aria-pressed', String(!this.hidden.has(series.name)));
        this.redraw();
      });
      return button;
    }));
  }
  private shownSeries(): readonly Series[] {
    return this.data.series.filter((series) => !this.hidden.has(series.name));
  }

  // The same when anything did.
  redraw(): void {
    this.drawnSpan = undefined;
    this.moveCursor();
  }

  private frame(): Frame {
    return frameOf(this.stage.clientWidth, this.stage.clientHeight, this.data.marks.length > 0);
  }

  private visibleRange(): readonly [number, number] {
    if (this.range) return this.range;
    const { from, to } = this.axis.visible;
    const [low, high] = fittedExtent(this.shownSeries(), from, to) ?? [0, 1];
    const floor = this.options.floor === undefined ? low : Math.min(low, this.options.floor);
    const room = (high - floor || 1) * 0.05;
    return [floor === low && this.options.floor === undefined ? low - room : floor, high + room];
  }

  private paint(): void {
    const frame = this.frame();
    if (frame.width <= 0 || frame.height <= 0) return; // not on the page
    const span = this.axis.visible;
    const isOther = span !== this.drawnSpan;
    if (isOther) this.drawnRange = this.visibleRange();
    const picture: Picture = {
      span, range: this.drawnRange, series: this.shownSeries(), marks: this.data.marks,
      cursor: this.options.cursor(), pointer: this.axis.pointer, selected: this.options.selected(),
      brush: this.brush, formatY: this.options.formatY,
    };
    const theme = this.options.theme();
    const under = isOther ? penOf(this.under, frame) : undefined;
    if (under) {
      drawData(under, frame, picture, theme);
      this.drawnSpan = span;
      this.fillTable();
    }
    const over = penOf(this.over, frame);
    if (over) drawOver(over, frame, picture, theme);
    this.readOut(this.axis.pointer ?? picture.cursor);
  }

  // Every series' value at an instant.
  private readOut(time: number): void {
    this.data.series.forEach((series, i) => {
      const point = pointAt(series, time);
      let text = '–';
      if (point >= 0) {
        text = this.options.formatY(series.y[point]);
        if (series.y2) text += `–${this.options.formatY(series.y2[point])}`;
      }
      if (point >= 0 && series.y[point] > this.drawnRange[1]) text += ' ↑';
      if (this.values[i].textContent !== text) this.values[i].textContent = text;
    });
  }

  // With what is in view, when it is open.
  private fillTable(): void {
    while (this.table.children.length > 1) this.table.lastElementChild?.remove();
    if (!this.table.open) return;
    this.table.append(pointTable(this.options.title, this.data, this.axis, this.options.formatY));
  }

  private listenToPointer(): void {
    const at = (event: MouseEvent): [number, number] => {
      const box = this.stage.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    let start: [number, number] | undefined;
    let panning: number | undefined;
    this.stage.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 && event.button !== 1) return;
      start = at(event);
      panning = event.shiftKey || event.button === 1 ? start[0] : undefined;
      this.stage.setPointerCapture(event.pointerId);
    });
    this.stage.addEventListener('pointermove', (event) => {
      const [x, y] = at(event);
      const frame = this.frame();
      if (panning !== undefined) {
        this.axis.pan((panning - x) / (frame.right - frame.left));
        panning = x;
      } else if (start) {
        this.brush = [...start, x, y];
        this.moveCursor();
      }
      const time = timeOf(frame, this.axis.visible, x);
      this.axis.point(x >= frame.left && x <= frame.right ? time : undefined);
      this.showTip(x, y);
    });
    this.stage.addEventListener('pointerleave', () => {
      this.axis.point(undefined);
      this.tip.hidden = true;
    });
    this.stage.addEventListener('pointerup', (event) => {
      const end = at(event);
      if (start && panning === undefined) this.finishDrag(start, end);
      start = panning = this.brush = undefined;
      this.moveCursor();
    });
    this.stage.addEventListener('pointercancel', () => {
      start = panning = this.brush = undefined;
      this.moveCursor();
    });
    this.stage.addEventListener('dblclick', () => this.reset());
    this.stage.addEventListener('wheel', (event) => this.onWheel(event, at(event)), { passive: false });
  }

  private finishDrag(start: [number, number], end: [number, number]): void {
    const frame = this.frame();
    const { visible } = this.axis;
    const [width, height] = [Math.abs(end[0] - start[0]), Math.abs(end[1] - start[1])];
    if (width < DRAG_MIN && height < DRAG_MIN) {
      this.click(end[0], end[1]);
      return;
    }
    // A flat stroke chooses a time, an upright one values, a box both.
    if (height >= 3 * DRAG_MIN) {
      const range = this.visibleRange();
      const ys = [start[1], end[1]].map((y) => valueOf(frame, range, y)).sort((a, b) => a - b);
      this.range = [ys[0], ys[1]];
      this.redraw();
    }
    if (width >= DRAG_MIN) {
      const times = [start[0], end[0]].map((x) => timeOf(frame, visible, x)).sort((a, b) => a - b);
      this.axis.show({ from: times[0], to: times[1] });
    }
  }

  private pick(x: number, y: number): { series: number; point: number } | undefined {
    const frame = this.frame();
    const { visible } = this.axis;
    const range = this.visibleRange();
    const near = PICK_DISTANCE * 2;
    return nearest(
      this.shownSeries(), timeOf(frame, visible, x - near), timeOf(frame, visible, x + near),
      PICK_DISTANCE, (time, y1, y2) => {
        const [top, bottom] = [yOf(frame, range, y2), yOf(frame, range, y1)];
        const dy = Math.max(top - y, y - bottom, 0);
        return Math.hypot(xOf(frame, visible, time) - x, dy);
      });
  }

  private click(x: number, y: number): void {
    const hit = this.pick(x, y);
    const series = hit && this.shownSeries()[hit.series];
    const mark = this.markAt(x, y);
    if (mark && mark.uid > 0) {
      this.options.onPacket(mark.uid, mark.time);
    } else if (series?.uid && series.uid[hit?.point ?? 0] > 0) {
      this.options.onPacket(series.uid[hit?.point ?? 0], series.x[hit?.point ?? 0]);
    } else {
      const time = mark?.time ?? timeOf(this.frame(), this.axis.visible, x);
      this.options.onCursor(Math.min(Math.max(time, this.axis.whole.from), this.axis.whole.to));
    }
  }

  private markAt(x: number, y: number): Mark | undefined {
    const frame = this.frame();
    if (y < frame.bottom || y > frame.bottom + RAIL) return undefined;
    const time = timeOf(frame, this.axis.visible, x);
    const times = this.data.marks.map((mark) => mark.time);
    const after = countUpTo(times, time);
    const near = [after - 1, after].filter((i) => i >= 0 && i < times.length);
    const distance = (i: number): number =>
      Math.abs(xOf(frame, this.axis.visible, times[i]) - x);
    near.sort((a, b) => distance(a) - distance(b));
    return near.length > 0 && distance(near[0]) < PICK_DISTANCE ? this.data.marks[near[0]] : undefined;
  }

  private showTip(x: number, y: number): void {
    const mark = this.markAt(x, y);
    const hit = mark ? undefined : this.pick(x, y);
    const series = hit && this.shownSeries()[hit.series];
    let text = '';
    if (mark) text = `${clockText(mark.time)} ms ${mark.label}`;
    if (series && hit) {
      const value = this.options.formatY(series.y[hit.point]);
      const end = series.y2 ? `–${this.options.formatY(series.y2[hit.point])}` : '';
      const uid = series.uid && series.uid[hit.point] > 0 ? ` #${series.uid[hit.point]}` : '';
      text = `${clockText(series.x[hit.point])} ms ${series.name} ${value}${end}${uid}`;
    }
    this.tip.hidden = text === '';
    this.tip.textContent = text;
    const isRight = x > this.stage.clientWidth / 2;
    this.tip.style.left = isRight ? '' : `${x + 12}px`;
    this.tip.style.right = isRight ? `${this.stage.clientWidth - x + 12}px` : '';
    this.tip.style.top = `${Math.max(0, y - 28)}px`;
  }

  private onWheel(event: WheelEvent, [x, y]: [number, number]): void {
    const isOurs = event.ctrlKey || event.metaKey || document.activeElement === this.stage;
    if (!isOurs) return;
    event.preventDefault();
    const frame = this.frame();
    const factor = Math.exp(Math.max(-1, Math.min(1, (event.deltaY || event.deltaX) / 300)));
    if (event.altKey) {
      this.zoomValues(factor, valueOf(frame, this.visibleRange(), y));
    } else if (event.shiftKey) {
      this.axis.pan((event.deltaY || event.deltaX) / 600);
    } else {
      this.axis.zoom(factor, timeOf(frame, this.axis.visible, x));
    }
  }

  private zoomValues(factor: number, around: number): void {
    const [low, high] = this.visibleRange();
    this.range = [around - (around - low) * factor, around + (high - around) * factor];
    this.redraw();
  }

  private reset(): void {
    this.range = undefined;
    this.axis.goHome();
    this.redraw();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey) return;
    const { from, to } = this.axis.visible;
    const cursor = this.options.cursor();
    const around = cursor >= from && cursor <= to ? cursor : (from + to) / 2;
    const [low, high] = this.visibleRange();
    const actions: Readonly<Record<string, () => void>> = {
      '+': () => this.axis.zoom(0.7, around),
      '=': () => this.axis.zoom(0.7, around),
      '-': () => this.axis.zoom(1 / 0.7, around),
      '0': () => this.reset(),
      PageUp: () => this.axis.pan(-0.5),
      PageDown: () => this.axis.pan(0.5),
    };
    let action: (() => void) | undefined = actions[event.key];
    if (event.altKey && event.key === 'ArrowUp') action = () => this.zoomValues(0.7, (low + high) / 2);
    if (event.altKey && event.key === 'ArrowDown') action = () => this.zoomValues(1 / 0.7, (low + high) / 2);
    if (!action) return;
    action();
    event.preventDefault();
    event.stopPropagation();
  }
}

// A pen whose unit is a CSS pixel, on a canvas of the size of the frame.
function penOf(canvas: HTMLCanvasElement, frame: Frame): CanvasRenderingContext2D | undefined {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(frame.width * ratio), Math.round(frame.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const pen = canvas.getContext('2d') ?? undefined;
  pen?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}
