// Chromium without a network: what a page asks for comes from a folder or not at all.

import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import puppeteer from 'puppeteer-core';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ORIGIN = 'http://look.example/';

export class Browser {
  static async launch(site) {
    const executablePath = PLACES.find((place) => place && existsSync(place));
    if (!executablePath) throw new Error('there is no Chromium; CHROMIUM may name one');
    // Without its sandbox, which wants rights that a container lacks: it only
    // ever sees our own files.
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars'];
    const chromium = await puppeteer.launch({ executablePath, args, headless: true });
    return Object.assign(new Browser(), { chromium, site });
  }

  async page(width) {
    const page = await this.chromium.newPage();
    await page.setViewport({ width, height: 900 });
    await page.setRequestInterception(true);
    page.on('request', (request) => this.answer(page, request).catch(() => request.abort().catch(() => {})));
    return page;
  }

  async show(page, html, at = 'mail.html') {
    page.shown = { url: ORIGIN + at, html };
    await page.goto(ORIGIN, { waitUntil: 'domcontentloaded' }).catch(() => {});
    await page.goto(page.shown.url, { waitUntil: 'load' });
  }

  async answer(page, request) {
    if (request.url() === page.shown?.url) {
      return request.respond({ contentType: 'text/html; charset=utf-8', body: page.shown.html });
    }
    if (request.url() === ORIGIN) return request.respond({ contentType: 'text/html', body: '' });
    const path = normalize(decodeURIComponent(new URL(request.url()).pathname));
    if (page.withoutPictures && request.resourceType() === 'image') return request.abort();
    const body = await readFile(join(this.site, path));
    const type = path.endsWith('.svg') ? 'image/svg+xml' : path.endsWith('.css') ? 'text/css' : 'image/png';
    return request.respond({ contentType: type, body });
  }

  close() {
    return this.chromium.close();
  }
}
