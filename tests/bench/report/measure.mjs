// SPDX-License-Identifier: MIT
// How quickly a report opens and follows the slider: node measure.mjs FILE... prints, for each file,
// what its opening and one step of the slider cost in every tab, with what is wanted of it. Wall times
// are those of a person who waits, on a screen that shows every frame at once; CPU times are those of
// the page's main thread (layout and style included) and can be compared on a machine that has other
// work.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const require = createRequire(new URL('../../report/browser/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const STEPS = Number(process.env.STEPS ?? 60);
const PAINT_MOST = 2000; // ms
const STEP_MOST = 50; // ms
const OCTETS_MOST = 400; // a frame
const PROFILE = process.env.PROFILE ?? ''; // a tab's id: its costliest functions are told

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-frame-rate-limit', '--disable-gpu-vsync'] });
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
  console.log(`${basename(file)}: ${hopsKept} of ${hopsTotal} frames, ${(html.length / 1e6).toFixed(1)} MB`);
  for (const text of notice) console.log(`  it says   ${text}`);
  if (hopsKept < hopsTotal && notice.length === 0) console.log('  it is cut and does not say so');
  // All but the packets themselves: base64 makes four octets of three of theirs.
  const beside = (html.length - octets.length * 0.75) / hopsKept;
  console.log(`  octets a frame beside those of packets ${beside.toFixed(0)} (wanted: at most ${OCTETS_MOST})`);
  console.log(`  first paint ${paint.toFixed(0)} ms (wanted: at most ${PAINT_MOST}), ready after ${wall} ms; CPU `
    + `${ms(open.TaskDuration - start.TaskDuration)} ms, of it script ${ms(open.ScriptDuration - start.ScriptDuration)}; heap ${(open.JSHeapUsedSize / 1e6).toFixed(0)} MB`);
  console.log(`  ${STEPS} steps of the slider, ms each: wall median    95 %    most     CPU (script, layout, style)`);
  const tabs = await page.locator('[role=tab]').evaluateAll((found) => found.map((tab) => tab.id));
  const late = [];
  for (const tab of tabs) late.push([await scrub(page, session, seconds, tab), tab]);
  const [most, tab] = late.sort((one, other) => other[0] - one[0])[0];
  console.log(`  slowest   ${tab.replace('tab-', '')}: 95 % of the steps take at most ${most.toFixed(0)} ms (wanted: ${STEP_MOST})`);
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
  const at = (share) => walls[Math.min(STEPS - 1, Math.ceil(share * STEPS) - 1)];
  const told = [at(0.5), at(0.95), at(1)].map((wall) => wall.toFixed(1).padStart(8)).join('');
  console.log(`    ${tab.replace('tab-', '').padEnd(36)}${told}${each('TaskDuration').padStart(8)} (${each('ScriptDuration')}, ${each('LayoutDuration')}, ${each('RecalcStyleDuration')})`);
  return at(0.95);
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
