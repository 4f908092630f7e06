import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type ActorView, type Mark, type MarksPage, pathOf, type SearchPage } from '../../../../src/protocol.js';
import { SeqLink, StateChip } from '../../parts/chips.js';
import { dateAndTime } from '../../parts/format.js';
import { Section } from '../../parts/section.js';
import { Told, visible } from '../../parts/told.js';
import { ask } from '../../state/api.js';
import { moments } from '../../state/data.js';
import { arrivals } from '../../state/live.js';
import { token } from '../../state/operator.js';
import { t } from '../../texts/locale.js';
import { askToConfirm, done } from './confirm.js';

/** What an operator may do to the bot that runs; each of it becomes a record. */
export function OperatorPanel() {
  return (
    <div>
      <Token />
      {done.value && (
        <p class={done.value.isGood ? 'alert good' : 'alert'} role="status">
          {done.value.text} {done.value.seq !== null && <SeqLink seq={done.value.seq} />}
        </p>
      )}
      <Section title={t.value.breakers}>
        <ActionList machine="circuitBreaker" actions={breakerActions} />
      </Section>
      <Section title={t.value.features}>
        <ActionList machine="feature" actions={featureActions} />
      </Section>
      <Section title={t.value.recovery}>
        <div class="actions">
          <Action label={t.value.actions.recover} action={{ type: 'recovery.requested' }} />
          <Action label={t.value.actions.recoverForce} action={{ type: 'recovery.requested', force: true }} isHarsh />
        </div>
      </Section>
      <Section title={t.value.deadLetters}>
        <DeadLetters />
      </Section>
    </div>
  );
}

function Token() {
  return (
    <form class="tokenEntry" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span class="label">{t.value.token}</span>
        <input
          type="password"
          autocomplete="off"
          value={token.value}
          placeholder={t.value.tokenHint}
          onInput={(event) => (token.value = event.currentTarget.value.trim())}
        />
      </label>
      <span class="note">{t.value.tokenNote}</span>
    </form>
  );
}

interface Possible {
  readonly label: string;
  readonly action: Readonly<Record<string, unknown>>;
  readonly isHarsh?: boolean;
}
const FORCE_MS = 15 * 60_000;
function breakerActions({ id, value }: ActorView): readonly Possible[] {
  const { actions } = t.value;
  const [state, of] = [pathOf(value), { breaker: id }];
  return [
    state === 'isolated'
      ? { label: actions.release, action: { type: 'operator.released', ...of } }
      : { label: actions.isolate, action: { type: 'operator.isolated', ...of }, isHarsh: true },
    state === 'disabled' || state === 'observing'
      ? { label: actions.enable, action: { type: 'operator.enabled', ...of } }
      : { label: actions.observe, action: { type: 'operator.observed', ...of }, isHarsh: true },
    { label: actions.reset, action: { type: 'operator.reset', ...of } },
  ];
}
function featureActions({ id, value }: ActorView): readonly Possible[] {
  const { actions } = t.value;
  const of = { feature: id.slice('feature:'.length) };
  if (/^forced/.test(pathOf(value))) return [{ label: actions.unforce, action: { type: 'operator.unforced', ...of } }];
  return [
    { label: actions.forceOn, action: { type: 'operator.forced', ...of, to: 'on', forMs: FORCE_MS } },
    { label: actions.forceOff, action: { type: 'operator.forced', ...of, to: 'off', forMs: FORCE_MS }, isHarsh: true },
  ];
}

function ActionList({ machine, actions }: { machine: string; actions: (view: ActorView) => readonly Possible[] }) {
  const views = moments.value.value?.groups.find((group) => group.machine === machine)?.actors ?? [];
  return (
    <ul class="operated">
      {[...views]
        .sort((a, b) => a.id.localeCompare(b.id))
        .map((view) => (
          <li key={view.id}>
            <bdi class="name">{visible(view.id)}</bdi>
            <StateChip machine={machine} state={pathOf(view.value)} />
            <div class="actions">
              {actions(view).map((possible) => (
                <Action key={possible.label} {...possible} subject={view.id} />
              ))}
            </div>
          </li>
        ))}
    </ul>
  );
}
function Action({ label, action, isHarsh = false, subject }: Possible & { subject?: string }) {
  return (
    <button
      type="button"
      class={isHarsh ? 'harsh' : ''}
      onClick={() => askToConfirm({ label, action, isHarsh, subject: subject ?? '' })}
    >
      {label}
    </button>
  );
}

const [SHOWN, RETRIED_MAX] = [20, 200];
/** The newest that nobody has tried again since. */
async function deadLetters(stop: AbortSignal): Promise<readonly Mark[]> {
  const [dead, retried] = await Promise.all([
    ask<MarksPage>('api/marks', { before: Number.MAX_SAFE_INTEGER, kinds: 'deadLetter', limit: 2 * SHOWN }, stop),
    ask<SearchPage>('api/search', { event: 'operator.retried', limit: RETRIED_MAX }, stop),
  ]);
  const isRetried = ({ seq, actor }: Mark): boolean =>
    retried.records.some((record) => record.seq > seq && record.message === messageOf(actor ?? ''));
  return dead.marks.filter((mark) => !isRetried(mark)).slice(0, SHOWN);
}

function DeadLetters() {
  const marks = useSignal<readonly Mark[]>([]);
  const since = Math.floor(arrivals.value / 20);
  useEffect(() => {
    const stop = new AbortController();
    deadLetters(stop.signal).then(
      (found) => (marks.value = found),
      () => undefined,
    );
    return () => stop.abort();
  }, [since, done.value]);
  if (marks.value.length === 0) return <p class="soft">{t.value.noDeadLetters}</p>;
  return (
    <ul class="operated">
      {marks.value.map(({ seq, at, actor, text }) => (
        <li key={seq}>
          <SeqLink seq={seq} /> <span class="soft">{dateAndTime(at, false)}</span>{' '}
          <bdi class="name">{visible(actor ?? '')}</bdi>
          <Told text={text} max={80} />
          {actor && (
            <div class="actions">
              <Action
                label={t.value.actions.retry}
                action={{ type: 'operator.retried', message: messageOf(actor) }}
                subject={actor}
              />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
/** `message:m7` → `m7` */
function messageOf(actor: string): string {
  return actor.replace(/^message:/, '').replace(/~\d+$/, '');
}
