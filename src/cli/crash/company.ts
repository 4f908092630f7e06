import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { operatorTokenFile, readOperatorToken } from '../../adapters/operator/http/operatorToken.js';
import { pause, until } from '../world/childBot.js';
import { Page } from './page.js';

const JOURNAL = fileURLToPath(new URL('../journal.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
/** How long the foreign API takes for its answer. */
const SHOP_MS = 400;
/** How long is waited for the page to be live, and for all that is to be under way at a kill. */
const PAGE_MS = 20_000;
const BUSY_MS = 5_000;
/** What an operator does, in turn; none of it changes what becomes of a message. */
const ACTIONS = [
  { type: 'recovery.requested', force: false },
  { type: 'operator.forced', feature: 'fileUploads', to: 'on', forMs: 3_600_000 },
  { type: 'operator.unforced', feature: 'fileUploads' },
] as const;

/**
 * Who is there beside the users: a page that is open, its operator, a command that reads the journal, a foreign API.
 */
export class Company {
  /**
   * Kills while the page's feed was open; and of all kills what was under way or had been done in the life that they
   * ended.
   */
  readonly atKills = { pages: 0, operations: 0, readings: 0, externals: 0, uploads: 0 };
  /** Readings of the journal that ended otherwise than with 0. */
  readingsFailed = 0;
  readonly page: Page;
  private readonly asked = new Set<ServerResponse>();
  private readonly readers = new Set<ChildProcess>();
  private readonly inLife = { operations: 0, readings: 0 };
  private turn = 0;

  private constructor(
    private readonly shop: Server,
    private readonly uploads: () => number,
    private readonly journalPath: string,
    readonly http: string,
    readonly inspector: string,
  ) {
    this.page = new Page(`http://${inspector}`);
    shop.on('request', (_request, response: ServerResponse) => this.sell(response));
  }

  /** Listens as the foreign API, and finds two addresses for the bot that stay the same in all its lives. */
  static async gather(journalPath: string, uploads: () => number): Promise<Company> {
    const shop = createServer();
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    return new Company(shop, uploads, journalPath, await freeAddress(), await freeAddress());
  }

  get shopUrl(): string {
    return `http://127.0.0.1:${(this.shop.address() as AddressInfo).port}/`;
  }

  /** The page is opened, a command reads the journal, and the operator acts. */
  async come(): Promise<void> {
    this.page.open();
    await until('the page', PAGE_MS, () => this.page.isLive).catch(() => undefined);
    this.read();
    await this.operate();
  }
  /** Until a foreign API and an upload have been asked and have not answered. */
  async busy(): Promise<void> {
    const isBusy = (): boolean => this.asked.size > 0 && this.uploads() > 0;
    await until('an external call and an upload', BUSY_MS, isBusy, 1).catch(() => undefined);
  }
  /** Just before a kill. */
  countKill(): void {
    const { atKills, inLife, asked } = this;
    atKills.pages += this.page.isLive ? 1 : 0;
    atKills.operations += inLife.operations;
    atKills.readings += inLife.readings;
    atKills.externals += asked.size;
    atKills.uploads += this.uploads();
    Object.assign(inLife, { operations: 0, readings: 0 });
  }
  /** Once every command has read. */
  async leave(): Promise<void> {
    this.page.close();
    await until('the readers', PAGE_MS, () => this.readers.size === 0);
  }
  close(): void {
    this.page.close();
    for (const reader of this.readers) reader.kill('SIGKILL');
    this.shop.closeAllConnections();
    this.shop.close();
  }

  /** As the page does it: through the inspector, from its own origin, with the operator's token. */
  private async operate(): Promise<void> {
    const token = readOperatorToken(operatorTokenFile(this.journalPath));
    const action = ACTIONS[this.turn % ACTIONS.length] as object;
    this.turn += 1;
    if (token !== null && (await this.page.act(token, action))) this.inLife.operations += 1;
  }
  private read(): void {
    const reader = spawn(process.execPath, ['--import', TSX, JOURNAL, 'info', this.journalPath], { stdio: 'ignore' });
    this.readers.add(reader);
    this.inLife.readings += 1;
    reader.once('exit', (code) => {
      this.readers.delete(reader);
      if (code !== 0) this.readingsFailed += 1;
    });
  }
  private sell(response: ServerResponse): void {
    this.asked.add(response);
    response.once('close', () => this.asked.delete(response));
    void pause(SHOP_MS).then(() => response.end('sold'));
  }
}

async function freeAddress(): Promise<string> {
  const server = createNetServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}
