// SPDX-License-Identifier: MIT
// The TCP states of both ends of a conversation over time, the phases of repair, and the timers; and
// the same as a table of transitions.
import { scaleLinear } from 'd3-scale';
import { Model, NONE } from '../data';
import { Child, h } from '../dom';
import { clockText, durationText } from '../format';
import { oncePerFrame } from '../frame';
import { FlowRows, SIDES, Side } from '../flow_rows';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { Interval, recoveryIntervals, stateIntervals, timerIntervals } from './intervals';
import { packetButton, plainTable } from './plain_table';
import { runWindow } from './run_window';
import { TimeWindow } from './time_window';

const BARS_MAX = 400; // in a lane and in view; closer ones are one bar

interface Lane {
  readonly name: string;
  readonly kind: 'state' | 'phase' | 'timer';
  readonly intervals: readonly Interval[];
}

export class StatesPanel implements Panel {
  readonly id = 'states';
  readonly title = 'TCP states';
  readonly help = 'The state of both ends of a connection over time, with the timers that ran.';
  readonly place = 'bottom';
  private model!: Model;
  private store!: Store;
  private axis!: TimeWindow;
  private chart!: HTMLElement;
  private table!: HTMLElement;
  private now!: HTMLElement;
  private readonly cursor = h('div', { class: 'lane-cursor' });
  private drawn = { left: 0, width: 0 }; // pixels
  private lanes: readonly Lane[] = [];
  private flow = 0;
  private readonly redraw = oncePerFrame(() => this.draw());

  isWorth(model: Model): boolean {
    return model.tables.states.count > 0;
  }
  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.axis = runWindow(model);
    this.now = h('p', { class: 'note', role: 'status' });
    this.chart = h('div', {
      class: 'lanes', tabindex: '0', role: 'application',
      'aria-label': 'TCP states over time. The table beside it has the same. Keys: plus and minus zoom, page up and down move, 0 shows all.',
    });
    this.table = h('div', { class: 'transitions' });
    root.append(this.now, h('div', { class: 'two-columns' }, this.chart, this.table));
    this.axis.listen(() => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(this.chart);
    listenToLanes(this.chart, this.axis, (time) => this.store.setTime(time));
  }

  update(change: Change): void {
    if (change.flow) this.choose();
    if (change.time || change.flow) this.tellState();
    if (change.flow || change.layout) this.redraw();
    else if (change.time) this.placeCursor();
  }

  // The conversation chosen, else that of the packet selected, else the first that is TCP.
  private choose(): void {
    const rows = FlowRows.of(this.model);
    const isTcp = (flow: number): boolean => SIDES.some((side) => rows.rows('states', flow, side).length > 0);
    const { flow, flowInSight } = this.store;
    this.flow = flow > 0 || isTcp(flowInSight) ? flowInSight
      : this.model.flows.find((one) => isTcp(one.number))?.number ?? 0;
    this.lanes = this.flow > 0 ? SIDES.flatMap((side) => this.lanesOf(side)) : [];
    this.showTable();
  }

  private lanesOf(side: Side): Lane[] {
    const name = this.model.flows[this.flow - 1].ends[side].name;
    const lanes: Lane[] = [{ name, kind: 'state', intervals: stateIntervals(this.model, this.flow, side) }];
    const repair = recoveryIntervals(this.model, this.flow, side);
    if (repair.length > 0) lanes.push({ name: 'repairing losses', kind: 'phase', intervals: repair });
    for (const [timer, intervals] of timerIntervals(this.model, this.flow, side)) {
      lanes.push({ name: `${timer} timer`, kind: 'timer', intervals });
    }
    return lanes;
  }

  private draw(): void {
    const left = nameWidth(this.chart);
    const width = this.chart.clientWidth - left;
    if (width <= 0) return;
    this.drawn = { left, width };
    if (this.lanes.length === 0) {
      this.chart.replaceChildren(h('p', { class: 'empty' }, 'There is no TCP connection to show.'));
      return;
    }
    const { from, to } = this.axis.visible;
    const x = (time: number): number => ((time - from) / (to - from)) * width;
    const rows = this.lanes.map((lane) => h('div', { class: `lane lane-${lane.kind}` },
      h('div', { class: 'lane-name', title: lane.name }, lane.name),
      h('div', { class: 'lane-bars' }, ...bars(lane, from, to, x, width))));
    const axis = h('div', { class: 'lane' }, h('div', { class: 'lane-name' }), ticks(from, to, width, durationText));
    this.chart.replaceChildren(...rows, axis, this.cursor);
    this.placeCursor();
  }

  // Without asking the page for sizes: it would have to lay itself out anew for each step.
  private placeCursor(): void {
    const { from, to } = this.axis.visible;
    const { time } = this.store;
    this.cursor.style.left = `${this.drawn.left + ((time - from) / (to - from)) * this.drawn.width}px`;
    this.cursor.hidden = time < from || time > to;
  }

  private tellState(): void {
    if (this.flow === 0) {
      this.now.textContent = '';
      return;
    }
    const { states } = this.model.tables;
    const said = SIDES.map((side) => {
      const row = FlowRows.of(this.model).lastUpTo('states', this.flow, side, this.store.time);
      const state = row === NONE ? 'CLOSED' : states.to[row];
      return `${this.model.flows[this.flow - 1].ends[side].name} ${state}`;
    });
    const text = said.join(', ');
    if (this.now.textContent !== text) this.now.textContent = text;
  }

  private showTable(): void {
    const { states } = this.model.tables;
    const rows = SIDES.flatMap((side) => FlowRows.of(this.model).rows('states', this.flow, side)
      .map((row) => ({ row, side })));
    rows.sort((a, b) => states.time[a.row] - states.time[b.row]);
    if (rows.length === 0) {
      this.table.replaceChildren();
      return;
    }
    const hasPackets = rows.some(({ row }) => states.uid[row] > 0); // of captures
    const cells = ({ row, side }: { row: number; side: Side }): Child[] => {
      const time = h('button', { type: 'button', class: 'link-button' }, clockText(states.time[row]));
      time.addEventListener('click', () => this.store.setTime(states.time[row]));
      const uid = states.uid[row];
      return [time, this.model.flows[this.flow - 1].ends[side].name, states.from[row], states.to[row], states.cause[row],
        ...(hasPackets ? [uid > 0 ? packetButton(uid, (one) => this.store.select({ uid: one })) : ''] : [])];
    };
    const titles = ['ms', 'end', 'from', 'to', 'because', ...(hasPackets ? ['packet'] : [])];
    this.table.replaceChildren(plainTable('Transitions', titles, rows.map((row) => ({ cells: cells(row) }))));
  }
}

// The bars of a lane in view; those that stand closer than a pixel are drawn as one.
function bars(lane: Lane, from: number, to: number, x: (time: number) => number, width: number): HTMLElement[] {
  const made: HTMLElement[] = [];
  let free = -Infinity;
  for (const interval of lane.intervals) {
    if (interval.to < from || interval.from > to || made.length >= BARS_MAX) continue;
    const left = Math.max(0, x(interval.from));
    const right = Math.min(width, x(interval.to));
    if (right < free + 1) continue;
    free = Math.max(right, left + 2);
    const fired = lane.kind === 'timer' && interval.note.startsWith('fired');
    const text = lane.kind === 'timer' ? '' : interval.label; // a thick end says that a timer fired
    const bar = h('div', {
      class: `bar bar-${interval.label.replace(/[^A-Za-z0-9]+/g, '-')}${fired ? ' is-fired' : ''}`,
      title: `${interval.label}, ${clockText(interval.from)} to ${clockText(interval.to)} ms (${durationText(interval.to - interval.from)}): ${interval.note}`,
      style: `left: ${left}px; width: ${Math.max(2, right - left)}px`,
    }, text);
    made.push(bar);
  }
  return made;
}

// Round numbers along the lanes.
export function ticks(from: number, to: number, width: number, text: (value: number) => string): HTMLElement {
  const places = scaleLinear().domain([from, to]).ticks(Math.max(2, Math.floor(width / 90)));
  const x = (value: number): number => ((value - from) / (to - from)) * width;
  return h('div', { class: 'lane-bars lane-ticks', 'aria-hidden': 'true' }, ...places.map((value) => h('span', {
    class: x(value) < 20 ? 'is-first' : x(value) > width - 30 ? 'is-last' : '', style: `left: ${x(value)}px`,
  }, text(value))));
}

// Width of the names before the lanes: a custom property, so that a narrow page has narrow ones.
export function nameWidth(chart: HTMLElement): number {
  return parseFloat(getComputedStyle(chart).getPropertyValue('--lane-name')) || 0;
}

// Wheel, keys and clicks of a chart of lanes.
export function listenToLanes(chart: HTMLElement, axis: TimeWindow, onTime: (time: number) => void): void {
  const timeAt = (event: MouseEvent): number => {
    const box = chart.getBoundingClientRect();
    const left = nameWidth(chart);
    const share = (event.clientX - box.left - left) / (box.width - left);
    return axis.visible.from + share * (axis.visible.to - axis.visible.from);
  };
  chart.addEventListener('click', (event) => {
    const time = timeAt(event);
    if (time >= axis.visible.from) onTime(time);
  });
  chart.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== chart) return;
    event.preventDefault();
    if (event.shiftKey) axis.pan((event.deltaY || event.deltaX) / 600);
    else axis.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300))), timeAt(event));
  }, { passive: false });
  chart.addEventListener('keydown', (event) => {
    const { from, to } = axis.visible;
    const actions: Readonly<Record<string, () => void>> = {
      '+': () => axis.zoom(0.7, (from + to) / 2), '=': () => axis.zoom(0.7, (from + to) / 2),
      '-': () => axis.zoom(1 / 0.7, (from + to) / 2), '0': () => axis.goHome(),
      PageUp: () => axis.pan(-0.5), PageDown: () => axis.pan(0.5),
    };
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    action();
    event.preventDefault();
    event.stopPropagation();
  });
}
