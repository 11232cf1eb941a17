import type { Series } from './result.js';

const WIDTH = 720;
const HEIGHT = 400;
const PLOT = { left: 100, top: 104, right: 680, bottom: 340 };
/** Told apart without colours as well: by dashes and by the marks. */
const STYLES = [
  { colour: '#0b6fbf', dash: '', mark: 'circle' },
  { colour: '#b04a00', dash: '8 5', mark: 'square' },
  { colour: '#4a7a1e', dash: '2 5', mark: 'diamond' },
] as const;

/** A chart whose axes both grow by powers of ten, as SVG that is readable on a light and on a dark page. */
export function chartOf({ title, unit, x, lines }: Series): string {
  const values = lines.flatMap(({ ms }) => ms);
  const across = scale(x, PLOT.left, PLOT.right);
  const range = wholePowers(values);
  const up = scale(range, PLOT.bottom, PLOT.top);
  const label = (left: number, top: number, text: string, anchor = 'middle'): string =>
    `<text x="${left.toFixed(0)}" y="${top.toFixed(0)}" text-anchor="${anchor}">${escaped(text)}</text>`;
  const parts = [
    `<text class="title" x="16" y="28">${escaped(title)}</text>`,
    ...lines.map(({ name }, at) => legend(name, at)),
    ...ticks(range).map(
      (one) =>
        `<line class="grid" x1="${String(PLOT.left)}" x2="${String(PLOT.right)}" y1="${up(one).toFixed(1)}" y2="${up(one).toFixed(1)}"/>` +
        label(PLOT.left - 8, up(one) + 5, `${shortened(one)} ms`, 'end'),
    ),
    ...x.map((one) => label(across(one), PLOT.bottom + 24, one.toLocaleString('en'))),
    label((PLOT.left + PLOT.right) / 2, PLOT.bottom + 48, unit),
    ...lines.map(({ ms }, at) =>
      line(
        ms.map((one, place) => [across(x[place]!), up(one)]),
        at,
      ),
    ),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img" aria-label="${escaped(title)}">`,
    '<style>text{font:14px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:16px}.grid{stroke:#d1d9e0}',
    '.page{fill:#fff}@media(prefers-color-scheme:dark){.page{fill:#0d1117}text{fill:#f0f6fc}.grid{stroke:#3d444d}.line{filter:brightness(1.6)}}</style>',
    `<rect class="page" width="${String(WIDTH)}" height="${String(HEIGHT)}" rx="6"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  const span = high - low || 1;
  return (value) => from + ((Math.log10(value) - low) / span) * (to - from);
}

/** From the power of ten below all values to the one above them, so that small differences look small. */
function wholePowers(values: readonly number[]): number[] {
  return [
    10 ** Math.floor(Math.log10(Math.min(...values))),
    10 ** Math.ceil(Math.log10(Math.max(...values))),
  ];
}

/** 1, 2 and 5 times each power of ten in the range; of a large range the powers alone. */
function ticks(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const steps = high / low > 200 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: 12 }, (_, n) => 10 ** (n - 4));
  return powers
    .flatMap((power) => steps.map((step) => step * power))
    .filter((one) => one >= low && one <= high);
}

function shortened(ms: number): string {
  return Number(ms.toPrecision(3)).toLocaleString('en');
}

function legend(name: string, at: number): string {
  const top = 50 + at * 18;
  return (
    line(
      [
        [20, top - 5],
        [50, top - 5],
      ],
      at,
    ) + `<text x="60" y="${String(top)}">${escaped(name)}</text>`
  );
}

function line(points: readonly (readonly [number, number])[], at: number): string {
  const { colour, dash, mark } = STYLES[at % STYLES.length]!;
  const path = points.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(' ');
  const marks = points.map(([left, top]) => shapeOf(mark, left, top)).join('');
  return `<g class="line" stroke="${colour}" fill="${colour}"><polyline points="${path}" fill="none" stroke-width="2.5" stroke-dasharray="${dash}"/>${marks}</g>`;
}

function shapeOf(mark: (typeof STYLES)[number]['mark'], left: number, top: number): string {
  if (mark === 'circle') return `<circle cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="4"/>`;
  const turned = mark === 'diamond' ? ` transform="rotate(45 ${left.toFixed(1)} ${top.toFixed(1)})"` : '';
  return `<rect x="${(left - 4).toFixed(1)}" y="${(top - 4).toFixed(1)}" width="8" height="8"${turned}/>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
