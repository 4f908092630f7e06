import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Fact } from '../../../src/actors/ports.js';
import { createSystemClock } from '../../../src/adapters/process/systemClock.js';
import { createCalls } from '../../../src/adapters/qq/calls/calls.js';
import { FILE_MAX, UPLOADS_MAX, Uploads } from '../../../src/adapters/qq/calls/pictures.js';
import { createRecall, RecallRefused } from '../../../src/adapters/qq/calls/recall.js';
import { createOpenApi } from '../../../src/adapters/qq/http/openApi.js';
import { encodeReply, type Reply } from '../../../src/adapters/qq/wire/encode.js';
import type { Place } from '../../../src/machines/vocabulary/base.js';
import { type Answer, answerJson, startLocalServer } from './localServer.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const guild: Place = { kind: 'guild', guildId: 'g1', channelId: 'c1' };
const direct: Place = { kind: 'direct', guildId: 'd1', channelId: 'c2' };
const group: Place = { kind: 'group', guildId: '', channelId: 'B1' };
const c2c: Place = { kind: 'c2c', guildId: '', channelId: 'U1' };
const base: Reply = { place: guild, msgId: 'm1', rung: 'text', form: { text: 'hello', embed: false }, late: false };
const buttons = [
  { label: 'Yes', command: '!yes' },
  { label: 'No', command: '!no', quiet: true as const },
];

describe('forms on the wire', () => {
  test('a group gets msg_type, the key and no embed', () => {
    expect(encodeReply({ ...base, place: group, seq: 3 })).toEqual({
      msg_id: 'm1',
      msg_type: 0,
      msg_seq: 3,
      content: 'hello',
    });
  });
  test('an interaction is answered by its event', () => {
    expect(encodeReply({ ...base, place: c2c, event: 'INTERACTION_CREATE:1', seq: 1 })).toEqual({
      event_id: 'INTERACTION_CREATE:1',
      msg_type: 0,
      msg_seq: 1,
      content: 'hello',
    });
  });
  test('Markdown and buttons; a quiet button is a callback', () => {
    const body = encodeReply({
      ...base,
      place: group,
      rung: 'keyboard',
      form: { text: 'hello', embed: false, markdown: '# hello', buttons },
    });
    expect(body).toMatchObject({ msg_type: 2, markdown: { content: '# hello' } });
    const actions = body.keyboard?.content.rows[0]?.buttons.map((button) => (button as { action: object }).action);
    expect(actions).toMatchObject([
      { type: 2, data: '!yes', enter: true },
      { type: 1, data: '!no' },
    ]);
    expect(actions?.[1]).not.toHaveProperty('enter');
  });
  test('a card', () => {
    const ark = {
      template: 23,
      values: [
        { key: '#DESC#', value: 'd' },
        { key: '#LIST#', rows: [[{ key: 'desc', value: 'one' }]] },
      ],
    };
    const wanted = {
      template_id: 23,
      kv: [
        { key: '#DESC#', value: 'd' },
        { key: '#LIST#', obj: [{ obj_kv: [{ key: 'desc', value: 'one' }] }] },
      ],
    };
    const form = { text: 'hello', embed: false, ark };
    expect(encodeReply({ ...base, rung: 'ark', form })).toEqual({ msg_id: 'm1', ark: wanted });
    expect(encodeReply({ ...base, place: group, rung: 'ark', form })).toEqual({
      msg_id: 'm1',
      msg_type: 3,
      msg_seq: 1,
      ark: wanted,
    });
  });
  test('an embed shows a picture as its thumbnail', () => {
    expect(
      encodeReply({ ...base, rung: 'embed', form: { text: 't', embed: true, image: 'https://p/a.png' } }).embed,
    ).toMatchObject({
      thumbnail: { url: 'https://p/a.png' },
      fields: [{ name: 't' }],
    });
  });
  test('what a form cannot carry is said in its text', () => {
    const form = { text: 'hello', embed: false, imageFile: '/tmp/deep/cat.png', buttons };
    expect(encodeReply({ ...base, form }).content).toBe('hello\n1. Yes: !yes\n2. No: !no\n[cat.png]');
  });
  test('quotes by the id in a guild, by the index elsewhere, and not at all without one', () => {
    const form = { ...base.form, quote: true as const };
    expect(encodeReply({ ...base, form }).message_reference).toEqual({
      message_id: 'm1',
      ignore_get_message_error: true,
    });
    expect(encodeReply({ ...base, place: group, form, index: 'REFIDX_a' }).message_reference?.message_id).toBe(
      'REFIDX_a',
    );
    expect(encodeReply({ ...base, place: group, form }).message_reference).toBeUndefined();
    expect(encodeReply({ ...base, form, event: 'e' }).message_reference).toBeUndefined();
  });
  test('without links it says so, in both languages; a bare domain is a link too', () => {
    const form = { text: 'see https://a.example.com/x?y=1, example.cn/z 和 www.b.io。v1.2 e.g. ok', embed: false };
    expect(encodeReply({ ...base, form, without: ['links'] }).content).toBe(
      'see [link], [link] 和 [link]。v1.2 e.g. ok\n(Links were left out: QQ does not let this bot send them.)',
    );
    expect(encodeReply({ ...base, form, without: ['links'] }, 'zh').content).toContain('[链接]');
  });
  test('without everyone nobody is called', () => {
    expect(
      encodeReply({ ...base, form: { text: '@everyone <@everyone>', embed: false }, without: ['everyone'] }).content,
    ).not.toMatch(/@everyone/);
  });
  test('a part of a long text is numbered', () => {
    expect(encodeReply({ ...base, part: { number: 2, of: 3, text: 'middle\n' } }).content).toBe('(2/3) middle');
  });
});

async function calls(answer: Answer) {
  const server = await startLocalServer(answer);
  const openApi = createOpenApi({
    baseUrl: server.url,
    appId: '1',
    tokens: { current: () => 't' },
    timeoutMs: 1_000,
    clock: createSystemClock(),
  });
  cleanUps.push(
    () => server.close(),
    () => openApi.close(),
  );
  let now = 0;
  const uploads = new Uploads(() => now);
  const performers = createCalls({ openApi, uploads, now: () => 0 });
  const perform = async (type: 'call.start' | 'picture.upload', changes: object): Promise<Fact> => {
    const facts: Fact[] = [];
    const effect = { type, id: 'e', actor: 'd', ...base, ...changes, attempt: 1, timeoutMs: 1_000 };
    await performers[type](effect as never, (fact) => facts.push(fact));
    return facts[0]!;
  };
  /** As a delivery does it: a picture that is not there is uploaded, and what failed is not sent. */
  const send = async (changes: Partial<Reply>): Promise<Fact> => {
    const sent = await perform('call.start', changes);
    if (!('upload' in sent)) return sent;
    expect(sent).toMatchObject({ type: 'call.failed', class: 'local', code: 'NOT_UPLOADED', status: null });
    const uploaded = await perform('picture.upload', { ...changes, picture: changes.form });
    return uploaded.type === 'call.failed' ? uploaded : perform('call.start', changes);
  };
  return { server, openApi, send, uploads, performers, advance: (ms: number) => (now += ms) };
}
function file(bytes: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-picture-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'cat 猫.png'), bytes);
  return join(folder, 'cat 猫.png');
}
const picture = { rung: 'image' as const, form: { text: 'look', embed: false, image: 'https://p/a.png' } };
const uploading: Answer = (response, heard, hits) =>
  answerJson(200, heard.path.endsWith('/files') ? { file_uuid: 'u', file_info: 'INFO', ttl: 120 } : { id: 'r1' })(
    response,
    heard,
    hits,
  );

describe('pictures', () => {
  test('a guild gets the address; a group gets an upload, once while it lasts', async () => {
    const { server, send, advance } = await calls(uploading);
    await send(picture);
    for (const place of [group, group, c2c]) await send({ ...picture, place });
    advance(61_000);
    await send({ ...picture, place: group });
    expect(server.heard.map(({ path }) => path)).toEqual([
      '/channels/c1/messages',
      '/v2/groups/B1/files',
      '/v2/groups/B1/messages',
      '/v2/groups/B1/messages',
      '/v2/users/U1/files',
      '/v2/users/U1/messages',
      '/v2/groups/B1/files',
      '/v2/groups/B1/messages',
    ]);
    expect(JSON.parse(server.heard[1]!.body)).toEqual({ file_type: 1, url: 'https://p/a.png', srv_send_msg: false });
    expect(JSON.parse(server.heard[2]!.body)).toEqual({
      msg_id: 'm1',
      msg_type: 7,
      msg_seq: 1,
      content: 'look',
      media: { file_info: 'INFO' },
    });
  });
  test('from disk they go as a form to a guild, as base64 to a group', async () => {
    const { server, send } = await calls(uploading);
    const form = { text: 'look', embed: false, imageFile: file(Buffer.from('PNG')) };
    expect(await send({ rung: 'image', form })).toMatchObject({ type: 'call.succeeded', messageId: 'r1' });
    expect(server.heard[0]!.body).toContain('name="file_image"; filename="cat__.png"');
    expect(server.heard[0]!.body).toContain('name="msg_id"\r\n\r\nm1');
    await send({ rung: 'image', form, place: group });
    expect(JSON.parse(server.heard[1]!.body)).toMatchObject({ file_data: Buffer.from('PNG').toString('base64') });
  });
  test('[limit pictureFile] a file that is not there or too large is no fault of QQ', async () => {
    const { server, send } = await calls(uploading);
    const form = { text: 'look', embed: false };
    for (const imageFile of ['/nowhere/cat.png', '/dev/zero', file(Buffer.alloc(FILE_MAX + 1))])
      expect(await send({ rung: 'image', form: { ...form, imageFile } })).toMatchObject({
        type: 'call.failed',
        class: 'local',
        code: 'FILE_UNREADABLE',
      });
    expect(server.heard).toEqual([]);
  });
  test.each([
    ['refused', answerJson(400, { code: 850019, message: 'format' }), { class: 'rejectedForm', code: 850019 }],
    ['failing', answerJson(500, { code: 850026, message: 'download' }), { class: 'transient', code: 850026 }],
    ['without a reference', answerJson(200, { file_uuid: 'x' }), { class: 'transient', code: 'BAD_UPLOAD' }],
  ])('an upload that is %s is never a message that may be there', async (_, answer, expected) => {
    const { send } = await calls(answer);
    expect(await send({ ...picture, place: group })).toMatchObject({ type: 'call.failed', ...expected });
  });
  test('304080: a reference that QQ has forgotten is made anew', async () => {
    let refuse = true;
    const { server, send } = await calls((response, heard, hits) =>
      refuse && heard.path.endsWith('/messages')
        ? answerJson(400, { code: 304080, message: 'file_info' })(response, heard, hits)
        : uploading(response, heard, hits),
    );
    expect(await send({ ...picture, place: group })).toMatchObject({ class: 'rejectedForm', code: 304080 });
    refuse = false;
    await send({ ...picture, place: group });
    expect(server.heard.filter(({ path }) => path.endsWith('/files'))).toHaveLength(2);
  });
  test('[limit uploads] the oldest upload is made anew', async () => {
    const { server, send } = await calls(uploading);
    const withImage = (n: number) => ({ ...picture.form, image: `https://p/${n}.png` });
    for (let i = 0; i <= UPLOADS_MAX; i += 1) await send({ ...picture, place: group, form: withImage(i) });
    const before = server.heard.length;
    await send({ ...picture, place: group, form: withImage(UPLOADS_MAX) });
    await send({ ...picture, place: group, form: withImage(0) });
    expect(server.heard.slice(before).map(({ path }) => path.split('/').at(-1))).toEqual([
      'messages',
      'files',
      'messages',
    ]);
  });
  test('are forgotten when caches are cleared', async () => {
    const { server, send, uploads } = await calls(uploading);
    await send({ ...picture, place: group });
    uploads.clear();
    await send({ ...picture, place: group });
    expect(server.heard.filter(({ path }) => path.endsWith('/files'))).toHaveLength(2);
  });
});

describe('audits, interactions, recall', () => {
  test.each([202, 200])('304023 with status %i is accepted and names its audit', async (status) => {
    const { send } = await calls(
      answerJson(status, { code: 304023, message: 'x', data: { message_audit: { audit_id: 'a1' } } }),
    );
    expect(await send({})).toMatchObject({
      type: 'call.succeeded',
      class: 'underAudit',
      auditId: 'a1',
      messageId: null,
    });
  });
  test.each([
    [200, ''],
    [204, ''],
    [200, '{}'],
  ])('an interaction is acknowledged by %i %j', async (status, body) => {
    const { server, performers } = await calls((response) =>
      response.writeHead(status).end(status === 204 ? undefined : body),
    );
    const facts: Fact[] = [];
    const effect = {
      type: 'interaction.acknowledge' as const,
      id: 'e',
      actor: 'interaction:i',
      interaction: 'i/1',
      timeoutMs: 500,
    };
    await performers['interaction.acknowledge'](effect, (fact) => facts.push(fact));
    expect(server.heard[0]).toMatchObject({ method: 'PUT', path: '/interactions/i%2F1', body: '{"code":0}' });
    expect(facts).toMatchObject([{ type: 'call.succeeded', effectId: 'e' }]);
  });
  test.each<[string, Place, string]>([
    ['guild', guild, '/channels/c1/messages/x%2F1?hidetip=true'],
    ['direct', direct, '/dms/d1/messages/x%2F1?hidetip=true'],
    ['group', group, '/v2/groups/B1/messages/x%2F1'],
    ['c2c', c2c, '/v2/users/U1/messages/x%2F1'],
  ])('recall in a %s', async (_, place, path) => {
    const { server, openApi } = await calls((response) => response.writeHead(200).end());
    await createRecall(openApi)(place, 'x/1', { hideTip: true });
    expect(server.heard[0]).toMatchObject({ method: 'DELETE', path });
  });
  test('a refused recall tells the code', async () => {
    const { openApi } = await calls(answerJson(400, { code: 40064004, message: 'too late' }));
    await expect(createRecall(openApi)(group, 'x')).rejects.toThrow(new RecallRefused(40064004, 400));
  });
});
