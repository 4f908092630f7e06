import type { SystemState } from '../../../actors/step/state.js';
import type { Stepped } from '../bot/bot.js';
import type { Census } from './census.js';
import { contextIn } from './contexts.js';
import type { Fail } from './violation.js';

const VERDICTS = ['answered', 'silent', 'refused', 'deadLettered', 'uncertain'] as const;
type Verdict = (typeof VERDICTS)[number];
const RULE = '[core 28] the account';

/** An account of its own, by what became of the message actors, held against the intake's after each record. */
export class Account {
  private births = 0;
  private retries = 0;
  private byBots = 0;
  private readonly living = new Set<string>();
  private readonly ended: { [verdict in Verdict]: number } = {
    answered: 0,
    silent: 0,
    refused: 0,
    deadLettered: 0,
    uncertain: 0,
  };

  constructor(private readonly fail: Fail) {}

  get totals(): Readonly<Record<Verdict, number>> {
    return this.ended;
  }

  take({ record }: Stepped, state: SystemState, census: Census): void {
    const { fact, steps } = record;
    let moved = fact.type === 'message.received';
    if (fact.type === 'message.received' && fact.message.author.bot) this.byBots += 1;
    for (const { actor, from, to, event } of steps) {
      if (!actor.startsWith('message:')) continue;
      moved = true;
      if (from === null && to !== null) this.born(actor);
      else if (from !== null && to === null) this.end(actor, isReplyOut(actor, steps) ? 'uncertain' : 'deadLettered');
      else if (typeof to === 'string' && isVerdict(to) && from !== to) this.end(actor, to);
      else if (to === null && event !== 'mention.told') this.fail(RULE, `${actor} was never born`);
    }
    if (moved) this.check(state, census);
  }

  check(state: SystemState, census: Census): void {
    const intake = contextIn(state, 'intake', 'intake');
    if (!intake) return;
    const received = this.births + this.byBots - this.retries;
    const pairing = census.count('message', 'pairing');
    // A message handled again counts once: as in hand, no longer as a dead letter.
    if (intake.received + pairing !== received)
      this.fail(RULE, `received ${intake.received} and ${pairing} pairing, by ours ${received}`);
    for (const verdict of VERDICTS) {
      const ours =
        this.ended[verdict] +
        (verdict === 'refused' ? this.byBots : 0) -
        (verdict === 'deadLettered' ? this.retries : 0);
      if (intake.ended[verdict] !== ours) this.fail(RULE, `${verdict} ${intake.ended[verdict]}, by ours ${ours}`);
    }
    const sum = VERDICTS.reduce((all, verdict) => all + intake.ended[verdict], intake.inHand);
    if (sum !== intake.received) this.fail(RULE, `received ${intake.received}, ended and in hand ${sum}`);
    if (this.living.size !== census.countAll('message'))
      this.fail(RULE, `${this.living.size} have not ended, ${census.countAll('message')} live`);
  }

  private born(actor: string): void {
    this.births += 1;
    if (actor.includes('~')) this.retries += 1;
    if (this.living.has(actor)) this.fail(RULE, `${actor} is born twice`);
    this.living.add(actor);
  }
  private end(actor: string, verdict: Verdict): void {
    if (!this.living.delete(actor)) this.fail(RULE, `${actor} ends twice`);
    this.ended[verdict] += 1;
  }
}

/** States of a reply that is perhaps seen: when its message is taken out, nobody knows what became of it. */
const OUT: readonly unknown[] = ['sending', 'doubting', 'awaitingReading', 'reading', 'unsettled', 'underAudit'];

function isReplyOut(message: string, steps: Stepped['record']['steps']): boolean {
  const replies = `${message.replace('message:', 'delivery:')}.`;
  return steps.some(({ actor, from, to }) => actor.startsWith(replies) && to === null && OUT.includes(from));
}

function isVerdict(state: string): state is Verdict {
  return (VERDICTS as readonly string[]).includes(state);
}
