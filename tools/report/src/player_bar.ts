// SPDX-License-Identifier: MIT
// The bar that moves the time cursor: buttons, slider, speed, the instant, and the event that just
// happened as a sentence (also for screen readers).
import { Model } from './data';
import { h } from './dom';
import { durationText, instantText, parseInstant } from './format';
import { icon, Icon } from './icons';
import { Player, SPEEDS } from './player';
import { Change, Store } from './store';
import { TimeScale } from './time_scale';

const SLIDER_STEPS = 10000;
const QUIET_SECONDS = 0.7; // while playing, a screen reader hears at most one sentence in this time

export class PlayerBar {
  readonly element: HTMLElement;
  readonly player: Player;
  private readonly play: HTMLButtonElement;
  private readonly slider: HTMLInputElement;
  private readonly speed: HTMLSelectElement;
  private readonly clock: HTMLInputElement;
  private readonly counter: HTMLElement;
  private readonly sentence: HTMLElement;
  private readonly scale: TimeScale;
  private spoken = 0;

  constructor(private readonly model: Model, private readonly store: Store) {
    this.scale = new TimeScale(model);
    this.player = new Player(model, store, () => this.showState());
    const button = (sign: Icon, label: string, action: () => void): HTMLButtonElement => {
      const made = h('button', { type: 'button', class: 'icon', 'aria-label': label, title: label }, icon(sign));
      made.addEventListener('click', action);
      return made;
    };
    this.play = button('play', 'Play (space)', () => this.player.toggle());
    this.play.classList.add('play');
    this.slider = h('input', {
      type: 'range', min: 0, max: SLIDER_STEPS, step: 1, class: 'slider', 'aria-label': 'Time',
    });
    this.slider.addEventListener('input', () => {
      this.player.pause();
      store.setTime(this.scale.timeAt(Number(this.slider.value) / SLIDER_STEPS));
    });
    this.speed = h('select', { 'aria-label': 'Speed', title: 'Speed ( [ and ] )' },
      ...SPEEDS.map((speed) => h('option', { value: speed }, `${durationText(speed)} per second`)));
    this.speed.addEventListener('change', () => {
      this.player.faster(SPEEDS.indexOf(Number(this.speed.value)) - SPEEDS.indexOf(this.player.speed));
    });
    this.clock = h('input', {
      type: 'text', class: 'clock', 'aria-label': 'Instant; type another one to go there',
      title: 'Go to (g)', autocomplete: 'off', spellcheck: 'false',
    });
    this.clock.addEventListener('change', () => {
      const time = parseInstant(this.clock.value.replace(/\u2009/g, ''));
      this.clock.blur(); // and the keys of the page work again
      if (time !== undefined) this.goTo(time);
      this.showTime();
    });
    this.counter = h('span', { class: 'counter' });
    this.sentence = h('p', { class: 'sentence', 'aria-live': 'polite' });
    this.element = h('section', { class: 'player', 'aria-label': 'Time' },
      h('div', { class: 'buttons' },
        button('start', 'To the start (Home)', () => this.player.toStart()),
        button('before', 'Event before (left arrow)', () => this.player.step(-1)),
        this.play,
        button('next', 'Next event (right arrow)', () => this.player.step(1)),
        button('end', 'To the end (End)', () => this.player.toEnd())),
      this.clock, this.slider, this.counter, this.speed, this.sentence);
    this.showState();
  }

  focusClock(): void {
    this.clock.focus();
    this.clock.select();
  }
  goTo(time: number): void {
    this.player.pause();
    this.store.setTime(time);
  }

  update(change: Change): void {
    if (change.time) this.showTime();
  }

  private showState(): void {
    this.play.replaceChildren(icon(this.player.isPlaying ? 'pause' : 'play'));
    const label = this.player.isPlaying ? 'Pause (space)' : 'Play (space)';
    this.play.setAttribute('aria-label', label);
    this.play.title = label;
    this.speed.value = String(this.player.speed);
    if (!this.player.isPlaying) this.spoken = 0;
  }

  private showTime(): void {
    const { events } = this.model;
    const row = this.store.event;
    this.slider.value = String(Math.round(this.scale.placeOf(this.store.time) * SLIDER_STEPS));
    this.slider.setAttribute('aria-valuetext', instantText(this.store.time));
    if (document.activeElement !== this.clock) this.clock.value = instantText(this.store.time);
    this.counter.textContent = `event ${row + 1} / ${events.count}`;
    const now = performance.now();
    if (this.player.isPlaying && now - this.spoken < QUIET_SECONDS * 1000) return;
    this.spoken = now;
    this.sentence.textContent =
      row < 0 ? 'Nothing has happened yet: press play, or the right arrow key for the first event.'
              : `${instantText(events.time[row])}  ${events.text[row]}`;
  }
}
