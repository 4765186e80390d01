// SPDX-License-Identifier: MIT
// Two runs side by side: how far each got over time, settings and figures that differ, the first
// event that was another one, and the packets of both laid against each other.
import { Comparison, ComparedPacket, DifferentEvent, figureText, figureTitle, Run, RUN_NAMES, RUNS } from '../comparison';
import { Model } from '../data';
import { h } from '../dom';
import { clockText, durationText, rateText } from '../format';
import { Side } from '../flow_rows';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { sequencePlot, throughputOf, windowsPlot } from './flow_series';
import { countText, octetsText, percentText } from './numbers';
import { plainTable } from './plain_table';
import { Plot, PlotData } from './plot';
import { readTheme } from './plots';
import { runWindow } from './run_window';
import { Series, SeriesRole } from './series';
import { TimeWindow } from './time_window';
import { VirtualTable } from './virtual_table';

const SETTINGS_NAMED = 2;
const UNITS = { duration: durationText, rate: rateText, octets: octetsText, percent: percentText, count: countText };
const ROLES: Readonly<Record<Run, SeriesRole>> = { a: 'data', b: 'retransmission' };
const DASHES: Readonly<Record<Run, readonly number[] | undefined>> = { a: undefined, b: [6, 3] };

export class ComparePanel implements Panel {
  readonly id = 'compare';
  readonly title = 'A and B';
  readonly help = 'Two runs side by side. The panels below show one of them.';
  readonly place = 'compare';
  private store!: Store;
  private plots: readonly Plot[] = [];
  private packets!: VirtualTable;

  constructor(private readonly comparison: Comparison) {}

  mount(root: HTMLElement, _model: Model, store: Store): void {
    this.store = store;
    const { data } = this.comparison;
    const axis = this.bothTimes();
    const plot = (title: string, description: string): Plot => new Plot(axis, {
      title, description, floor: 0, formatY: countText,
      cursor: () => store.time, selected: () => 0, onCursor: (time) => store.setTime(time),
      onPacket: () => undefined, theme: readTheme,
    });
    const progress = plot('Acknowledged', 'Octets of the stream that the sender knows to have arrived, of both runs.');
    const windows = plot('Congestion window', 'Octets, of both runs.');
    progress.show(this.both((model, flow, side) => sequencePlot(model, flow, side).series.find((one) => one.name === 'acknowledged')));
    windows.show(this.both((model, flow, side) => windowsPlot(model, flow, side).series.find((one) => one.name === 'cwnd')));
    this.plots = [progress, windows];
    this.packets = this.packetTable();
    const cut = data.packets_cut ? [h('p', { class: 'note' }, `The first ${data.packets.length} rows; later packets are left out here, not below.`)] : [];
    root.append(this.runButtons(), h('div', { class: 'compared' },
      h('div', { class: 'compared-tables' }, this.settings(), this.figures(), this.firstDifference()),
      h('div', { class: 'compared-plots' }, ...this.plots.map((one) => one.element)),
      h('div', { class: 'compared-packets' }, h('h2', {}, 'Packets: the same ones in one row'), this.packets.element, ...cut)));
  }

  update(change: Change): void {
    for (const plot of this.plots) {
      if (change.layout) plot.redraw();
      else if (change.time) plot.moveCursor();
    }
    if (!change.selection) return;
    const { uid } = this.store.selection;
    const { data, shown } = this.comparison;
    this.packets.select(uid === 0 ? -1 : data.packets.findIndex((pair) => pair[shown]?.uid === uid));
  }

  private runButtons(): HTMLElement {
    const { comparison } = this;
    return h('div', { class: 'run-buttons', role: 'group', 'aria-label': 'Run that the panels below show' },
      h('span', {}, 'The panels below show'),
      ...RUNS.map((run) => {
        const button = h('button', { type: 'button', class: 'chip', 'aria-pressed': String(run === comparison.shown) },
          `${RUN_NAMES[run]}: ${this.nameOf(run)}`);
        button.addEventListener('click', () => comparison.show(run, 0));
        return button;
      }));
  }

  // What tells a run from the other: its settings where few differ, else file and seed.
  private nameOf(run: Run): string {
    const { settings } = this.comparison.data;
    const { file, seed } = this.comparison.models[run].run;
    if (settings.length === 0 || settings.length > SETTINGS_NAMED) return `${file}, seed ${seed}`;
    return settings.map((setting) => `${setting.path} ${setting[run] ?? 'not set'}`).join(', ');
  }

  // One axis for both, as long as the longer run.
  private bothTimes(): TimeWindow {
    const homes = RUNS.map((run) => runWindow(this.comparison.models[run]));
    const to = (of: (axis: TimeWindow) => number): number => Math.max(...homes.map(of));
    const from = Math.min(...homes.map((axis) => axis.home.from));
    return new TimeWindow({ from: 0, to: to((axis) => axis.whole.to) }, { from, to: to((axis) => axis.home.to) });
  }

  // A series of each run: of its conversation and direction that carried most.
  private both(of: (model: Model, flow: number, side: Side) => Series | undefined): PlotData {
    const series: Series[] = [];
    for (const run of RUNS) {
      const model = this.comparison.models[run];
      const busiest = busiestDirection(model);
      const found = busiest && of(model, ...busiest);
      if (!found) continue;
      const name = `${RUN_NAMES[run]}: ${model.flows[busiest[0] - 1].ends[busiest[1]].name}`;
      series.push({ ...found, name, role: ROLES[run], dash: DASHES[run] });
    }
    return { series, marks: [] };
  }

  private settings(): HTMLElement {
    const { settings } = this.comparison.data;
    if (settings.length === 0) return h('p', { class: 'note' }, 'The settings are the same in both.');
    return plainTable('Settings that differ', ['setting', 'A', 'B'],
      settings.map(({ path, a, b }) => ({ cells: [path, a ?? '–', b ?? '–'] })));
  }

  private figures(): HTMLElement {
    let before = 'run';
    const rows = this.comparison.data.figures.map(({ group, name, a, b, difference }) => {
      const [first, second] = [figureText(name, a, UNITS), figureText(name, b, UNITS)];
      const share = difference !== null && typeof a === 'number' && a !== 0 ? ` (${difference > 0 ? '+' : '−'}${percentText(Math.abs(difference / a))})` : '';
      const change = first === second ? '=' : difference === null ? '≠'
        : `${difference > 0 ? '+' : '−'}${figureText(name, Math.abs(difference), UNITS)}${share}`;
      const isFirst = group !== before; // of its conversation, link or process
      before = group;
      const title = h('span', {}, ...(isFirst ? [h('strong', { class: 'figure-group' }, group), ' '] : []), figureTitle(name));
      return { cells: [title, first, second, change], isNew: first !== second };
    });
    return plainTable('Figures; marked where they differ', ['figure', 'A', 'B', 'B − A'], rows);
  }

  private firstDifference(): HTMLElement {
    const difference = this.comparison.data.first_difference;
    if (difference === null) return h('p', { class: 'note' }, 'No event differs but in octets and ephemeral ports.');
    const time = Math.min(difference.a?.t_ns ?? Infinity, difference.b?.t_ns ?? Infinity);
    const go = h('button', { type: 'button', class: 'link-button' }, `Up to ${clockText(time)} ms both are the same.`);
    go.addEventListener('click', () => this.store.setTime(time));
    return h('div', { class: 'first-difference' }, h('h2', {}, 'First difference'), go,
      h('ul', { class: 'plain' }, ...RUNS.map((run) => h('li', {}, `${RUN_NAMES[run]}: ${this.told(run, difference[run])}`))));
  }

  // The event as the list of events has it.
  private told(run: Run, event: DifferentEvent | null): string {
    if (event === null) return 'nothing more happened';
    const model = this.comparison.models[run];
    const { events } = model;
    for (let row = 0; row < events.count && events.time[row] <= event.t_ns; row++) {
      const isIt = events.time[row] === event.t_ns && events.uid[row] === (event.uid ?? 0)
        && (event.node === null || model.nodeName(events.node[row]) === event.node);
      if (isIt) return `${clockText(event.t_ns)} ms ${events.text[row]}`;
    }
    return `${clockText(event.t_ns)} ms ${event.event.replace(/_/g, ' ')}${event.node === null ? '' : ` at ${event.node}`}`;
  }

  private packetTable(): VirtualTable {
    const { data } = this.comparison;
    const number = { width: '9ch', isNumber: true };
    const table = new VirtualTable({
      label: 'Packets of both runs',
      columns: [
        { title: 'A, ms', ...number }, { title: 'packet of A', width: 'minmax(14ch, 1fr)' }, { title: 'same', width: '5ch' },
        { title: 'B, ms', ...number }, { title: 'packet of B', width: 'minmax(14ch, 1fr)' },
      ],
      onSelect: (row) => this.choose(row),
    });
    const text = (packet: ComparedPacket | null): string =>
      packet === null ? '' : `${packet.from} #${packet.uid} ${packet.label}${packet.drop === null ? '' : ' ✗'}`;
    const time = (packet: ComparedPacket | null): string => (packet === null ? '' : clockText(packet.sent_ns));
    table.show({
      count: data.packets.length,
      cells: (row) => {
        const { a, b, alike } = data.packets[row];
        return [time(a), text(a), alike ? '=' : '≠', time(b), text(b)];
      },
      className: (row) => (data.packets[row].alike ? 'is-alike' : 'is-other'),
    });
    return table;
  }

  // Selects the packet in the run shown; where only the other has it, that run is shown.
  private choose(row: number): void {
    const pair = this.comparison.data.packets[row];
    const { shown } = this.comparison;
    const packet = pair[shown];
    if (packet) {
      this.store.setTime(packet.sent_ns);
      this.store.select({ uid: packet.uid });
      return;
    }
    const other: Run = shown === 'a' ? 'b' : 'a';
    this.store.setTime(pair[other]?.sent_ns ?? 0);
    this.comparison.show(other, pair[other]?.uid ?? 0);
  }
}

// Conversation and side with the most octets on the wire.
function busiestDirection(model: Model): [number, Side] | undefined {
  let best: [number, Side] | undefined;
  let most = -1;
  for (const { number } of model.flows) {
    for (const side of [0, 1] as const) {
      const { sum } = throughputOf(model, number, side);
      const octets = sum.length > 0 ? sum[sum.length - 1] : 0;
      if (octets > most) [most, best] = [octets, [number, side]];
    }
  }
  return best;
}
