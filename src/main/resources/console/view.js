/** Draws what the stream tells; it keeps no state but what was drawn last, and changes nothing. */
import { $, h, text, cls, keyed, count, rate, percent, seconds, bytes, clock, spark } from './dom.js';
import { chart, perSecond, whole } from './charts.js';

/** What an entry of the time line means, shown when it is pointed at. */
export const KINDS = {
  STATE: ['state', 'The pipeline began to run, to wait for Kafka or Redis, or ended.'],
  COMMIT: ['commit', 'Outputs, dead letters, offsets and a receipt became visible together. Commits in a row are one entry.'],
  ABORT: ['abort', 'Nothing of the transaction is visible; its records are read again from the committed offset, so nothing is lost or doubled.'],
  REBALANCE: ['rebalance', 'The group gave a worker partitions or took some. What was in flight was committed or dropped before.'],
  GUARD: ['guard', 'Claims keep duplicates of an event id out. While they fail nothing is handled, unless guard.on-failure says otherwise.'],
  FAILURE: ['failure', 'A worker ended or is held in a call. Another takes its place; positions come from the committed offsets.'],
  STOP: ['stop', 'A partition is stopped at a record until an operator decides: retry, skip or dead-letter.'],
  LETTER: ['dead letter', 'The record went to the dead letters in the transaction that committed its offset. It can be replayed, once.'],
  SCALING: ['scaling', 'The number of workers was changed, or why it was not.'],
  ALERT: ['alert', 'A threshold was passed at two checks in a row, or is kept again.'],
  ACT: ['act', 'Somebody asked for it over HTTP, with an admin token.'],
};

const CAUSES = {
  fenced: 'somebody else took its transactional id over, or the broker ended it',
  rebalance: 'the group moved on',
  record: 'the broker refused a record of it',
  topic: 'a topic is gone or was made anew',
  guard: 'its claims in Redis were lost, or replaced by a newer generation',
  timeout: 'Kafka did not answer in time',
  other: 'the log names why',
};

const GOOD = new Set(['RUNNING', 'OK', 'DONE']);
const BAD = new Set(['FAILED', 'STALLED', 'STOPPED']);
export const tone = state => (GOOD.has(state) ? 'good' : BAD.has(state) ? 'bad' : 'warn');
const words = state => state.toLowerCase().replaceAll('_', ' ');

export function head(p) {
  text($('name'), p.name);
  const state = p.pausedBy ? `paused by ${p.pausedBy}` : words(p.state);
  text($('state'), state);
  cls($('state'), `chip ${p.pausedBy ? 'warn' : tone(p.state)}`);
  text($('about'), `group ${p.group} · instance ${p.instance} · ${p.delivery} · guard ${p.guard}${p.claims?.generation ? ` · claims of generation ${p.claims.generation}` : ''}`);
  const said = [];
  if (p.claims?.standing === 'AWAY') said.push({ tone: 'bad', text: `claims in Redis cannot be used since ${clock(p.claims.since)}: not established yet, lost, or replaced by a newer generation; records wait unless guard.on-failure is bypass` });
  if (p.claims?.standing === 'REBUILDING') said.push({ tone: 'warn', text: `claims are loaded from the log since ${clock(p.claims.since)}` });
  if (p.trouble) said.push({ tone: 'bad', text: p.trouble });
  for (const alert of p.alerts) said.push({ tone: alert.severity === 'critical' ? 'bad' : 'warn', text: `${alert.alert}: ${alert.reason}; ${alert.remedy}` });
  for (const warning of p.warnings) said.push({ tone: 'warn', text: warning });
  for (const w of p.workers) if (w.trouble) said.push({ tone: 'bad', text: `${w.worker}: ${w.trouble}` });
  if (p.lag?.cannotMeasure) said.push({ tone: 'warn', text: `the lag is not known: ${p.lag.cannotMeasure}` });
  keyed($('troubles'), said.slice(0, 8), s => s.text, s => h('li', {}, s.text), (el, s) => cls(el, s.tone));
  figures(p);
}

function figures(p) {
  const t = p.totals;
  const figure = (name, value, more = '', alarm = false) => ({ name, value, more, alarm });
  keyed(
    $('figures'),
    [
      figure('Lag', p.lag ? count(p.lag.records) : '–', p.lag ? seconds(p.lag.seconds) : 'not measured yet'),
      figure('Finished', rate(p.rates.done), 'records/s'),
      figure('Committed', count(t.commits), 'transactions'),
      figure('Aborted', count(t.aborts), 'transactions'),
      figure('Duplicates dropped', count(t.duplicates), t.read ? `${((t.duplicates / t.read) * 100).toFixed(1)} %` : ''),
      figure('Dead letters', count(t.deadLetters), 'since the start'),
      figure('Stopped', p.stops.length, 'records', p.stops.length > 0),
      ...(p.lag?.lost ? [figure('Lost', count(p.lag.lost), 'before they were read', true)] : []),
      ...(p.lag?.heldBack ? [figure('Held back', count(p.lag.heldBack), 'by open transactions')] : []),
    ],
    f => f.name,
    f => h('div', {}, h('dt', {}, f.name), h('dd', {}, h('span'), h('small'))),
    (el, f) => {
      text(el.querySelector('span'), f.value);
      text(el.querySelector('small'), f.more);
      cls(el, f.alarm ? 'alarm' : '');
    },
  );
}

const LIMITS = {
  '': 'no stage is busy for half of the time',
  source: 'it keeps up: the stages wait for records',
  guard: 'the guard holds the others back',
  handler: 'the handler holds the others back',
  commit: 'the commit holds the others back',
};

export function flow(p, history, at) {
  const r = p.rates;
  const workers = p.workers.length;
  const held = p.workers.reduce((sum, w) => sum + w.records, 0);
  text($('limit'), p.pausedBy ? 'paused: nothing is read' : LIMITS[r.limit]);
  const stages = [
    { id: 'source', name: 'Source', value: `${rate(r.read)}/s`, busy: null, more: `${count(p.lag?.records ?? 0)} waiting` },
    { id: 'guard', name: 'Guard', value: `${rate(r.duplicates)}/s`, busy: r.guardBusy, more: p.guard === 'off' ? 'off' : 'duplicates dropped' },
    { id: 'handler', name: 'Handler', value: `${rate(r.done)}/s`, busy: r.handlerBusy, more: `${r.handlerMillis ? `${r.handlerMillis.toFixed(2)} ms each, ` : ''}${workers} × ${p.concurrency} at a time, ${count(held)} in flight` },
    { id: 'commit', name: 'Commit', value: `${rate(r.commits)}/s`, busy: r.commitBusy, more: `${r.commitMillis ? `${r.commitMillis.toFixed(1)} ms each, ` : ''}${rate(r.outputs)} outputs/s` },
  ];
  keyed(
    $('flow'),
    stages,
    s => s.id,
    s => h('li', {}, h('h3', {}, h('span', {}, s.name), h('span', { class: 'share' })), h('b'), h('div', { class: 'meter' }, h('i')), h('p', { class: 'dim' })),
    (el, s) => {
      cls(el, s.id === r.limit && s.busy !== null ? 'limit' : '');
      text(el.querySelector('b'), s.value);
      text(el.querySelector('.share'), s.busy === null ? '' : `busy ${percent(s.busy)}`);
      el.querySelector('i').style.width = s.busy === null ? '0' : percent(s.busy).replace(' ', '');
      text(el.querySelector('p'), s.more);
    },
  );
  chart('chart-rate', at, [{ label: 'read', name: '--c1', values: history.read, show: perSecond }, { label: 'finished', name: '--c2', fill: true, values: history.done, show: perSecond }]);
  chart('chart-lag', at, [{ label: 'records', name: '--c3', fill: true, values: history.lag, show: whole }]);
}

export function partitions(p, history, stopped) {
  const all = p.lag?.partitions ?? [];
  text($('parts-sum'), all.length ? `${all.length + p.lag.more} of the whole group, checked ${clock(p.lag.at)}` : 'the lag was not measured yet');
  $('parts-more').hidden = !p.lag?.more;
  text($('parts-more'), `${p.lag?.more} more are in the metrics.`);
  keyed(
    $('parts'),
    all,
    part => part.partition,
    part => h('li', {}, h('p', {}, h('strong', {}, part.partition), h('span', { class: 'sec' })), h('div', { class: 'sparkline' }), h('p', {}, h('span', { class: 'st' }), h('span', { class: 'rec dim' })), h('span', { class: 'own' })),
    (el, part) => {
      const stop = stopped.has(part.partition);
      const here = p.workers.find(w => w.partitions.includes(part.partition));
      const owner = here?.worker ?? part.owner;
      // The last check found no owner, and one has come since: what it has to catch up is known at the next.
      const taken = part.state === 'STOPPED' && owner;
      const state = stop ? 'at a stop' : p.pausedBy ? 'paused' : taken ? 'just assigned' : words(part.state);
      cls(el, stop || (BAD.has(part.state) && !taken) ? 's-bad' : part.state === 'OK' ? (p.pausedBy ? 's-none' : '') : taken ? 's-none' : 's-warn');
      text(el.querySelector('.sec'), seconds(part.seconds));
      text(el.querySelector('.st'), state);
      text(el.querySelector('.rec'), count(part.records));
      const left = !here && p.workers.some(w => w.worker === owner);
      text(el.querySelector('.own'), left ? `let go by ${owner}` : owner ? `${owner}${here ? '' : ', elsewhere'}` : 'no owner');
      el.title = `${part.records} records, ${part.perSecond > 0 ? '+' : ''}${part.perSecond.toFixed(1)} a second; committed up to ${part.committed < 0 ? 'nothing yet' : part.committed}${part.read === undefined || part.read === null ? '' : `, read up to ${part.read}`}` + (owner && !here && !left ? `; decisions about it go to the instance of ${owner}` : '') + (part.open ? `; ${part.heldBack} held back by the open transaction ${part.open}` : '');
      spark(el.querySelector('.sparkline'), history.get(part.partition) ?? [], 60);
    },
  );
}

export function workers(p, onRestart, onStack) {
  keyed(
    $('workers'),
    p.workers,
    w => w.worker,
    w => h('li', {}, h('strong', {}, w.worker), h('span', { class: 'st' }), h('span', { class: 'grow dim' }), h('button', { type: 'button', class: 'quiet small act', onclick: () => onStack(w.worker) }, 'Stack'), h('button', { type: 'button', class: 'quiet small act', onclick: () => onRestart(w.worker) }, 'Restart')),
    (el, w) => {
      text(el.querySelector('.st'), words(w.state));
      cls(el.querySelector('.st'), `st chip ${tone(w.state)}`);
      text(
        el.querySelector('.grow'),
        `${w.partitions.length} partitions, ${count(w.records)} records in flight (${bytes(w.bytes)})` +
          (w.paused ? `, ${w.paused} not read at the moment` : '') +
          (w.failures ? `; ended ${w.failures} times, last ${clock(w.lastFailureAt)}: ${w.lastFailure}` : ''),
      );
    },
  );
}

/** Workers of other instances: what the group and the receipts tell of them. */
export function others(p, at) {
  $('others-head').hidden = p.others.length === 0;
  keyed(
    $('others'),
    p.others,
    w => w.worker,
    () => h('li', {}, h('strong'), h('span', { class: 'grow dim' })),
    (el, w) => {
      text(el.querySelector('strong'), w.worker);
      text(el.querySelector('.grow'), `${w.partitions.length} partitions, ${w.lastCommit ? `last commit ${seconds(Math.max(0, (new Date(at) - new Date(w.lastCommit)) / 1000))} ago` : 'no commit seen yet'}; acts go to its own instance`);
    },
  );
}

export function stops(p, onDecide) {
  $('stops-card').hidden = p.stops.length === 0;
  keyed(
    $('stops'),
    p.stops,
    s => s.position,
    s =>
      h('li', {}, h('div', { class: 'grow' }, h('strong', {}, s.position), h('p', {}, s.reason), h('small', {}, `${s.attempts} attempts, since ${clock(s.since)}`)),
        ['retry', 'skip', 'dead-letter'].map(verb => h('button', { type: 'button', class: 'small act' + (verb === 'retry' ? '' : ' quiet'), onclick: () => onDecide(s, verb) }, verb))),
    () => {},
  );
}

export function line(entries, hidden) {
  const shown = entries.filter(e => !hidden.has(e.kind)).slice(0, 150);
  keyed(
    $('line'),
    shown,
    e => e.number,
    e => h('li', { title: KINDS[e.kind]?.[1] }, h('time'), h('span', { class: `chip ${e.bad ? 'bad' : e.kind === 'COMMIT' ? 'good' : ''}` }, KINDS[e.kind]?.[0] ?? e.kind), h('span')),
    (el, e) => {
      text(el.firstChild, clock(e.until));
      el.firstChild.dateTime = e.until;
      const cause = e.kind === 'ABORT' ? CAUSES[e.text.split(': ')[1]] : null;
      const since = e.at === e.until ? '' : ` since ${clock(e.at)}`;
      const what = e.count === 1 ? e.text.replace(/^%d (\w+)s\b/, '1 $1') : e.text.replace('%d', count(e.count));
      text(el.lastChild, what + since + (cause ? `; ${cause}` : ''));
    },
  );
  if (!shown.length && !$('line').querySelector('.empty')) $('line').append(h('p', { class: 'empty' }, 'Nothing yet.'));
  if (shown.length) $('line').querySelector('.empty')?.remove();
}

export function jobs(list) {
  keyed(
    $('jobs'),
    list,
    j => j.id,
    j => h('li', {}, h('strong', {}, `${j.kind} ${j.id}`), h('span', { class: 'st' }), h('span', { class: 'grow' }), h('details', { hidden: true }, h('summary', {}, 'details'), h('pre'))),
    (el, j) => {
      text(el.querySelector('.st'), words(j.state));
      cls(el.querySelector('.st'), `st chip ${tone(j.state)}`);
      text(el.querySelector('.grow'), `by ${j.who} at ${clock(j.startedAt)}; ${outcome(j)}`);
      el.querySelector('details').hidden = !j.result;
      text(el.querySelector('pre'), j.result ? JSON.stringify(j.result, null, 1) : '');
    },
  );
  $('jobs').dataset.empty = list.length === 0;
  if (!list.length && !$('jobs').firstChild) $('jobs').append(h('li', { class: 'empty' }, 'No job yet. Audits and replays show up here.'));
  if (list.length) $('jobs').querySelector('.empty')?.remove();
}

/** In a sentence. */
export function outcome(j) {
  if (j.state === 'RUNNING') return `${count(j.progress)} records so far`;
  if (j.state === 'FAILED') return j.trouble ?? 'failed; send a token to see why';
  const r = j.result;
  if (!r) return 'done; send a token to see the result';
  if (j.kind === 'audit')
    return (r.proof ? 'proved: ' : r.clean ? 'clean, not all could be judged: ' : 'NOT CLEAN: ') + `lost ${r.lost}, duplicated ${r.duplicated}, out of order ${r.out_of_order}, unaccounted ${r.unaccounted} in ${count(r.sourceRecords)} records`;
  if (j.kind.startsWith('rewind')) return `${r.partitions} partitions ${r.dryRun ? 'would go' : 'went'} back by ${count(r.offsets)} offsets`;
  if (j.kind === 'rebuild-guard') return `${count(r.claims)} claims loaded${r.missing?.length ? `; missing: ${r.missing.join('; ')}` : ''}`;
  return `${count(r.replayed)} ${r.dryRun ? 'would be replayed' : 'replayed'}, ${count(r.before)} were before, ${count(r.refused)} cannot be`;
}
