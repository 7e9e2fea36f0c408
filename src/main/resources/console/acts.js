/** What an operator can do. Each act is shown first, with what will come of it, and waits for a confirmation. */
import { $, h, count } from './dom.js';
import { get, post, at, token, who, Refused } from './api.js';
import { outcome } from './view.js';

/**
 * Asks in a dialog. The act runs at the confirmation; what it is refused for stays in the dialog.
 *
 * fields: [{name, label, value, required}] become inputs, whose values act is called with.
 */
export function ask({ title, lines = [], fields = [], confirm, danger = false, act }) {
  const dialog = $('dialog');
  const trouble = h('p', { class: 'troubles', role: 'alert' });
  const inputs = fields.map(f => h('input', { name: f.name, type: f.type ?? 'text', value: f.value ?? '', required: f.required, autocomplete: 'off', min: f.min, max: f.max }));
  const yes = h('button', { class: danger ? 'danger' : null }, confirm);
  const form = h(
    'form',
    {
      onsubmit: async event => {
        event.preventDefault();
        yes.disabled = true;
        trouble.replaceChildren();
        try {
          const close = await act(Object.fromEntries(inputs.map(i => [i.name, i.value.trim()])));
          if (close !== false) dialog.close();
        } catch (e) {
          trouble.replaceChildren(h('span', { class: 'chip bad' }, 'refused'), ` ${e.message}`);
        }
        yes.disabled = false;
      },
    },
    h('h2', { id: 'dialog-title' }, title),
    lines.map(l => (typeof l === 'string' ? h('p', {}, l) : l)),
    fields.map((f, i) => h('label', {}, f.label, inputs[i])),
    trouble,
    h('div', { class: 'acts' }, h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, 'Cancel'), yes),
  );
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
  (inputs[0] ?? yes).focus();
}

/** Asks for a token, tries it, and keeps it for this tab. Empty: look only, and forget it. */
export function askToken(onChange) {
  ask({
    title: 'Act with a token',
    lines: ['One of PIPELINE_ADMIN_TOKEN lets you act, one of PIPELINE_VIEW_TOKEN lets you look where that needs one. It is kept in this tab until it is closed. Leave it empty to look only.'],
    fields: [{ name: 'token', label: 'Token', type: 'password' }],
    confirm: 'Use it',
    act: async ({ token: given }) => {
      const before = token.get();
      token.set(given);
      try {
        const me = given ? await who() : null;
        if (me && !me.who && !me.viewer) throw new Refused(401, 'no token of PIPELINE_ADMIN_TOKEN or PIPELINE_VIEW_TOKEN is this one');
        onChange(me?.who ?? null);
      } catch (e) {
        token.set(before);
        throw e;
      }
    },
  });
}

export const pause = p =>
  ask({
    title: `Pause ${p.name} on this instance?`,
    lines: [`Its ${p.workers.length} workers take nothing in until you resume it or the process ends. What was read before is handled and committed; the lag grows. Other instances go on.`],
    confirm: 'Pause',
    act: () => post(at(p.name, 'pause')),
  });

export const resume = p =>
  ask({
    title: `Let ${p.name} go on?`,
    lines: [`${count(p.lag?.records ?? 0)} records wait. They are read from the committed offsets.`],
    confirm: 'Resume',
    act: () => post(at(p.name, 'resume')),
  });

export const scale = p =>
  ask({
    title: `Scale ${p.name} on this instance`,
    lines: [`${p.wantedWorkers} workers with ${p.concurrency} handler calls at once each are wanted now. More workers than partitions stay idle, and the group rebalances where their number changes. It holds until the next restart${p.scaling ? ', or until the pipeline scales itself' : ''}.`],
    fields: [
      { name: 'workers', label: 'Workers', value: p.wantedWorkers, type: 'number', min: 1, max: 256, required: true },
      { name: 'concurrency', label: 'Handler calls at once, per worker', value: p.concurrency, type: 'number', min: 1, max: 10000, required: true },
    ],
    confirm: 'Scale',
    // What was not changed is left out: meanwhile the pipeline may have scaled itself.
    act: ({ workers, concurrency }) =>
      post(at(p.name, 'scale'), {
        ...(Number(workers) === p.wantedWorkers && Number(concurrency) !== p.concurrency ? {} : { workers: Number(workers) }),
        ...(Number(concurrency) === p.concurrency ? {} : { concurrency: Number(concurrency) }),
      }),
  });

export const restart = (p, worker) =>
  ask({
    title: `Restart ${worker}?`,
    lines: ['It commits what it has finished and ends, and another takes its place. Its partitions stand meanwhile.'],
    confirm: 'Restart',
    act: () => post(at(p.name, 'workers', worker, 'restart')),
  });

/** Shows where the worker's threads are in the code; it changes nothing. */
export const stack = (p, worker) =>
  ask({
    title: `Where is ${worker}?`,
    lines: ['Its threads, and the handler threads of the pipeline, are looked at once. It costs a moment of all threads and changes nothing.'],
    confirm: 'Look',
    act: async () => {
      const { threads = [] } = await get(at(p.name, 'workers', worker, 'stack'));
      ask({
        title: worker,
        lines: threads.length ? threads.map(t => h('pre', {}, `${t.thread}: ${t.state}\n${(t.frames ?? []).map(f => `  ${f}`).join('\n')}`)) : ['It has no thread now.'],
        confirm: 'Close',
        act: () => {},
      });
      return false;
    },
  });

const VERBS = {
  retry: 'The handler is called again, with all its attempts.',
  skip: 'Nothing comes of the record; the receipt says so, with your reason and name.',
  'dead-letter': 'The record goes to the dead letters, with your reason and name.',
};

export const decide = (p, stop, verb) =>
  ask({
    title: `${verb}: ${stop.position}`,
    lines: [stop.reason, VERBS[verb]],
    fields: verb === 'retry' ? [] : [{ name: 'why', label: 'Why (goes into the receipt)', required: true }],
    confirm: verb,
    danger: verb === 'skip',
    act: ({ why }) => post(at(p.name, 'stops', stop.position, verb), why ? { why } : {}),
  });

export const audit = p =>
  ask({
    title: `Audit ${p.name}?`,
    lines: ['All that the pipeline wrote is held against its receipts. It reads the topics once, changes nothing, and runs beside the pipeline.'],
    confirm: 'Start',
    act: () => post(at(p.name, 'audits')),
  });

export const rebuild = p =>
  ask({
    title: `Rebuild the claims of ${p.name}?`,
    lines: ['They are loaded from the receipts and the sources again, whether or not Redis holds them. All instances of the group begin their transactions anew when it is done.'],
    confirm: 'Rebuild',
    danger: true,
    act: () => post(at(p.name, 'guard', 'rebuild')),
  });

/** Where to, as it is typed: positions, the word beginning, or a time. */
function target(text) {
  if (text.includes('@')) return { to: text.split(/[\s,]+/).filter(Boolean) };
  return text.toLowerCase() === 'beginning' ? { beginning: true } : { time: text };
}

/** A preview of where the group would go, then the move to the very offsets that it showed. */
export function rewind(p) {
  ask({
    title: `Set ${p.name} back`,
    lines: ['Records are processed again, and their outputs written again; duplicates stay dropped. First a dry run says which partitions would move. It moves nothing.'],
    fields: [
      { name: 'where', label: 'To a time (2026-11-01T00:00:00Z, or PT1H for an hour ago), to positions (payments-3@100, payments-4@220), or to the beginning', required: true },
      { name: 'why', label: 'Why (goes into the receipt)', required: true },
    ],
    confirm: 'Preview',
    act: async ({ where, why }) => {
      const chosen = target(where);
      const { result: r } = await done(p.name, await post(at(p.name, 'rewinds'), { ...chosen, dryRun: true }));
      const exact = r.to.length === r.partitions ? { to: r.to } : chosen;
      ask({
        title: `Set ${r.partitions} partitions back?`,
        lines: [
          `${count(r.offsets)} offsets are read again. This instance's ${p.workers.length} workers commit what they have finished and leave the group; when the offsets are moved they start again. The audit knows of it by a receipt of its own.`,
          h('pre', {}, r.moves.join('\n') + (r.partitions > r.moves.length ? `\nand ${r.partitions - r.moves.length} more` : '')),
          ...(r.inTheWay.length ? [h('p', { class: 'troubles' }, h('span', { class: 'chip bad' }, 'in the way'), ` ${r.inTheWay.join(', ')}: stop these instances first, or it is refused.`)] : []),
        ],
        confirm: 'Set back',
        danger: true,
        act: async () => {
          await done(p.name, await post(at(p.name, 'rewinds'), { ...exact, why, dryRun: false }));
        },
      });
      return false;
    },
  });
}

async function done(name, job) {
  let now = job;
  while (now.state === 'RUNNING') {
    await new Promise(resolve => setTimeout(resolve, 400));
    now = await get(at(name, 'jobs', String(job.id)));
  }
  if (now.state === 'FAILED') throw new Refused(0, now.trouble);
  return now;
}

/** A preview by a dry run, then the replay of the same choice among the letters that were there by then. */
export function replay(p, chosen, what, onDone) {
  ask({
    title: `Replay ${what}`,
    lines: ['First a dry run says which letters would go back to their sources. It writes nothing.'],
    confirm: 'Preview',
    act: async () => {
      const preview = await done(p.name, await post(at(p.name, 'replays'), { ...chosen, dryRun: true }));
      const r = preview.result;
      ask({
        title: `Replay ${count(r.replayed)} letters?`,
        lines: [
          `${outcome(preview)}. Each goes to its source once, however often this is asked for; the guard knows it as the same event.`,
          r.letters.length ? h('pre', {}, r.letters.join('\n') + (r.replayed > r.letters.length ? `\nand ${r.replayed - r.letters.length} more` : '')) : h('p', {}, 'There is nothing to replay.'),
          ...(r.refusals.length ? [h('pre', {}, r.refusals.join('\n'))] : []),
        ],
        confirm: r.replayed ? 'Replay' : 'Close',
        act: async () => {
          if (r.replayed) onDone(await done(p.name, await post(at(p.name, 'replays'), { until: preview.startedAt, ...chosen, all: true, dryRun: false })));
        },
      });
      return false;
    },
  });
}
