import { type Client, REFUSED_CHANNEL, type Reaction } from './clients.js';
import type { Kind, Platform, State } from './platform.js';
import type { Program } from './processes.js';
import { pause, START_MS, waitFor } from './waiting.js';
import { answerTo, type Told, type Word } from './words.js';

/** One client on one platform. */
export interface World {
  readonly client: Client;
  readonly platform: Platform;
  readonly program: Program;
  /** What the client has told so far. */
  readonly told: readonly Told[];
}
/** What was seen, in a few words; throws when it was not what it had to be. */
export interface Step {
  readonly name: string;
  readonly run: (world: World) => Promise<string>;
}

/** So long a client that takes no notice is watched. */
const QUIET_MS = 1_500;
const SETTLED_MS = 500;
const HEARTBEATS_MIN = 3;

export function stepsFor(client: Client): readonly Step[] {
  const { on } = client;
  return [
    { name: 'logs in and is READY', run: logIn },
    ...client.kinds.map((kind) => ({ name: `${kind} message answered`, run: (world: World) => converse(world, kind) })),
    { name: `${client.form.form} sent`, run: sendForm },
    { name: 'refusal seen as an error', run: beRefused },
    { name: 'heartbeats', run: beat },
    {
      name: `close 4009: ${on.close4009}`,
      run: (world) =>
        reconnect(world, on.close4009, () => world.platform.fault({ kind: 'dropConnection', closeCode: 4009 })),
    },
    {
      name: `op 7: ${on.reconnect}`,
      run: (world) => reconnect(world, on.reconnect, () => world.platform.frame({ op: 7 })),
    },
    {
      name: `connection lost: ${on.drop}`,
      run: (world) =>
        reconnect(world, on.drop, () => world.platform.fault({ kind: 'dropConnection', closeCode: 1006 })),
    },
    {
      name: `op 9: ${on.invalid}`,
      run: (world) => reconnect(world, on.invalid, () => world.platform.fault({ kind: 'invalidSession' })),
    },
    { name: 'still there', run: (world) => converse(world, 'guild') },
  ];
}

async function logIn({ platform, told, program }: World): Promise<string> {
  const from = performance.now();
  await waitFor(
    'the client to say that it is ready',
    () => alive(program) && told.some(({ type }) => type === 'ready'),
    START_MS,
  );
  await waitFor('one connection', async () => (await platform.state()).connected === 1);
  const { identifies } = await platform.state();
  if (identifies !== 1) throw new Error(`${identifies} IDENTIFYs for one log-in`);
  const asked = [...(await platform.routes())].map((route) => route.replace(/^\w+ /, ''));
  return `${Math.round(performance.now() - from)} ms; asked ${asked.join(', ')}`;
}

let tags = 0;
interface Written {
  readonly id: string;
  readonly tag: string;
}
/** By default in a chat of its own, so that no channel's pace is in the way. */
async function writeTo({ platform }: World, kind: Kind, word: Word, channelId?: string): Promise<Written> {
  tags += 1;
  const tag = `t${tags}`;
  const own = kind === 'group' || kind === 'c2c' ? openid(tags) : String(1_100_000 + tags);
  return { id: await platform.write(kind, channelId ?? own, `${word} ${tag}`), tag };
}

/** 32 hex digits in upper case, as the platform's are. */
function openid(n: number): string {
  return n.toString(16).toUpperCase().padStart(32, 'C0DE');
}

async function converse(world: World, kind: Kind): Promise<string> {
  const { platform, program } = world;
  const { id, tag } = await writeTo(world, kind, 'say');
  const reply = await platform.answer(`an answer to a ${kind} message`, id, () => alive(program));
  if (reply.content !== answerTo(tag)) throw new Error(`answered ${JSON.stringify(reply.content)}`);
  if (reply.kind !== kind) throw new Error(`answered in a ${reply.kind} chat`);
  return `${reply.form}, msg_seq ${reply.msgSeq ?? 'absent'}`;
}

async function sendForm(world: World): Promise<string> {
  const { platform, client, program } = world;
  const { kind, form } = client.form;
  const { id } = await writeTo(world, kind, 'form');
  const reply = await platform.answer(`the form ${form}`, id, () => alive(program));
  if (reply.form !== form) throw new Error(`a ${reply.form} came`);
  return `${reply.form} in a ${kind} chat`;
}

async function beRefused(world: World): Promise<string> {
  const { platform, client, program, told } = world;
  const { code, fault } = client.refusal;
  if (fault) await platform.fault(fault);
  await writeTo(world, 'guild', 'refuse', REFUSED_CHANNEL);
  const refusal = await waitFor('the client to see an error', () => {
    alive(program);
    return told.find((one) => one.type === 'refused');
  });
  await platform.clearFaults();
  if (refusal.code !== code) throw new Error(`seen as code ${refusal.code} (${refusal.text}), not ${code}`);
  return `code ${refusal.code}: ${refusal.text}`.slice(0, 60);
}

async function beat({ platform, program, client }: World): Promise<string> {
  const { heartbeats } = await waitFor(`${HEARTBEATS_MIN} heartbeats`, async () => {
    const state = await platform.state();
    return alive(program) && state.heartbeats >= HEARTBEATS_MIN && state;
  });
  return `${heartbeats} at an interval of ${client.heartbeatMs} ms`;
}

/** Strikes the connection; what is written meanwhile arrives when the session goes on. */
async function reconnect(world: World, reaction: Reaction, strike: () => Promise<void>): Promise<string> {
  const { platform, program, client } = world;
  const before = await platform.state();
  const from = performance.now();
  await strike();
  if (reaction === 'nothing') return takeNoNotice(world, before);
  const missed = reaction === 'RESUME' && !client.isTwofold ? await writeTo(world, 'guild', 'say') : null;
  const since = (now: State) => ({
    resumes: now.resumes - before.resumes,
    identifies: now.identifies - before.identifies,
  });
  const state = await waitFor(reaction, async () => {
    alive(program);
    const now = await platform.state();
    const { resumes, identifies } = since(now);
    return (reaction === 'RESUME' ? resumes : identifies) > 0 && now.connected > 0 && now;
  });
  await platform.clearFaults();
  const took = Math.round(performance.now() - from);
  const besides = since(state).identifies - (reaction === 'IDENTIFY' ? 1 : 0);
  if (besides > 0 && !client.isTwofold) throw new Error(`${besides} IDENTIFYs too many`);
  if (client.isTwofold) await settle(platform);
  if (missed) await platform.answer('an answer to what was missed', missed.id, () => alive(program));
  else await converse(world, 'guild');
  const cost = besides > 0 ? `, ${besides} IDENTIFY besides` : '';
  return `${reaction} after ${took} ms${cost}${missed ? '; what was missed was answered' : ''}`;
}

async function takeNoNotice(world: World, before: State): Promise<string> {
  await pause(QUIET_MS);
  const { identifies, resumes, connected } = await world.platform.state();
  if (identifies !== before.identifies || resumes !== before.resumes || connected !== 1)
    throw new Error('it did take notice');
  await converse(world, 'guild');
  return 'known defect: it takes no notice';
}

/** A storm of connections is over when for a while none has come. */
async function settle(platform: Platform): Promise<void> {
  let last = '';
  await waitFor('its connections to settle', async () => {
    const { identifies, resumes, connected } = await platform.state();
    const now = `${identifies} ${resumes} ${connected}`;
    if (connected > 0 && now === last) return true;
    last = now;
    await pause(SETTLED_MS);
    return false;
  });
}

/** A process that has ended answers nothing any more. */
function alive(program: Program): true {
  if (program.ended())
    throw new Error(`the client ${program.ended()}: ${program.said().trim().split('\n').slice(-5).join(' | ')}`);
  return true;
}
