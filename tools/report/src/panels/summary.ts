// SPDX-License-Identifier: MIT
// What the run came to: a row for each direction of each conversation, the drops of the whole run,
// the load of the links.
import { Model, NONE } from '../data';
import { h } from '../dom';
import { durationText, rateText } from '../format';
import { SIDES } from '../flow_rows';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { dropsByReason, FlowFigures, flowFigures, isCut } from './flow_figures';
import { countText, octetsText, percentText } from './numbers';
import { PlainRow, plainTable } from './plain_table';

const FLOWS_MAX = 200;

const listed = (counts: ReadonlyMap<string, number>): string =>
  counts.size === 0 ? 'none' : [...counts].map(([name, count]) => `${countText(count)}\u00a0${name.replace(/ /g, '\u00a0')}`).join(', ');
// In a cell as narrow as its column may be.
const listCell = (text: string): HTMLElement => h('span', { class: 'wraps' }, text);

export class SummaryPanel implements Panel {
  readonly id = 'summary';
  readonly title = 'Summary';
  readonly help = 'Figures of every conversation: losses, retransmissions, round-trip times, goodput, efficiency.';
  readonly place = 'bottom';
  private model!: Model;
  private store!: Store;
  private root!: HTMLElement;

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.root = h('div', { class: 'summary' });
    root.tabIndex = 0; // it scrolls and may have nothing else to focus
    root.append(this.root);
  }

  update(change: Change): void {
    if (!change.flow) return;
    const { flows, run } = this.model;
    const shown = flows.filter((flow) => this.store.flow === 0 || flow.number === this.store.flow);
    const rows = shown.slice(0, FLOWS_MAX).flatMap((flow) => SIDES
      .map((side) => this.row(flow.number, flowFigures(this.model, flow.number, side)))
      .filter((row): row is PlainRow => row !== undefined));
    const parts: HTMLElement[] = [];
    if (rows.length > 0) {
      parts.push(plainTable('Conversations', ['no.', 'direction', 'sent', 'data sent', 'delivered', 'sent again',
        'lost', 'RTT median', '95 %', 'most', 'goodput', 'on the wire', 'efficiency'], rows));
    }
    if (shown.length > FLOWS_MAX) parts.push(h('p', { class: 'note' }, `The first ${FLOWS_MAX} of ${shown.length} conversations.`));
    parts.push(h('p', {}, `Drops of the whole run: ${this.drops(dropsByReason(this.model))}.`), this.links(),
      h('p', { class: 'note' }, `The run ${run.ending}. Efficiency: octets delivered to the application of octets on the first link, preamble and inter-frame gap included.`
        + (isCut(this.model) ? ' Losses and round-trip times are of the frames that the report holds.' : '')));
    this.root.replaceChildren(...parts);
  }

  // "3 × queue is full, 1 × lost at random".
  private drops(counts: ReadonlyMap<string, number>): string {
    const words = [...counts].map(([reason, count]) => `${countText(count)} × ${this.model.dropWords(reason)}`);
    return words.length === 0 ? 'none' : words.join(', ');
  }

  // A direction in which nothing was sent has no row.
  private row(flow: number, figures: FlowFigures): PlainRow | undefined {
    if (figures.segments === 0 && figures.wire === 0) return undefined;
    const rtt = (index: 0 | 1 | 2): string => (figures.rtt ? durationText(figures.rtt[index]) : '–');
    const name = h('button', { type: 'button', class: 'link-button' }, figures.name);
    name.addEventListener('click', () => this.store.setFlow(flow));
    return { cells: [
      String(flow), name, `${countText(figures.segments)} ${figures.protocol === 'tcp' ? 'segments' : 'datagrams'}`,
      octetsText(figures.sent), octetsText(figures.delivered), listCell(listed(figures.retransmissions)), listCell(this.drops(figures.losses)),
      rtt(0), rtt(1), rtt(2), figures.goodput > 0 ? rateText(figures.goodput) : '–', figures.wire === NONE ? '–' : octetsText(figures.wire),
      figures.efficiency === NONE ? '–' : percentText(figures.efficiency),
    ] };
  }

  private links(): HTMLElement {
    const { links } = this.model.run.figures;
    const rows: PlainRow[] = [];
    for (const link of this.model.links) {
      const figures = (links as Readonly<Record<string, unknown>> | undefined)?.[link.name] as Readonly<Record<string, unknown>> | undefined;
      if (!figures) continue;
      for (const end of [link.a, link.b]) {
        const from = this.model.nodeName(end.node);
        const one = figures[`from-${from}`] as Readonly<Record<string, unknown>> | undefined;
        if (!one) continue;
        const drops = one.dropped as Readonly<Record<string, number>>;
        const dropped = new Map(Object.entries(drops).filter(([name]) => name !== 'total'));
        rows.push({ cells: [link.name, from, link.rate > 0 ? rateText(link.rate) : 'infinitely fast', countText(Number(one.sent)),
          octetsText(Number(one.bytes_sent)), percentText(Number(one.utilisation_ppm) / 1e6),
          `${countText(Number(one.queue_peak_frames))} frames`, listCell(this.drops(dropped))] });
      }
    }
    return plainTable('Links', ['link', 'from', 'rate', 'frames', 'octets', 'busy', 'longest queue', 'dropped'], rows);
  }
}
