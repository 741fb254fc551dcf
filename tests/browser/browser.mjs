// Chromium without a network: what a page asks for comes from the output folder
// of a build or not at all.

import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import puppeteer from 'puppeteer-core';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ORIGIN = 'http://look.example/';

export class Browser {
  static async launch(folder) {
    const executablePath = PLACES.find((place) => place && existsSync(place));
    if (!executablePath) throw new Error('there is no Chromium; CHROMIUM may name one');
    // Without its sandbox, which wants rights that a container lacks: it only
    // ever sees our own files.
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars'];
    const chromium = await puppeteer.launch({ executablePath, args, headless: true });
    return Object.assign(new Browser(), { chromium, folder });
  }

  async page(width) {
    const page = await this.chromium.newPage();
    await page.setViewport({ width, height: 900 });
    await page.setRequestInterception(true);
    page.on('request', (request) => this.answer(page, request).catch(() => request.abort().catch(() => {})));
    return page;
  }

  // Shows HTML as if it were the file `at` of the folder.
  async show(page, html, at) {
    page.shown = { url: ORIGIN + at.split('/').map(encodeURIComponent).join('/'), html };
    await page.goto(ORIGIN, { waitUntil: 'domcontentloaded' }).catch(() => {});
    await page.goto(page.shown.url, { waitUntil: 'load' });
  }

  async answer(page, request) {
    if (request.url() === page.shown?.url) {
      return request.respond({ contentType: 'text/html; charset=utf-8', body: page.shown.html });
    }
    if (request.url() === ORIGIN) return request.respond({ contentType: 'text/html', body: '' });
    if (page.withoutPictures && request.resourceType() === 'image') return request.abort();
    // What a mail names by the address of the site lies in the folder of that name.
    const { origin, pathname } = new URL(request.url());
    const below = ORIGIN.startsWith(origin) ? '' : 'site';
    const body = await readFile(join(this.folder, below, normalize(decodeURIComponent(pathname))));
    const type = pathname.endsWith('.svg') ? 'image/svg+xml' : pathname.endsWith('.css') ? 'text/css' : 'image/png';
    return request.respond({ contentType: type, body });
  }

  close() {
    return this.chromium.close();
  }
}
