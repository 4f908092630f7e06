import { describe, expect, test } from '@jest/globals';
import { createLogger } from '../../../src/adapters/process/logger.js';

function logged(
  write: (part: ReturnType<ReturnType<typeof createLogger>['part']>) => void,
  more: Partial<Parameters<typeof createLogger>[0]> = {},
  part = 'bot',
): string {
  let text = '';
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  const logger = createLogger({ level: 'info', parts: {}, format: 'json', destination, ...more });
  write(logger.part(part));
  logger.flush();
  return text;
}

describe('the log', () => {
  test.each(['secret', 'token', 'access_token', 'clientSecret', 'authorization'])(
    'masks the field %s wherever it stands',
    (field) => {
      const text = logged((log) =>
        log.info({ [field]: 'TOP', deep: { [field]: 'TOP', deeper: { [field]: 'TOP' } } }, 'hello'),
      );
      expect([text.includes('TOP'), text.includes('hello')]).toEqual([false, true]);
    },
  );

  test('masks a secret value in any text', () => {
    const text = logged((log) => log.error({ error: 'sent s3cr3t-value to QQ' }, 'with s3cr3t-value'), {
      secrets: ['s3cr3t-value'],
    });
    expect(text).not.toContain('s3cr3t-value');
    expect(text).toContain('sent *** to QQ');
  });

  test('has a level for each part', () => {
    const write = (log: Parameters<Parameters<typeof logged>[0]>[0]) => {
      log.debug({}, 'detail');
      log.info({}, 'news');
    };
    const levels = { level: 'warn', parts: { qq: 'debug' } };
    expect(logged(write, levels)).toBe('');
    expect(logged(write, levels, 'qq')).toMatch(/detail[\s\S]*news/);
  });

  test.each(['json', 'pretty'] as const)('[case W6] one line a record, whatever is told: %s', (format) => {
    const nasty = 'a\nINFO forged\r\n\u001b[2J\u009b31m\u2028\u2029\u202e\u2066\u0000\u007f\u0085z';
    const text = logged((log) => log.warn({ user: nasty, list: [nasty], err: new Error(nasty) }, `failed: ${nasty}`), {
      format,
    });
    expect(text.endsWith('\n')).toBe(true);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    expect(text).toContain('forged');
    if (format === 'json') expect((JSON.parse(text) as { user: string }).user).toBe(nasty);
  });

  test('writes for a person on a terminal', () => {
    expect(logged((log) => log.warn({ seq: 7 }, 'Gateway lost'), { format: 'pretty' })).toMatch(/WARN.*Gateway lost/);
  });
});
