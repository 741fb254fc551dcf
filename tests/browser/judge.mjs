// What makes a rendering bad: it scrolls sideways, it hides text, it shows no
// picture, axe objects.
//
// `blocks`, `scrolls`, `unloaded` and `unseen` run in the page and use nothing
// from here.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function axe(page) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => ({ id, first: nodes[0].html.slice(0, 160), why: nodes[0].any[0]?.message, count: nodes.length }));
  });
  return violations.map(({ id, first, why, count }) => `axe: ${id} ×${count}: ${first}${why ? ` (${why})` : ''}`);
}

// WCAG 2.2, 1.4.10: nothing scrolls in two directions at 320 px. It excepts data
// tables, and where no CSS is read they cannot scroll in themselves, so there
// they are taken out before measuring.
export function scrolls(withoutTables) {
  const tables = withoutTables ? [...document.querySelectorAll('table:not([role=presentation])')] : [];
  const shown = tables.map((table) => table.style.display);
  tables.forEach((table) => { table.style.display = 'none'; });
  const { scrollWidth } = document.scrollingElement;
  tables.forEach((table, index) => { table.style.display = shown[index]; });
  if (scrollWidth <= window.innerWidth) return [];
  const wide = [...document.querySelectorAll('body *')]
    .map((element) => ({ element, right: element.getBoundingClientRect().right }))
    .filter(({ element, right }) => right > window.innerWidth && element.children.length === 0)
    .sort((a, b) => b.right - a.right)[0];
  return [`scrolls sideways: ${scrollWidth} px wide; ${wide?.element.outerHTML.slice(0, 160) ?? ''}`];
}

// Pictures that are not there: what is looked at would else be a mail with its
// pictures off.
export function unloaded() {
  const missing = [...document.images].filter((it) => it.complete && it.naturalWidth === 0);
  return missing.map((it) => `no picture at ${it.getAttribute('src')}`);
}

// The text of every block that shows any, and of every picture. What the theme
// tells phones alone is not looked for elsewhere.
export function blocks() {
  const bare = (text) => text.replace(/\s+/g, '');
  const found = [];
  for (const element of document.querySelectorAll('h1, h2, h3, h4, h5, h6, p, li, td, th, pre, img, a')) {
    if (element.matches('.more')) continue;
    if (element.tagName === 'IMG') found.push({ text: bare(element.alt), picture: true });
    else if (!element.querySelector('p, li, td, pre')) found.push({ text: bare(element.innerText) });
  }
  return found.filter(({ text }) => text);
}

// Those of the expected blocks that nobody can see any more. Of a mail that was
// cut, those are expected that arrived whole.
export function unseen(expected, cut) {
  const bare = (text) => text.replace(/\s+/g, '');
  const shows = (element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return style.visibility === 'visible' && style.opacity !== '0' && box.width > 1 && box.height > 1;
  };
  // Text that an ancestor cuts off without a way to scroll to it.
  const clipped = (element) => {
    const { left, right } = element.getBoundingClientRect();
    for (let up = element.parentElement; up; up = up.parentElement) {
      const box = up.getBoundingClientRect();
      const { overflowX } = getComputedStyle(up);
      if (overflowX === 'auto' || overflowX === 'scroll') return false;
      if (overflowX === 'hidden' && (left < box.left - 1 || right > box.right + 1)) return true;
    }
    return left < 0;
  };
  const seen = { text: new Set(), pictures: new Set() };
  for (const element of document.querySelectorAll('h1, h2, h3, h4, h5, h6, p, li, td, th, pre, img, a')) {
    if (!shows(element) || clipped(element)) continue;
    if (element.tagName === 'IMG') seen.pictures.add(bare(element.alt));
    else seen.text.add(bare(element.innerText));
  }
  // The last that arrived may be torn, and what is open around it.
  const arrived = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6, p, li, td, th, pre, img, a')]
    .filter((it) => (it.tagName === 'IMG' ? it.alt : !it.querySelector('p, li, td, pre') && bare(it.textContent)));
  return expected.slice(0, cut ? Math.max(0, arrived.length - 3) : expected.length)
    .filter(({ text, picture }) => !(picture ? seen.pictures : seen.text).has(text))
    .map(({ text }) => `not seen: “${text.slice(0, 80)}”`);
}
