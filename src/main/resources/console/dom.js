/** Small helpers for elements, numbers and small lines. Text is always set as text, never as HTML. */
export const $ = id => document.getElementById(id);

/** An element: h('li', {class: 'x', onclick: f}, child, 'text'). A property that is null or false is left out. */
export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? '' : value);
  }
  el.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return el;
}

export function text(el, value) {
  const wanted = String(value);
  if (el.textContent !== wanted) el.textContent = wanted;
}

export function cls(el, value) {
  if (el.className !== value) el.className = value;
}

/** Keeps a container's children in step with items, so that focus and hovering outlive an update. */
export function keyed(container, items, key, create, update) {
  const known = container.known ?? (container.known = new Map());
  const wanted = new Set();
  let at = null;
  for (const item of items) {
    const id = key(item);
    wanted.add(id);
    let el = known.get(id);
    if (!el) known.set(id, (el = create(item)));
    update(el, item);
    const next = at ? at.nextSibling : container.firstChild;
    if (next !== el) container.insertBefore(el, next);
    at = el;
  }
  for (const [id, el] of known) {
    if (!wanted.has(id)) {
      el.remove();
      known.delete(id);
    }
  }
}

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const count = n => (Math.abs(n) < 100000 ? whole.format(Math.round(n)) : short.format(n));
export const rate = n => (n < 10 ? one.format(n) : count(n));
export const percent = share => `${Math.round(share * 100)} %`;

export function seconds(s) {
  if (s < 0.05) return '0 s';
  if (s < 100) return `${one.format(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  return s < 172800 ? `${one.format(s / 3600)} h` : `${one.format(s / 86400)} d`;
}

export function bytes(n) {
  return n < 1024 ? `${n} B` : n < 1048576 ? `${one.format(n / 1024)} KiB` : `${one.format(n / 1048576)} MiB`;
}

export const clock = iso => new Date(iso).toLocaleTimeString('en-GB');

const SVG = 'http://www.w3.org/2000/svg';

/** A small line of numbers, as wide as its place. */
export function spark(place, values, slots) {
  let svg = place.firstChild;
  if (!svg) {
    svg = document.createElementNS(SVG, 'svg');
    for (const [name, value] of Object.entries({ viewBox: '0 0 100 100', preserveAspectRatio: 'none', class: 'spark', 'aria-hidden': 'true' })) svg.setAttribute(name, value);
    svg.append(document.createElementNS(SVG, 'polyline'));
    place.append(svg);
  }
  const top = Math.max(1, ...values);
  const from = slots - values.length;
  svg.firstChild.setAttribute('points', values.map((v, x) => `${((from + x) / (slots - 1)) * 100},${100 - (v / top) * 96}`).join(' '));
}
