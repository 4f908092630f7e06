import type { Fault, FaultRequest } from '../faults/faults.js';
import { CLOSE } from '../gateway/connection.js';
import type { GatewayServer } from '../gateway/gatewayServer.js';
import type { Platform } from '../platform.js';
import type { WebhookPush } from '../webhook/webhookPush.js';
import type { BotRequest, Controls, EventRequest, MessageRequest } from './controls.js';
import { BadRequest } from './readInput.js';
import { type Progress, Scenarios, type Step } from './scenario.js';

/** The controls of one platform with its gateway and its pushes. */
export class PlatformControls implements Controls {
  private readonly scenario: Scenarios<FaultRequest, MessageRequest, EventRequest>;
  private readonly callbacks = new Map<string, boolean>();

  constructor(
    private readonly platform: Platform,
    private readonly gateway: GatewayServer,
    private readonly push: WebhookPush,
  ) {
    const actions = {
      fault: (request: FaultRequest) => this.addFault(request),
      message: (request: MessageRequest) => this.message(request),
      event: (request: EventRequest) => this.event(request),
      frames: (raw: string) => this.frames(raw),
      clear: (id?: string) => void this.endFaults(id),
    };
    this.scenario = new Scenarios(actions, platform.options.timers);
  }

  message(request: MessageRequest): readonly string[] {
    return this.platform.post(request);
  }
  replies(since: number): unknown {
    return this.platform.ledger.repliesSince(since);
  }
  clearReplies(): void {
    this.platform.ledger.clearReplies();
  }
  calls(): unknown {
    return this.platform.ledger.allCalls();
  }
  state() {
    const { sessions } = this.platform;
    const { connected } = sessions;
    return {
      sessions: sessions.size,
      ...this.gateway.counts,
      connected: connected.length,
      bots: this.platform.bots.all().map(({ appId, id }) => ({
        appId,
        id,
        shards: connected.filter(({ bot }) => bot.appId === appId).map(({ shard }) => shard),
      })),
    };
  }
  addFault(request: FaultRequest): Fault {
    const fault = this.platform.faults.add(request);
    const { tokens } = this.platform;
    this.gateway.connectionFaults.added(fault, {
      connections: this.gateway.all(),
      expireTokens: (appId) => tokens.expire(appId),
    });
    return fault;
  }
  faults(): readonly Fault[] {
    return this.platform.faults.current();
  }
  endFaults(id?: string): boolean {
    return this.platform.faults.remove(id);
  }
  frames(raw: string, appId?: string): number {
    return this.gateway.sendRaw(raw, appId);
  }
  event({ event, d, eventId, intentBit, appId }: EventRequest): { readonly id: string; readonly d: object } {
    this.checkEvent({ event, d, intentBit });
    return this.platform.publishEvent(event, d, { eventId, intentBit, appId });
  }
  startScenario(steps: readonly object[]): Progress {
    const known = steps as readonly Step<FaultRequest, MessageRequest, EventRequest>[];
    for (const [index, { event }] of known.entries()) if (event) this.checkEvent(event, `steps.${index}.event.`);
    return this.scenario.start(known);
  }
  /** Whether it could be published. Throws BadRequest. */
  private checkEvent({ event, d, intentBit }: EventRequest, where = ''): void {
    if (d === undefined && event.endsWith('MESSAGE_CREATE'))
      throw new BadRequest(`${where}d: is missing; ${event} needs its whole body, or POST /sim/messages`);
    try {
      this.platform.intentOf(event, intentBit);
    } catch (error) {
      throw new BadRequest(where + (error as Error).message);
    }
  }
  scenarios(): readonly Progress[] {
    return this.scenario.all();
  }
  stopScenarios(id?: string): number {
    return this.scenario.stop(id);
  }
  interactions(): unknown {
    return this.platform.interactions.all();
  }
  bots(): readonly object[] {
    return this.platform.bots.all().map(({ appId }) => this.shown(appId));
  }
  /** A callback address is checked at once (op 13), and used only when the answer is right. */
  async addBot({ webhook, ...request }: BotRequest): Promise<object> {
    const secret = request.secret ?? this.platform.bots.find(request.appId)?.secret ?? null;
    if (webhook && secret === null) throw new BadRequest('secret: is needed for a webhook, which is signed with it');
    const { appId, state } = this.platform.bots.put({
      ...request,
      ...(webhook === undefined ? {} : { webhookUrl: null }),
    });
    if (state !== 'online') this.gateway.closeBot(appId, state === 'banned' ? CLOSE.banned : CLOSE.offline);
    if (webhook && secret !== null) {
      const isValid = await this.push.check({ appId, secret, url: webhook });
      this.callbacks.set(appId, isValid);
      if (isValid) this.platform.bots.put({ appId, webhookUrl: webhook });
    }
    return this.shown(appId);
  }
  pushes(): unknown {
    return this.push.pushes();
  }
  close(): void {
    this.scenario.stop();
    this.push.close();
  }

  /** Without the secret. */
  private shown(appId: string): object {
    const { secret: _kept, avatar: _none, webhookUrl, ...bot } = this.platform.bots.of(appId);
    return { ...bot, webhook: webhookUrl, isCallbackValid: this.callbacks.get(appId) ?? null };
  }
}
