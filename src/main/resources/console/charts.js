/** The charts of the last three minutes, drawn by uPlot, whose global the page loads before its modules. */
import { $, text, count, rate, clock } from './dom.js';

const HEIGHT = 132;
const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const dark = matchMedia('(prefers-color-scheme: dark)');
const drawn = new Map();

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const faint = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, '0');

/** One that fills the width of its place. Both charts show the same moment under the pointer. */
function make(place, series, say) {
  const axis = { stroke: colour('--dim'), font: FONT, grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
  return new uPlot(
    {
      width: Math.max(200, place.clientWidth),
      height: HEIGHT,
      padding: [8, 14, 0, 0],
      cursor: { sync: { key: 'console' }, drag: { x: false, y: false }, points: { size: 6 } },
      legend: { show: false },
      scales: { x: { time: true }, y: { range: (u, min, max) => [0, max > 0 ? max * 1.1 : 1] } },
      axes: [
        { ...axis, space: 70, size: 24, values: (u, ticks) => ticks.map(t => clock(t * 1000).slice(0, t % 60 ? 8 : 5)) },
        { ...axis, space: 32, size: 46, values: (u, ticks) => ticks.map(rate) },
      ],
      series: [
        {},
        ...series.map(({ label, name, fill }) => ({ label, stroke: colour(name), width: 1.75, fill: fill ? faint(colour(name), 0.14) : undefined, points: { show: false } })),
      ],
      hooks: { setCursor: [u => say(u, u.cursor.idx)] },
    },
    [[], ...series.map(() => [])],
    place,
  );
}

/**
 * Draws lists of numbers that end now, a second apart.
 *
 * series: [{label, name (of the colour), fill, values, unit}]; said next to the chart: the values under the pointer, or the last ones.
 */
export function chart(id, at, series) {
  const place = $(id);
  const said = $(`${id}-said`);
  const now = Math.floor(new Date(at).getTime() / 1000);
  const length = Math.max(2, ...series.map(s => s.values.length));
  const times = Array.from({ length }, (_, i) => now - length + 1 + i);
  const data = [times, ...series.map(s => Array(length - s.values.length).fill(null).concat(s.values))];
  const say = (u, idx) => {
    const i = idx ?? length - 1;
    const known = u?.data?.[0]?.length > i && i >= 0 ? u.data : data;
    const time = idx === null || idx === undefined ? '' : `${clock(known[0][i] * 1000)} · `;
    text(said, time + series.map((s, n) => `${s.label} ${s.show(known[n + 1]?.[i] ?? 0)}`).join(' · '));
  };
  let one = drawn.get(id);
  if (!one) {
    one = { plot: make(place, series, (u, idx) => one?.say?.(u, idx)) };
    drawn.set(id, one);
    new ResizeObserver(() => one.plot.setSize({ width: Math.max(200, place.clientWidth), height: HEIGHT })).observe(place);
    dark.addEventListener('change', () => {
      one.plot.destroy();
      one.plot = make(place, series, (u, idx) => one.say(u, idx));
    });
  }
  one.say = say;
  one.plot.setData(data);
  one.plot.setScale('x', { min: now - 179, max: now });
  say(one.plot, one.plot.cursor.idx);
  const all = series.flatMap(s => s.values);
  place.setAttribute('aria-label', series.map(s => `${s.label}: now ${s.show(s.values.at(-1) ?? 0)}, at most ${s.show(Math.max(0, ...s.values))}`).join('; ') + `, in the last ${Math.ceil(all.length / series.length / 60)} minutes`);
}

export const perSecond = n => `${rate(n)}/s`;
export const whole = n => count(n);
