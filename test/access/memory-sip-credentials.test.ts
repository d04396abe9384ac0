import assert from 'node:assert/strict';
import { MemorySipCredentials } from '../../server/access/memory-sip-credentials.ts';
import { epochMs } from '../../server/base/time.ts';
import { HandClock } from './hand-clock.ts';
import { alice, ATLAS } from './people.ts';

const HOUR = 3_600_000;
const AGENT = { kind: 'agent', userId: alice.userId, tenantId: ATLAS } as const;
const GUEST = { kind: 'guest', tenantId: ATLAS } as const;

describe('MemorySipCredentials', () => {
  let clock: HandClock;
  let credentials: MemorySipCredentials;
  beforeEach(() => {
    clock = new HandClock();
    credentials = new MemorySipCredentials({ realm: 'allo.test', clock: clock.read, most: { agent: 40, guest: 3 } });
  });

  const inHours = (hours: number) => epochMs(clock.now + hours * HOUR);

  it('mints a random name and password that say what they are for', async () => {
    const [first, second] = [await credentials.mint(AGENT, inHours(1)), await credentials.mint(AGENT, inHours(1))];
    assert.match(first.username, /^a-[0-9a-f]{8}$/);
    assert.match((await credentials.mint(GUEST, inHours(1))).username, /^g-[0-9a-f]{8}$/);
    assert.equal(Buffer.from(first.password, 'base64url').length, 24);
    assert.notEqual(first.username, second.username);
    assert.notEqual(first.password, second.password);
    assert.equal(first.realm, 'allo.test');
  });

  it('is found under its name, with whom it speaks for', async () => {
    const minted = await credentials.mint(AGENT, inHours(1));
    assert.deepEqual(await credentials.find(minted.username), minted);
    assert.deepEqual((await credentials.find(minted.username))?.principal, AGENT);
    assert.equal(await credentials.find('a-unknown'), undefined);
  });

  it('expires with the session, at most after 12 h for an agent and 1 h for a guest', async () => {
    assert.equal((await credentials.mint(AGENT, inHours(3))).expiresAt, inHours(3));
    assert.equal((await credentials.mint(AGENT, inHours(48))).expiresAt, inHours(12));
    assert.equal((await credentials.mint(GUEST, inHours(48))).expiresAt, inHours(1));
  });

  it('is not found any more once it has expired, and is forgotten', async () => {
    const { username } = await credentials.mint(GUEST, inHours(1));
    clock.advance(HOUR);
    assert.equal(await credentials.find(username), undefined);
    assert.equal(credentials.size, 0);
  });

  it('is not found any more once it is revoked', async () => {
    const { username } = await credentials.mint(AGENT, inHours(1));
    await credentials.revoke(username);
    assert.equal(await credentials.find(username), undefined);
  });

  it('ends with the browser session that it was minted for, and no other', async () => {
    const own = await credentials.mint(AGENT, inHours(1), 'session-1');
    const other = await credentials.mint(AGENT, inHours(1), 'session-2');
    await credentials.revokeSession('session-1');
    assert.equal(await credentials.find(own.username), undefined);
    assert.deepEqual((await credentials.find(other.username))?.username, other.username);
  });

  it('keeps sixteen per session: the oldest gives way', async () => {
    const minted = [];
    for (let n = 0; n < 17; n += 1) minted.push(await credentials.mint(AGENT, inHours(1), 'session-1'));
    assert.equal(credentials.size, 16);
    assert.equal(await credentials.find(minted[0]?.username ?? ''), undefined);
    assert.ok(await credentials.find(minted[1]?.username ?? ''));
  });

  it('mints no more guests than may call at once, without a loss to agents, until some have expired', async () => {
    for (let n = 0; n < 3; n += 1) await credentials.mint(GUEST, inHours(1));
    await assert.rejects(credentials.mint(GUEST, inHours(1)), { code: 'access.too-many-credentials', retryable: true });
    await credentials.mint(AGENT, inHours(1));
    clock.advance(HOUR);
    await credentials.mint(GUEST, inHours(1));
  });
});
