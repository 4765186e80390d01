// SPDX-License-Identifier: MIT
// The plots of one direction of a conversation above each other, on one time axis.
import { Model } from '../data';
import { h } from '../dom';
import { durationText, rateText } from '../format';
import { FlowRows, Side } from '../flow_rows';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { color } from '../theme';
import {
  goodputOf, Growth, queuePlot, rateSteps, rttPlot, sequencePlot, throughputOf, windowsPlot,
} from './flow_series';
import { countText } from './numbers';
import { Plot, PlotData, PlotOptions } from './plot';
import { Theme } from './plot_canvas';
import { runWindow } from './run_window';
import { TimeWindow } from './time_window';

const BINS = 80;
const PORTS_MAX = 4;
const NOTHING: PlotData = { series: [], marks: [] };

export function readTheme(): Theme {
  return {
    ink: color('--quiet'), grid: color('--line'), cursor: color('--focus'), font: '11px system-ui, sans-serif',
    roles: {
      data: color('--data'), ack: color('--ack'), retransmission: color('--retransmission'),
      drop: color('--drop'), window: color('--network'), threshold: color('--damage'), sack: color('--application'),
    },
  };
}

export class Plots implements Panel {
  readonly id = 'plots';
  readonly title = 'Plots';
  readonly help = 'One direction of a conversation over time.';
  readonly place = 'right';
  private model!: Model;
  private store!: Store;
  private axis!: TimeWindow;
  private theme: Theme | undefined;
  private direction!: HTMLSelectElement;
  private readonly nothing = h('p', { class: 'empty' },
    'Nothing to plot: this run has no conversation over TCP or UDP, and no frame had to wait.');
  private rates: { name: string; role: 'data' | 'window'; growth: Growth }[] = [];
  private plots!: Readonly<Record<'sequence' | 'windows' | 'rtt' | 'rate' | 'queue', Plot>>;

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.axis = runWindow(model);
    const plot = (title: string, description: string, formatY: (value: number) => string): Plot =>
      new Plot(this.axis, this.options(title, description, formatY));
    this.plots = {
      sequence: plot('Sequence', 'Octets of the stream over time: every segment, what is acknowledged, the window.', countText),
      windows: plot('Windows', 'Octets: congestion window, threshold, in flight, offered window.', countText),
      rtt: plot('Round trip', 'Every sample of the round-trip time, the smoothed one, the timeout.', durationText),
      rate: plot('Rate', 'Bits per second on the wire, and of the stream delivered in order.', rateText),
      queue: plot('Queues', 'Frames waiting at the ports that made any wait.', countText),
    };
    this.direction = h('select', { 'aria-label': 'Direction' });
    this.direction.addEventListener('change', () => {
      const [flow, side] = this.direction.value.split('/').map(Number);
      this.choose(flow, side === 0 ? 0 : 1);
    });
    const button = (text: string, label: string, action: () => void): HTMLElement => {
      const made = h('button', { type: 'button', class: 'icon', 'aria-label': label, title: label }, text);
      made.addEventListener('click', action);
      return made;
    };
    const middle = (): number => (this.axis.visible.from + this.axis.visible.to) / 2;
    root.append(
      h('div', { class: 'controls' }, this.direction,
        button('+', 'Zoom in', () => this.axis.zoom(0.5, middle())),
        button('−', 'Zoom out', () => this.axis.zoom(2, middle())),
        button('⤢', 'Show all', () => this.axis.goHome())),
      this.nothing, ...Object.values(this.plots).map((one) => one.element));
    let shown = this.axis.visible;
    this.axis.listen(() => {
      if (shown === this.axis.visible) return; // only the pointer moved
      shown = this.axis.visible;
      this.showRates();
    });
  }

  update(change: Change): void {
    if (change.layout) this.theme = undefined;
    if (change.flow) this.chooseFlow();
    for (const plot of Object.values(this.plots)) {
      if (change.layout) plot.redraw();
      else if (change.time || change.selection) plot.moveCursor();
    }
  }

  private options(title: string, description: string, formatY: (value: number) => string): PlotOptions {
    return {
      title, description, floor: 0, formatY,
      cursor: () => this.store.time,
      selected: () => this.store.selection.uid,
      onCursor: (time) => this.store.setTime(time),
      onPacket: (uid, time) => {
        this.store.setTime(time);
        this.store.select({ uid });
      },
      theme: () => (this.theme ??= readTheme()),
    };
  }

  // Both directions of the conversation chosen, or of all of them; first that of the packet selected
  // with more data.
  private chooseFlow(): void {
    const { flows } = this.model;
    const shown = this.store.flow === 0 ? flows : flows.filter((one) => one.number === this.store.flow);
    const preferred = this.store.flowInSight;
    const choices = shown.flatMap((one) => ([0, 1] as const).map((side) => ({ flow: one, side })));
    this.direction.replaceChildren(...choices.map(({ flow, side }) =>
      h('option', { value: `${flow.number}/${side}` },
        `${flow.ends[side].name} → ${flow.ends[1 - side].name} (${flow.protocol})`)));
    this.direction.hidden = choices.length === 0;
    const octets = (flow: number, side: Side): number => {
      const sum = throughputOf(this.model, flow, side).sum;
      return sum[sum.length - 1] ?? 0;
    };
    const near = choices.filter(({ flow }) => flow.number === preferred);
    let [best] = near.length > 0 ? near : choices;
    for (const choice of near.length > 0 ? near : choices.slice(0, 40)) {
      if (octets(choice.flow.number, choice.side) > octets(best.flow.number, best.side)) best = choice;
    }
    if (!best) {
      this.choose(0, 0);
      return;
    }
    this.direction.value = `${best.flow.number}/${best.side}`;
    this.choose(best.flow.number, best.side);
  }

  private choose(flow: number, side: Side): void {
    const isTcp = flow > 0 && FlowRows.of(this.model).rows('variables', flow, side).length > 0;
    const { sequence, windows, rtt, rate, queue } = this.plots;
    sequence.show(isTcp ? sequencePlot(this.model, flow, side) : NOTHING);
    windows.show(isTcp ? windowsPlot(this.model, flow, side) : NOTHING);
    rtt.show(isTcp ? rttPlot(this.model, flow, side) : NOTHING);
    for (const plot of [sequence, windows, rtt]) plot.element.hidden = !isTcp;
    this.rates = flow === 0 ? [] : [{ name: 'throughput', role: 'data', growth: throughputOf(this.model, flow, side) }];
    if (isTcp) this.rates.push({ name: 'goodput', role: 'window', growth: goodputOf(this.model, flow, side) });
    rate.element.hidden = this.rates.length === 0;
    this.showRates();
    const queues = queuePlot(this.model, PORTS_MAX);
    queue.show(queues);
    queue.element.hidden = queues.series.length === 0;
    for (const plot of Object.values(this.plots)) plot.fit();
    this.nothing.hidden = Object.values(this.plots).some((plot) => !plot.element.hidden);
  }

  // Rates are counted in equal parts of what is in view, so they change with the window.
  private showRates(): void {
    const { from, to } = this.axis.visible;
    this.plots.rate.show({
      series: this.rates.map(({ name, role, growth }) => ({
        name, role, kind: 'step' as const, dash: role === 'window' ? [6, 3] : undefined,
        ...rateSteps(growth, from, to, BINS), end: to,
      })),
      marks: [],
    });
  }
}
