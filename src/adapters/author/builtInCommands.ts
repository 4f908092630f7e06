import type { Form } from '../../machines/vocabulary/replies/forms.js';
import type { BreakerStatus, FeatureStatus, Status } from '../operator/status.js';
import type { HandlerContext } from './authorModule.js';

/** What the commands need of the bot. */
export interface Operations {
  status(): Status;
  /** ms since this process began. */
  uptimeMs(): number;
  /** Asks for a diagnosis (forced: a reset) and waits for its end, or for its deadline; then the status. */
  recover(by: string, force: boolean): Promise<Status>;
}
/** Texts of the commands, in one language. */
export interface CommandTexts {
  health(status: Status, uptimeMs: number): string;
  status(isAllWell: boolean): string;
  breaker(breaker: BreakerStatus): string;
  readonly featuresHead: string;
  feature(feature: FeatureStatus): string;
  found(status: Status): string;
  readonly recovered: string;
  readonly testRetry: string;
  readonly descriptions: Readonly<Record<'health' | 'status' | 'features' | 'recover' | 'test-retry', string>>;
}
export interface BuiltInCommand {
  readonly name: string;
  readonly description: string;
  readonly admin: boolean;
  run(ctx: HandlerContext, args: readonly string[]): Form | Promise<Form>;
}

/** Calls that `!test-retry` fails on purpose before the real one. */
export const REHEARSALS = 2;

/** The commands that every bot has; an author's command of the same name takes its place. */
export function builtInCommands(operations: Operations, texts: CommandTexts): readonly BuiltInCommand[] {
  const { descriptions } = texts;
  const says = (text: string): Form => ({ text, embed: true });
  return [
    {
      name: 'health',
      description: descriptions.health,
      admin: false,
      run: () => says(texts.health(operations.status(), operations.uptimeMs())),
    },
    {
      name: 'status',
      description: descriptions.status,
      admin: false,
      run: () => {
        const { isAllWell, breakers } = operations.status();
        return says([texts.status(isAllWell), ...breakers.map((breaker) => texts.breaker(breaker))].join('\n'));
      },
    },
    {
      name: 'features',
      description: descriptions.features,
      admin: false,
      run: () => says([texts.featuresHead, ...operations.status().features.map((f) => texts.feature(f))].join('\n')),
    },
    {
      name: 'recover',
      description: descriptions.recover,
      admin: true,
      run: async (ctx, args) => {
        const force = args[0] === 'force';
        const status = await operations.recover(ctx.message.id, force);
        return says(force ? texts.recovered : texts.found(status));
      },
    },
    {
      name: 'test-retry',
      description: descriptions['test-retry'],
      admin: true,
      run: () => ({ ...says(texts.testRetry), rehearsals: REHEARSALS }),
    },
  ];
}
