// SPDX-License-Identifier: MIT
// The page around the panels: header, introduction, time bar, places. It tells the panels what
// changed, once per animation frame.
import { Model } from './data';
import { h } from './dom';
import { durationText } from './format';
import { oncePerFrame } from './frame';
import { KEYS, listenToKeys } from './keys';
import { Panel, Place } from './panel';
import { PlayerBar } from './player_bar';
import { primerOf } from './primer';
import { PANELS } from './registry';
import { Change, ChangeKind, EVERYTHING, Store } from './store';
import { Tabs } from './tabs';
import { isDark, toggleTheme, watchTheme } from './theme';

const LABELS: readonly (readonly [Exclude<Place, 'toolbar'>, string])[] = [
  ['compare', 'Two runs'], ['stage', 'Network'], ['left', 'Packets in order'], ['middle', 'Inside a packet'],
  ['right', 'Over time'], ['bottom', 'State and tables'],
];

export class Shell {
  private readonly bar: PlayerBar;
  private readonly tabs: Tabs[] = [];
  private readonly tools: Panel[];
  private readonly help: HTMLDialogElement;
  private pending: Partial<Record<ChangeKind, boolean>> = {};
  // Tells everybody what has changed since the last time.
  private readonly tell = oncePerFrame(() => {
    const { time = false, selection = false, preview = false, flow = false, filter = false,
            layout = false } = this.pending;
    const change: Change = { time, selection, preview, flow, filter, layout };
    this.pending = {};
    this.bar.update(change);
    for (const tabs of this.tabs) tabs.update(change);
    for (const panel of this.tools) panel.update(change);
  });

  // `more`: panels beside those that every report has.
  constructor(root: HTMLElement, private readonly model: Model, private readonly store: Store,
              more: readonly Panel[] = []) {
    const panels = [...PANELS.map((make) => make()), ...more];
    this.bar = new PlayerBar(model, store);
    this.help = this.makeHelp();
    this.tools = panels.filter((panel) => panel.place === 'toolbar');
    const places = new Map<Place, HTMLElement>();
    for (const [place, label] of LABELS) {
      const here = panels.filter((panel) => panel.place === place);
      if (here.length === 0) continue;
      const tabs = new Tabs(here, label, model, store);
      tabs.element.classList.add(`place-${place}`);
      this.tabs.push(tabs);
      places.set(place, tabs.element);
    }
    const at = (place: Place): HTMLElement[] => [places.get(place)].filter(isElement);
    root.append(primerOf(model), ...at('compare'), this.makeToolbar(), this.makeNotice(), ...at('stage'), this.bar.element,
      h('div', { class: 'columns' }, ...at('left'), ...at('middle'), ...at('right')),
      ...at('bottom'), this.help);
    for (const tabs of this.tabs) tabs.showFirst();
    this.bar.update(EVERYTHING);
    store.listen((kind) => {
      this.pending[kind] = true;
      this.tell();
    });
    watchTheme(store);
    listenToKeys(root, store, this.bar, () => this.toggleHelp());
    new ResizeObserver(() => store.announceLayout()).observe(root);
  }

  pause(): void {
    this.bar.player.pause();
  }

  private makeToolbar(): HTMLElement {
    const { model, store } = this;
    const theme = h('button', { type: 'button', class: 'icon', 'aria-label': 'Light or dark', title: 'Light or dark' });
    const showTheme = (): void => { theme.textContent = isDark() ? '☀' : '☾'; };
    theme.addEventListener('click', () => { toggleTheme(store); showTheme(); });
    showTheme();
    const help = h('button', { type: 'button', class: 'icon', 'aria-label': 'Help', title: 'Help (?)' }, '?');
    help.addEventListener('click', () => this.toggleHelp());
    const toolbar = h('div', { class: 'toolbar', role: 'toolbar', 'aria-label': 'Report' });
    if (model.flows.length > 1) {
      const select = h('select', { 'aria-label': 'Conversation' }, h('option', { value: 0 }, 'all conversations'),
        ...model.flows.map((flow) => h('option', { value: flow.number },
          `${flow.number}: ${flow.protocol} ${flow.ends[0].name} ↔ ${flow.ends[1].name}`)));
      select.addEventListener('change', () => store.setFlow(Number(select.value)));
      store.listen((kind) => { if (kind === 'flow') select.value = String(store.flow); });
      toolbar.append(select);
    }
    for (const panel of this.tools) {
      const root = h('div', { class: `tool tool-${panel.id}` });
      toolbar.append(root);
      panel.mount(root, model, store);
      panel.update(EVERYTHING);
    }
    toolbar.append(theme, help);
    return toolbar;
  }

  private makeNotice(): HTMLElement {
    const { hopsKept, hopsTotal, keptUntil } = this.model.run;
    const notice = h('p', { class: 'notice', role: 'note' });
    notice.hidden = hopsKept === hopsTotal;
    notice.textContent =
      `This report shows the first ${hopsKept} of ${hopsTotal} frames, up to ${durationText(keptUntil)}. ` +
      'What came later is in the figures only; --report-frames keeps more.';
    return notice;
  }

  private makeHelp(): HTMLDialogElement {
    const close = h('button', { type: 'button' }, 'Close');
    const dialog = h('dialog', { class: 'help', 'aria-label': 'Help' },
      h('h2', {}, 'Keys'),
      h('dl', {}, ...KEYS.flatMap(([key, meaning]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, meaning)])),
      h('h2', {}, 'Panels'),
      h('dl', {}, ...PANELS.map((make) => make()).flatMap((panel) =>
        [h('dt', {}, panel.title), h('dd', {}, panel.help)])),
      close);
    close.addEventListener('click', () => dialog.close());
    return dialog;
  }

  private toggleHelp(): void {
    if (this.help.open) this.help.close();
    else this.help.showModal();
  }
}

function isElement(element: HTMLElement | undefined): element is HTMLElement {
  return element !== undefined;
}
