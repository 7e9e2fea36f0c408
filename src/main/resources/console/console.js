/** The console: reads the stream, remembers what was seen, and has it drawn. */
import { $, h, text, cls, clock, count } from './dom.js';
import { watch, get, at, token, who } from './api.js';
import * as view from './view.js';
import * as acts from './acts.js';

const STALE_MILLIS = 4000;
const HISTORY = 180;
const state = { live: null, name: decodeURIComponent(location.hash.slice(1)), seen: 0, entries: new Map(), history: new Map(), parts: new Map(), hidden: new Set(), jobs: [], letters: [], chosen: new Set(), reason: '', who: null };

const current = () => state.live?.pipelines.find(p => p.name === state.name) ?? state.live?.pipelines[0] ?? null;
const mayAct = () => Boolean(state.live?.mayAct && state.who);

/** The partitions that letters can be chosen by: those that are known now, and the chosen one. */
function offer(p) {
  const select = $('letters-partition');
  const names = (p.lag?.partitions ?? []).map(part => part.partition);
  if (select.value && !names.includes(select.value)) names.unshift(select.value);
  if (select.dataset.key === names.join()) return;
  select.dataset.key = names.join();
  const chosen = select.value;
  select.replaceChildren(h('option', { value: '' }, 'any'), ...names.map(name => h('option', { value: name }, name)));
  select.value = chosen;
}

/** Empty lists and texts, and what is null, are left out of the stream. */
function whole(live) {
  const lists = (of, names) => names.forEach(name => (of[name] ??= []));
  lists(live, ['pipelines', 'events']);
  for (const p of live.pipelines) {
    lists(p, ['workers', 'others', 'stops', 'alerts', 'warnings']);
    p.trouble ??= '';
    p.workers.forEach(w => {
      lists(w, ['partitions']);
      w.trouble ??= '';
    });
    p.others.forEach(w => lists(w, ['partitions']));
    p.rates.limit ??= '';
    if (p.lag) lists(p.lag, ['partitions']);
    p.lag?.partitions.forEach(part => (part.owner ??= ''));
  }
  live.events.forEach(e => (e.pipeline ??= ''));
  return live;
}

function remember(kind, live) {
  if (kind === 'all' && state.live?.since !== live.since) {
    state.entries.clear();
    state.history.clear();
    state.parts.clear();
  }
  state.live = live;
  state.seen = Date.now();
  for (const entry of live.events) state.entries.set(entry.number, entry);
  if (state.entries.size > 500) [...state.entries.keys()].sort((a, b) => a - b).slice(0, -400).forEach(n => state.entries.delete(n));
  for (const p of live.pipelines) {
    const known = state.history.get(p.name) ?? { read: [], done: [], lag: [] };
    for (const [name, value] of [['read', p.rates.read], ['done', p.rates.done], ['lag', p.lag?.records ?? 0]]) known[name] = [...known[name], value].slice(-HISTORY);
    if (kind === 'all' && live.history?.[p.name]) Object.assign(known, live.history[p.name]);
    state.history.set(p.name, known);
    for (const part of p.lag?.partitions ?? []) {
      const key = `${p.name}/${part.partition}`;
      state.parts.set(key, [...(state.parts.get(key) ?? []), part.records].slice(-60));
    }
  }
}

function draw() {
  const p = current();
  tabs();
  buttons(p);
  $('main').hidden = !p;
  if (!p) return;
  view.head(p);
  view.flow(p, state.history.get(p.name), state.live.at);
  const parts = new Map((p.lag?.partitions ?? []).map(part => [part.partition, state.parts.get(`${p.name}/${part.partition}`)]));
  view.partitions(p, parts, new Set(p.stops.map(s => s.position.split('@')[0])));
  view.workers(p, worker => acts.restart(current(), worker), worker => acts.stack(current(), worker));
  view.others(p, state.live.at);
  view.stops(p, (stop, verb) => acts.decide(current(), stop, verb));
  const entries = [...state.entries.values()].filter(e => !e.pipeline || e.pipeline === p.name).sort((a, b) => new Date(b.until) - new Date(a.until) || b.number - a.number);
  view.line(entries, state.hidden);
  view.jobs(state.jobs);
  offer(p);
  text($('letters-sum'), `${count(p.totals.deadLetters)} since the start`);
  for (const button of document.querySelectorAll('button.act')) {
    button.disabled = !mayAct();
    button.title = mayAct() ? '' : why();
  }
}

const why = () => (state.live?.mayAct ? 'A token of PIPELINE_ADMIN_TOKEN is needed: see the upper right corner' : 'Changes are refused here: PIPELINE_ADMIN_TOKEN is not set');

function tabs() {
  const names = state.live?.pipelines.map(p => p.name) ?? [];
  const key = names.join() + current()?.name;
  if ($('tabs').dataset.key === key) return;
  $('tabs').dataset.key = key;
  $('tabs').replaceChildren(...(names.length > 1 ? names : []).map(name => h('button', { type: 'button', class: 'quiet', 'aria-current': String(name === current()?.name), onclick: () => choose(name) }, name)));
}

function choose(name) {
  state.name = name;
  location.hash = encodeURIComponent(name);
  state.jobs = [];
  state.letters = [];
  drawLetters();
  draw();
  askJobs();
}

function buttons(p) {
  const key = [p?.name, p?.pausedBy, mayAct(), state.who, state.live?.mayAct].join();
  if ($('acts').dataset.key === key) return;
  $('acts').dataset.key = key;
  const act = (label, run, quiet = true) => h('button', { type: 'button', class: `act${quiet ? ' quiet' : ''}`, onclick: () => run(current()) }, label);
  $('acts').replaceChildren(p?.pausedBy ? act('Resume', acts.resume, false) : act('Pause', acts.pause), act('Scale', acts.scale), act('Audit', acts.audit), act('Rewind', acts.rewind), p?.guard === 'off' ? '' : act('Rebuild claims', acts.rebuild));
  text($('who'), state.who ? `Acting as ${state.who}` : token.get() ? 'Looking with a token' : state.live?.mayAct === false ? 'Look only' : 'Look only: give a token');
  $('letters-acts').replaceChildren(act('Replay chosen', () => replayChosen()), act('Replay all of these', () => replayShown()));
}

function link(kind, what) {
  text($('link'), what);
  cls($('link'), `pill ${kind}`);
  document.body.classList.toggle('stale', kind !== 'good');
}

function notice(what) {
  $('notice').hidden = !what;
  text($('notice'), what ?? '');
}

let stop = new AbortController();

async function stream() {
  for (;;) {
    stop = new AbortController();
    try {
      await watch((kind, live) => {
        remember(kind, whole(live));
        notice(null);
        if (!document.hidden) draw();
      }, stop.signal);
      link('bad', 'disconnected');
    } catch (e) {
      link('bad', 'disconnected');
      if (e.status === 401) {
        notice('Reading needs a token here: give one of PIPELINE_VIEW_TOKEN or PIPELINE_ADMIN_TOKEN in the upper right corner.');
        $('main').hidden = !state.live;
      } else if (e.name !== 'AbortError') {
        notice(`${e.status ? e.message : 'The instance does not answer'}. ${state.live ? `What you see is of ${clock(state.live.at)}. ` : ''}It is asked again every two seconds.`);
      }
    }
    await new Promise(resolve => setTimeout(resolve, stop.signal.aborted ? 0 : 2000));
  }
}

setInterval(() => {
  if (!state.live) return;
  const age = Date.now() - state.seen;
  if (age > STALE_MILLIS) link($('link').textContent === 'disconnected' ? 'bad' : 'warn', $('link').textContent === 'disconnected' ? 'disconnected' : `stale for ${Math.round(age / 1000)} s`);
  else link('good', 'live');
}, 1000);

async function askJobs() {
  const p = current();
  if (!p || document.hidden) return;
  try {
    state.jobs = await get(at(p.name, 'jobs'));
  } catch {
    // the stream says that the instance does not answer
  }
}
setInterval(askJobs, 2000);

function query() {
  const form = new FormData($('letters-form'));
  const chosen = {};
  if (form.get('reason').trim()) chosen.reasons = [form.get('reason').trim()];
  if (form.get('since').trim()) chosen.since = form.get('since').trim();
  if (form.get('partition')) chosen.partitions = [form.get('partition')];
  return chosen;
}

async function look(event) {
  event?.preventDefault();
  const chosen = query();
  const search = new URLSearchParams({ limit: '200' });
  if (chosen.reasons) search.append('reason', chosen.reasons[0]);
  if (chosen.since) search.append('since', chosen.since);
  if (chosen.partitions) search.append('partition', chosen.partitions[0]);
  state.chosen.clear();
  state.reason = '';
  try {
    state.letters = (await get(`${at(current().name, 'letters')}?${search}`)).letters ?? [];
    drawLetters();
  } catch (e) {
    $('letters').replaceChildren(h('li', { class: 'empty' }, e.message));
  }
}

const shown = () => state.letters.filter(l => !state.reason || l.reason === state.reason);

function drawLetters() {
  const reasons = new Map();
  state.letters.forEach(l => reasons.set(l.reason ?? 'none said', (reasons.get(l.reason ?? 'none said') ?? 0) + 1));
  $('reasons').replaceChildren(...[...reasons].map(([reason, n]) => h('button', { type: 'button', class: 'quiet small', 'aria-pressed': String(!state.reason || state.reason === reason), onclick: () => ((state.reason = state.reason === reason ? '' : reason), drawLetters()) }, `${reason} · ${n}`)));
  const rows = shown().slice(0, 200).map(l =>
    h('li', {}, h('input', { type: 'checkbox', 'aria-label': `choose ${l.position}`, onchange: e => (e.target.checked ? state.chosen.add(l.position) : state.chosen.delete(l.position)) }),
      h('div', { class: 'grow' }, h('strong', {}, l.eventId ?? l.source ?? l.position), h('p', {}, l.reason ?? ''), h('small', {}, `${new Date(l.time).toLocaleString('en-GB')} · ${l.source ?? ''} · ${l.exception ?? 'no exception'}`)),
      h('button', { type: 'button', class: 'quiet small', onclick: () => full(l) }, 'Details')));
  $('letters').replaceChildren(...(rows.length ? rows : [h('li', { class: 'empty' }, 'None of those that were looked at.')]));
}

async function full(letter) {
  let seen;
  try {
    seen = await get(at(current().name, 'letters', letter.position));
  } catch (e) {
    seen = { ...letter, valuesShown: false, refused: e.message };
  }
  const rows = [['Reason', seen.reason], ['Exception', seen.exception], ['From', seen.source], ['Lacks', seen.cut], ['Key', seen.key]].filter(([, value]) => value);
  acts.ask({
    title: letter.position,
    lines: [
      ...rows.map(([name, value]) => h('p', {}, h('strong', {}, `${name}: `), value)),
      seen.refused ? h('p', { class: 'dim' }, `The rest is not shown: ${seen.refused}`) : null,
      letter.message || seen.message ? h('pre', {}, letter.message ?? seen.message) : null,
      letter.stack || seen.stack ? h('pre', {}, letter.stack ?? seen.stack) : null,
      seen.headers?.length ? h('pre', {}, seen.headers.join('\n')) : null,
      seen.value ? h('pre', {}, seen.value) : h('p', { class: 'dim' }, seen.valuesShown ? 'It has no value.' : 'Values are shown only where console.show-values is true.'),
    ].filter(Boolean),
    confirm: 'Close',
    act: () => {},
  });
}

function replayChosen() {
  if (state.chosen.size) acts.replay(current(), { positions: [...state.chosen] }, `${state.chosen.size} chosen letters`, () => look());
  else notice('Choose letters first, or replay all of these.');
}

function replayShown() {
  if (state.reason) acts.replay(current(), { positions: shown().map(l => l.position) }, `the ${shown().length} letters that are shown`, () => look());
  else acts.replay(current(), query(), 'all letters that fit', () => look());
}

async function find(event) {
  event.preventDefault();
  const what = new FormData($('find-form')).get('what').trim();
  const by = /^.+-\d+@\d+$/.test(what) ? 'position' : 'id';
  $('story').replaceChildren(h('p', { class: 'dim' }, 'Reading the log …'));
  try {
    const s = await get(`${at(current().name, 'explain')}?${new URLSearchParams({ [by]: what })}`);
    const steps = r => h('ol', {}, (r.steps ?? []).map(step => h('li', {}, h('strong', {}, step.what.toLowerCase()), ` ${clock(step.time)} at ${step.at}${step.told ? `: ${step.told}` : ''}`)));
    $('story').replaceChildren(h('div', { class: 'story' }, h('p', {}, h('span', { class: `chip ${s.processed ? 'good' : 'warn'}` }, s.fate.toLowerCase().replaceAll('_', ' ')), ` ${s.why}`), (s.records ?? []).map(r => h('div', {}, h('p', {}, h('strong', {}, r.position), ` ${r.fate.toLowerCase().replaceAll('_', ' ')}: ${r.why}`), steps(r))), h('small', { class: 'dim' }, `${count(s.read)} records were read${s.more ? `; ${s.more} more have this id` : ''}`)));
  } catch (e) {
    $('story').replaceChildren(h('p', { class: 'story' }, e.message));
  }
}

$('kinds').replaceChildren(...Object.entries(view.KINDS).map(([kind, [label, meaning]]) =>
  h('button', { type: 'button', class: 'quiet small', 'aria-pressed': 'true', title: meaning, onclick: e => {
    const hide = !state.hidden.has(kind);
    state.hidden[hide ? 'add' : 'delete'](kind);
    e.target.setAttribute('aria-pressed', String(!hide));
    draw();
  } }, label)));
$('letters-form').addEventListener('submit', look);
$('find-form').addEventListener('submit', find);
$('who').addEventListener('click', () => acts.askToken(name => {
  state.who = name;
  $('acts').dataset.key = '';
  stop.abort();
  draw();
}));
document.addEventListener('visibilitychange', () => document.hidden || (state.live && draw()));
addEventListener('hashchange', () => choose(decodeURIComponent(location.hash.slice(1))));
if (token.get()) {
  who().then(
    me => (me.who || me.viewer ? (state.who = me.who) : token.set('')),
    () => token.set(''),
  );
}
stream();
