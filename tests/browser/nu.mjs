// The Nu HTML checker, in a Java of its own beside the browser.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const JAR = createRequire(import.meta.url)('vnu-jar');

// Every error in the HTML files of a folder, a line each.
export function nuErrors(folder) {
  const args = ['-Xss2m', '-jar', JAR, '--errors-only', '--skip-non-html', '--format', 'json', folder];
  return new Promise((resolve, reject) => {
    execFile('java', args, { maxBuffer: 1 << 28 }, (error, _, told) => {
      if (error?.code === 'ENOENT') return reject(new Error('there is no Java for the Nu HTML checker'));
      try {
        const { messages } = JSON.parse(told);
        resolve(messages.map(({ url, lastLine, message }) => `${fileURLToPath(url)}:${lastLine} [Nu] ${message}`));
      } catch {
        reject(new Error(`the Nu HTML checker did not answer: ${told.slice(0, 400)}`));
      }
    });
  });
}
