// Plots of a day as SVG, made of plain numbers: lines that break where nothing is known, a band, a bound, and marks on the axis of time. Colours are
// those of the page (classes), so that light and dark are one picture.
import { timeText } from './effect.ts';

export interface Plot {
  readonly label: string;
  readonly fromSec: number;
  readonly stepSec: number;
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | undefined)[] }[];
  readonly band?: readonly (readonly [low: number, high: number] | undefined)[];
  readonly bound?: number;
  /** The greatest value that must fit in; plots with the same one can be compared. */
  readonly top?: number;
  readonly marks: readonly Mark[];
}

export interface Mark {
  readonly sec: number;
  readonly kind: string;
  readonly text: string;
}

const [width, height] = [720, 230];
const edge = { left: 44, right: 10, top: 12, bottom: 40 };
const [innerWidth, innerHeight] = [width - edge.left - edge.right, height - edge.top - edge.bottom];
const ticksOfTime = 6;

export function drawPlot(plot: Plot): string {
  const { label, fromSec, stepSec, lines, band = [], bound, marks } = plot;
  const count = Math.max(2, ...lines.map(({ values }) => values.length));
  const known = [
    ...lines.flatMap(({ values }) => values.filter((each) => each !== undefined)),
    ...band.flatMap((each) => (each === undefined ? [] : [each[1]])),
    ...(bound === undefined ? [] : [bound]),
  ];
  const top = niceTop(Math.max(1, plot.top ?? 0, ...known));
  const x = (bin: number): number => edge.left + ((bin + 0.5) / count) * innerWidth;
  const y = (value: number): number => edge.top + (1 - value / top) * innerHeight;
  const secX = (sec: number): number => edge.left + ((sec - fromSec) / (count * stepSec)) * innerWidth;
  const base = edge.top + innerHeight;
  const parts = [
    ...[0, 0.25, 0.5, 0.75, 1].map(
      (part) =>
        `<path class="grid" d="M${edge.left} ${point(y(part * top))}H${width - edge.right}"/><text class="axis" x="${edge.left - 6}" y="${point(y(part * top) + 4)}" text-anchor="end">${shortText(part * top)}</text>`,
    ),
    ...timesOf(fromSec, count * stepSec).map(
      (sec) =>
        `<path class="grid" d="M${point(secX(sec))} ${edge.top}V${base}"/><text class="axis" x="${point(secX(sec))}" y="${height - 4}" text-anchor="middle">${timeText(sec)}</text>`,
    ),
    ...bandPaths(band, x, y).map((path) => `<path class="band" d="${path}"/>`),
    ...(bound === undefined
      ? []
      : [`<path class="bound" d="M${edge.left} ${point(y(bound))}H${width - edge.right}"/>`]),
    ...lines.map(({ name, values }) => `<path class="line ${name}" d="${linePath(values, x, y)}"/>`),
    ...marks.map(({ sec, kind, text }) => {
      const at = secX(sec);
      return `<g class="mark ${kind}"><title>${escaped(text)}</title><path class="stem" d="M${point(at)} ${edge.top}V${base}"/><path d="M${point(at)} ${base + 2}l5 9h-10z"/></g>`;
    }),
  ];
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(label)}">${parts.join('')}</svg>`;
}

function linePath(
  values: readonly (number | undefined)[],
  x: (bin: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let isOpen = false;
  values.forEach((value, bin) => {
    if (value === undefined) isOpen = false;
    else {
      path += `${isOpen ? 'L' : 'M'}${point(x(bin))} ${point(y(value))}`;
      isOpen = true;
    }
  });
  return path;
}

/** One closed shape per unbroken stretch. */
function bandPaths(
  band: NonNullable<Plot['band']>,
  x: (bin: number) => number,
  y: (value: number) => number,
): string[] {
  const paths: string[] = [];
  let there: string[] = [];
  let back: string[] = [];
  for (let bin = 0; bin <= band.length; bin++) {
    const each = band[bin];
    if (each !== undefined) {
      there.push(`${point(x(bin))} ${point(y(each[1]))}`);
      back.unshift(`${point(x(bin))} ${point(y(each[0]))}`);
    } else if (there.length > 0) {
      paths.push(`M${[...there, ...back].join('L')}Z`);
      there = [];
      back = [];
    }
  }
  return paths;
}

/** The next of 1, 2, 4, 8 × 10ⁿ: its quarters are short numbers. */
function niceTop(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ([1, 1.2, 1.6, 2, 4, 6, 8].find((each) => each * unit >= value) ?? 10);
}

const spacings = [900, 1800, 3600, 7200, 10_800, 14_400];

/** Round times of the day. */
function timesOf(fromSec: number, lengthSec: number): number[] {
  const spacing = spacings.find((each) => lengthSec / each <= ticksOfTime + 2) ?? 14_400;
  const times: number[] = [];
  for (let sec = Math.ceil(fromSec / spacing) * spacing; sec <= fromSec + lengthSec; sec += spacing) times.push(sec);
  return times;
}

const point = (value: number): string => String(Math.round(value * 10) / 10);
const shortText = (value: number): string => String(Math.round(value * 10) / 10);

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (each) => entities[each]!);
