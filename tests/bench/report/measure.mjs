// SPDX-License-Identifier: MIT
// How quickly a report opens and follows the slider: node measure.mjs FILE... prints, for each file,
// what its opening and one step of the slider cost in every tab. CPU times are those of the page's
// main thread (layout and style included), so that they can be compared on a machine that has other
// work; wall times are those of a person who waits.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const require = createRequire(new URL('../../report/browser/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const STEPS = Number(process.env.STEPS ?? 40);
const PROFILE = process.env.PROFILE ?? ''; // a tab's id: its costliest functions are told

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
for (const file of process.argv.slice(2)) await measure(file);
await browser.close();

async function measure(file) {
  const html = readFileSync(file, 'latin1');
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const seconds = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const start = await seconds();
  if (PROFILE === 'open') await startProfile(session);
  const began = Date.now();
  await page.goto(pathToFileURL(resolve(file)).href, { timeout: 120000 });
  await page.locator('html[data-ready]').waitFor({ state: 'attached', timeout: 120000 });
  await settle(page);
  const wall = Date.now() - began;
  const open = await seconds();
  if (PROFILE === 'open') await tellProfile(session, 'opening', 1);
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN);
  const notice = await page.locator('.notice:visible').allInnerTexts();
  const document = blockOf(html, 'strata-document');
  const octets = blockOf(html, 'strata-octets');
  const { hopsKept, hopsTotal } = JSON.parse(gunzipSync(Buffer.from(document, 'base64')).toString()).run;
  console.log(`${file}: ${hopsKept} of ${hopsTotal} frames, ${(html.length / 1e6).toFixed(1)} MB: a frame costs `
    + `${(document.length / hopsKept).toFixed(0)} octets, and ${(octets.length / hopsKept).toFixed(0)} for what it carries`);
  for (const text of notice) console.log(`  says: ${text}`);
  console.log(`  opening   first paint ${paint.toFixed(0)} ms, ready ${wall} ms wall; CPU ${ms(open.TaskDuration - start.TaskDuration)} ms`
    + ` (script ${ms(open.ScriptDuration - start.ScriptDuration)}), heap ${(open.JSHeapUsedSize / 1e6).toFixed(0)} MB`);
  const tabs = await page.locator('[role=tab]').evaluateAll((found) => found.map((tab) => tab.id));
  for (const tab of tabs) await scrub(page, session, seconds, tab);
  await page.close();
}

// Moves the slider from end to end while a tab is open.
async function scrub(page, session, seconds, tab) {
  await page.evaluate((id) => document.getElementById(id).click(), tab);
  await settle(page);
  if (PROFILE === tab) await startProfile(session);
  const before = await seconds();
  const walls = await page.evaluate(async (steps) => {
    const slider = document.querySelector('.slider');
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const taken = [];
    for (let i = 0; i < steps; i++) {
      slider.value = String(Math.round(((i + 0.5) / steps) * Number(slider.max)));
      const from = performance.now();
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await frame(); // the panels draw
      await frame(); // and what they drew is on its way to the screen
      taken.push(performance.now() - from);
    }
    return taken.sort((a, b) => a - b);
  }, STEPS);
  const after = await seconds();
  if (PROFILE === tab) await tellProfile(session, tab, STEPS);
  const each = (name) => ms((after[name] - before[name]) / STEPS);
  console.log(`  ${tab.replace('tab-', '').padEnd(18)} CPU ${each('TaskDuration').padStart(6)} ms a step (script ${each('ScriptDuration')}, layout `
    + `${each('LayoutDuration')}, style ${each('RecalcStyleDuration')}), wall median ${walls[STEPS >> 1].toFixed(0)}, most ${walls[STEPS - 1].toFixed(0)}`);
}

// The data of a page, as written in it.
function blockOf(html, id) {
  return new RegExp(`id="${id}">([^<]*)<`).exec(html)[1];
}
function ms(s) {
  return (s * 1000).toFixed(1);
}
function settle(page) {
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function startProfile(session) {
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 200 });
  await session.send('Profiler.start');
}
async function tellProfile(session, what, steps) {
  const { profile } = await session.send('Profiler.stop');
  const own = new Map();
  const at = new Map(profile.nodes.map((node) => [node.id, node]));
  profile.samples.forEach((id, i) => {
    const { functionName, lineNumber, columnNumber } = at.get(id).callFrame;
    const name = `${functionName || '(anonymous)'}:${lineNumber}:${columnNumber}`;
    own.set(name, (own.get(name) ?? 0) + profile.timeDeltas[i] / 1000);
  });
  console.log(`  profile of ${what}, ms each:`);
  for (const [name, time] of [...own].sort((a, b) => b[1] - a[1]).slice(0, 22)) console.log(`    ${(time / steps).toFixed(2).padStart(8)}  ${name}`);
}
