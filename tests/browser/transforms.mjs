// What clients do to a mail, each at its worst.
//
// `before` prepares the browser, `source` cuts the bytes, `inPage` runs in the
// page when it is there. Functions for the page may use nothing from here.

// Gmail shows no more of a message.
const LIMIT = 102_400;

export const TRANSFORMS = [
  { name: 'as is' },
  { name: 'no <style>', inPage: () => document.querySelectorAll('style, link').forEach((it) => it.remove()) },
  { name: 'no class or id', inPage: withoutClasses },
  { name: 'images off', before: (page) => { page.withoutPictures = true; } },
  { name: 'no CSS', inPage: withoutCss },
  { name: 'cut', source: cut },
  { name: 'inverted', inPage: inverted },
  { name: 'prefers dark', before: (page) => page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]) },
];

// A mail that fits would pass uncut and prove nothing, so it is cut in half.
function cut(html) {
  const bytes = Buffer.from(html);
  return bytes.subarray(0, bytes.length > LIMIT ? LIMIT : bytes.length / 2).toString('utf8');
}

function withoutClasses() {
  for (const element of document.querySelectorAll('[class], [id]')) {
    element.removeAttribute('class');
    element.removeAttribute('id');
  }
}

// What Thunderbird's "Simple HTML" leaves: its preference
// mailnews.display.html_sanitizer.allowed_tags knows no style, of a picture
// only the alt text, of a table only which way it leans. The ARIA attributes
// that it drops too are left: they show nothing.
function withoutCss() {
  document.querySelectorAll('style, link').forEach((it) => it.remove());
  const shows = ['style', 'class', 'id', 'width', 'height', 'bgcolor', 'border', 'cellpadding', 'cellspacing', 'src'];
  for (const element of document.querySelectorAll('*')) {
    shows.forEach((name) => element.removeAttribute(name));
  }
}

// A client that turns every colour, its lightness in CIELAB upside down and
// held above that of #333: documented in docs/adr/0008. It is computed from
// what shows, so inline styles and the head's count alike.
function inverted() {
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const gamma = (c) => (c <= 0.0031308 ? c * 12.92 : 1.055 * c ** (1 / 2.4) - 0.055);
  const f = (t) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 * t + 16) / 116);
  const g = (t) => (t ** 3 > 216 / 24389 ? t ** 3 : (116 * t - 16) * 27 / 24389);
  const turned = (color) => {
    const [r, g8, b, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    if (alpha === 0) return null;
    const [R, G, B] = [r, g8, b].map((c) => linear(c / 255));
    const x = f((0.4124 * R + 0.3576 * G + 0.1805 * B) / 0.9505);
    const y = f(0.2126 * R + 0.7152 * G + 0.0722 * B);
    const z = f((0.0193 * R + 0.1192 * G + 0.9505 * B) / 1.089);
    const L = 21.25 + (100 - (116 * y - 16)) * 0.7875;
    const fy = (L + 16) / 116;
    const [X, Y, Z] = [g(fy + x - y) * 0.9505, g(fy), g(fy - (y - z)) * 1.089];
    const rgb = [3.2406 * X - 1.5372 * Y - 0.4986 * Z, -0.9689 * X + 1.8758 * Y + 0.0415 * Z, 0.0557 * X - 0.204 * Y + 1.057 * Z];
    const shown = rgb.map((c) => Math.round(255 * Math.min(1, Math.max(0, gamma(Math.max(0, c))))));
    return `rgba(${shown.join(',')},${alpha})`;
  };
  const NAMES = ['color', 'background-color', 'border-top-color', 'border-right-color', 'border-bottom-color', 'border-left-color'];
  const all = [...document.querySelectorAll('body, body *')];
  const found = all.map((element) => {
    const style = getComputedStyle(element);
    return NAMES.map((name) => [name, turned(style.getPropertyValue(name))]);
  });
  all.forEach((element, index) => {
    for (const [name, value] of found[index]) if (value) element.style.setProperty(name, value, 'important');
  });
  const canvas = getComputedStyle(document.body).backgroundColor;
  if (/, 0\)$/.test(canvas)) document.body.style.setProperty('background-color', turned('rgb(255,255,255)'), 'important');
}
