import type { ComponentChildren } from 'preact';
import { ruleSentence } from '../state/data.js';
import * as place from '../state/place.js';
import { actor as chosenActor, find } from '../state/place.js';
import { t } from '../texts/locale.js';
import { visible } from './told.js';
import { type Tone, toneOf } from './tones.js';

export function Chip({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`chip ${tone}`}>{children}</span>;
}
export function StateChip({ machine, state }: { machine: string; state: string }) {
  return <Chip tone={toneOf(machine, state)}>{state}</Chip>;
}

/** A rule id; its sentence is told on hover and focus, and to a screen reader. */
export function Rule({ id }: { id: string }) {
  return (
    <button
      type="button"
      class="rule"
      data-rule={id}
      aria-label={`${id}: ${ruleSentence(id)}`}
      onClick={() => find({ rule: id })}
    >
      {id}
    </button>
  );
}

/** An actor's name; chooses it. */
export function ActorLink({ id, children }: { id: string; children?: ComponentChildren }) {
  return (
    <button type="button" class="link actor" aria-current={chosenActor.value === id} onClick={() => chooseActor(id)}>
      {children ?? <bdi>{visible(id)}</bdi>}
    </button>
  );
}
export function chooseActor(id: string): void {
  place.actor.value = id;
  if (place.view.peek() === 'map') place.view.value = 'chart';
}

/** The number of a record; goes to its moment. */
export function SeqLink({ seq, children }: { seq: number; children?: ComponentChildren }) {
  return (
    <button
      type="button"
      class="link seq"
      onClick={() => (place.moment.value = seq)}
      aria-label={t.value.goToRecord(String(seq))}
    >
      {children ?? `#${seq}`}
    </button>
  );
}
export function openMessage(id: string): void {
  [place.message.value, place.tab.value] = [id, 'message'];
}
export function MessageLink({ id }: { id: string }) {
  return (
    <button type="button" class="link" onClick={() => openMessage(id)}>
      <bdi>{visible(id)}</bdi>
    </button>
  );
}
