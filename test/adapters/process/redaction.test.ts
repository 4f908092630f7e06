import { expect, test } from '@jest/globals';
import { createRedaction } from '../../../src/adapters/process/redaction.js';

const redact = createRedaction(['my-app-secret', 'quo"ted\nsecret', 'abc']);

test.each([
  ['a secret anywhere', 'x my-app-secret y my-app-secret', 'x *** y ***', 2],
  ['a secret as JSON writes it', JSON.stringify({ text: 'quo"ted\nsecret' }), '{"text":"***"}', 1],
  [
    'a field by its name',
    '{"clientSecret":"s3\\"x","access_token":"t","ref":"r"}',
    '{"clientSecret":"***","access_token":"***","ref":"r"}',
    2,
  ],
  [
    'what looks like a token',
    'Authorization: QQBot abcdefghijklmnop.qrs and Bearer ABCDEFGHIJKLMNOPQR==',
    'Authorization: QQBot *** and Bearer ***',
    2,
  ],
  [
    'ordinary words, and a secret too short to be one',
    'QQBot says abc; bearer of news',
    'QQBot says abc; bearer of news',
    0,
  ],
])('%s', (_what, text, clean, count) => {
  expect(redact(text)).toEqual({ text: clean, count });
  expect(redact(clean)).toEqual({ text: clean, count: 0 });
});
