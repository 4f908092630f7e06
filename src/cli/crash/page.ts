import { WebSocket } from 'ws';
import { storeOf } from '../../adapters/journal/storeOf.js';
import { readAnswer } from '../../base/unpack.js';

/** How often a page whose feed broke calls again; a browser's waits longer each time. */
const AGAIN_MS = 200;
/** Longest that an answer is waited for. */
const ANSWER_MS = 5_000;
/** Characters of one. */
const ANSWER_MAX = 20_000_000;

type Told = { readonly type: string; readonly seq?: number; readonly to?: number; readonly at?: number };

/**
 * What a browser with the inspector's page open does: follows the live feed, calls again where it stopped when it
 * breaks, and asks for the overview and for the moment. Remembers what it was told, so that it can be held against the
 * journal afterwards.
 */
export class Page {
  /** When the record of this seq was, as it was told. */
  readonly told = new Map<number, number>();
  private socket: WebSocket | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isOpen = false;
  private last = 0;

  constructor(private readonly address: string) {}

  /** The feed has said hello, and has not broken off. */
  get isLive(): boolean {
    return this.isOpen;
  }

  open(): void {
    if (this.socket !== null || this.timer !== null) return;
    const after = this.last > 0 ? `?after=${this.last}` : '';
    const socket = new WebSocket(`${this.address.replace('http', 'ws')}/api/live${after}`, {
      origin: this.address,
      perMessageDeflate: false,
    });
    this.socket = socket;
    socket.on('message', (text: Buffer) => this.hear(JSON.parse(text.toString()) as Told));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.isOpen = false;
      this.timer = setTimeout(() => {
        this.timer = null;
        this.open();
      }, AGAIN_MS);
    });
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const { socket } = this;
    this.socket = null;
    this.isOpen = false;
    socket?.terminate();
  }

  /** An operator's action; true: it was taken. */
  async act(token: string, action: object): Promise<boolean> {
    const headers = { 'content-type': 'application/json', origin: this.address, authorization: `Bearer ${token}` };
    return (await this.ask('operator', { method: 'POST', headers, body: JSON.stringify(action) })) === 200;
  }

  private hear({ type, seq, to, at }: Told): void {
    if (type === 'hello') {
      this.isOpen = true;
      this.last = seq ?? 0;
      for (const path of ['overview', 'moment?perGroup=50']) void this.ask(path, {});
    }
    if (type === 'gap') this.last = seq ?? this.last;
    if (type !== 'records' || to === undefined || at === undefined) return;
    this.last = to;
    this.told.set(to, at);
  }

  private async ask(path: string, init: RequestInit): Promise<number> {
    try {
      const answer = await fetch(`${this.address}/api/${path}`, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
      await readAnswer(answer, ANSWER_MAX);
      return answer.status;
    } catch {
      return 0; // the bot was killed meanwhile
    }
  }
}

/** How many of the records that a page was told are not, or are others, in the journal. */
export async function toldInVain({ told }: Page, journalPath: string): Promise<number> {
  const journal = await storeOf(journalPath).openReader();
  const missing = new Map(told);
  try {
    let seq = 0;
    for (let batch = await journal.read(seq, 1_000); batch.length > 0; batch = await journal.read(seq, 1_000)) {
      for (const record of batch) if (missing.get(record.seq) === record.at) missing.delete(record.seq);
      seq = batch.at(-1)?.seq ?? seq;
    }
  } finally {
    await journal.close();
  }
  return missing.size;
}
