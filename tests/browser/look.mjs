#!/usr/bin/env node
// Looks at mails and pages as hostile mail clients show them, and says what broke.
//
//   node tests/browser/look.mjs out            the output folder of a build
//   node tests/browser/look.mjs --mail FOLDER  any folder of HTML, as mails
//
// Mails go through every transform of transforms.mjs at every width; pages are
// looked at as they are, and held against the Nu HTML checker. Exit code 1
// where anything was found, 2 where it could not look. Nothing is fetched:
// pictures come from the output folder, whatever host a mail names.

import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Browser } from './browser.mjs';
import { nuErrors } from './nu.mjs';
import { TRANSFORMS } from './transforms.mjs';
import { axe, blocks, scrolls, unloaded, unseen } from './judge.mjs';

const WIDTHS = [320, 700];

async function main(args) {
  const asMail = args[0] === '--mail';
  const folder = args[asMail ? 1 : 0];
  if (!folder) throw new Error('usage: look.mjs [--mail] FOLDER');
  const started = Date.now();
  const mails = asMail ? await html(folder) : oneALanguage(await html(join(folder, 'mail')));
  const pages = asMail ? [] : await html(join(folder, 'site'));
  if (mails.length === 0) throw new Error(`no mail in ${folder}`);
  const nu = pages.length > 0 ? nuErrors(join(folder, 'site')) : [];
  const browser = await Browser.launch(folder);
  const jobs = [
    ...mails.flatMap((file) => TRANSFORMS.map((transform) => () => lookAtMail(browser, file, transform))),
    ...pages.map((file) => () => lookAtPage(browser, file)),
  ];
  const found = [];
  try {
    await Promise.all([0, 1].map(async () => {
      for (let job = jobs.shift(); job; job = jobs.shift()) found.push(...await job());
    }));
  } finally {
    await browser.close();
  }
  found.push(...await nu);
  for (const line of found.sort()) console.log(line.replaceAll(folder + '/', ''));
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const looked = `${mails.length} mails × ${TRANSFORMS.length} transforms × ${WIDTHS.length} widths, ${pages.length} pages`;
  console.log(`${looked}: ${found.length} found, ${seconds} s`);
  return found.length > 0 ? 1 : 0;
}

async function lookAtMail(browser, file, transform) {
  const source = await readFile(file, 'utf8');
  const at = relative(browser.folder, file);
  const page = await browser.page(WIDTHS[1]);
  const found = [];
  const tell = (width, what) => found.push(`${file} [${transform.name}, ${width} px] ${what}`);
  try {
    await browser.show(page, source, at);
    const expected = await page.evaluate(blocks);
    await transform.before?.(page, browser);
    const sent = transform.source ? transform.source(source) : source;
    await browser.show(page, sent, at);
    for (const what of page.withoutPictures ? [] : await page.evaluate(unloaded)) tell(WIDTHS[1], what);
    if (transform.inPage) await page.evaluate(transform.inPage);
    for (const width of WIDTHS) {
      await page.setViewport({ width, height: 900 });
      for (const what of await page.evaluate(scrolls, transform.name === 'no CSS')) tell(width, what);
      for (const what of await page.evaluate(unseen, expected, Boolean(transform.source))) tell(width, what);
      // What axe looks for hardly depends on the width, and it takes its time.
      const twice = transform.name === 'as is' || width === WIDTHS[0];
      for (const what of twice ? await axe(page) : []) tell(width, what);
    }
  } finally {
    await page.close();
  }
  return found;
}

async function lookAtPage(browser, file) {
  const page = await browser.page(WIDTHS[1]);
  const found = [];
  try {
    await browser.show(page, await readFile(file, 'utf8'), relative(browser.folder, file));
    for (const width of WIDTHS) {
      await page.setViewport({ width, height: 900 });
      const all = [...await page.evaluate(scrolls), ...await page.evaluate(unloaded), ...await axe(page)];
      found.push(...all.map((what) => `${file} [${width} px] ${what}`));
    }
  } finally {
    await page.close();
  }
  return found;
}

async function html(folder) {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries.filter((name) => /\.html?$/.test(name)).sort().map((name) => join(folder, name));
}

// Segments differ in a sentence of the footer, so the first of a language will do.
function oneALanguage(files) {
  const seen = new Set();
  return files.filter((file) => {
    const edition = file.replace(/(\/[a-z-]+)\.[^/]+\.html$/, '$1');
    return !seen.has(edition) && seen.add(edition);
  });
}

main(process.argv.slice(2)).then(
  (code) => { process.exitCode = code; },
  (error) => { console.error(error.message); process.exitCode = 2; },
);
