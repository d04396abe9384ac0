import assert from 'node:assert/strict';
import { epochMs } from '../../server/base/time.ts';
import { asId, type UserId } from '../../server/model/ids.ts';
import { sipUri, type SipUri } from '../../server/sip/headers/request-uri.ts';
import { Bindings } from '../../server/sip/registrar/bindings.ts';
import { Registrar } from '../../server/sip/registrar/registrar.ts';
import type { RegistrarReply } from '../../server/sip/registrar/registrar-reply.ts';
import { answerChallenge } from './support/digest-client.ts';
import { ALICE, FakeCredentials } from './support/fake-credentials.ts';
import { fakeRequest, type FakeRequestOptions } from './support/fake-request.ts';

const ALICE_ID = asId<UserId>('alice');

function setUp(limits: { maxTotal?: number; maxPerUser?: number } = {}) {
  const time = { now: 1_000_000 };
  const clock = () => epochMs(time.now);
  const credentials = new FakeCredentials();
  credentials.add('a1', ALICE);
  const bindings = new Bindings({ clock, ...limits });
  const registrar = new Registrar({ realm: 'allo', credentials, bindings, clock });
  let cseq = 0;
  let nc = 0;
  let lastChallenge = '';

  const send = (headers: Record<string, string>, over: FakeRequestOptions = {}): Promise<RegistrarReply> => {
    cseq += 1;
    return registrar.register(fakeRequest({
      method: 'REGISTER', uri: 'sip:allo', ...over,
      headers: { To: '<sip:a1@allo>', From: '<sip:a1@allo>;tag=1', 'Call-ID': 'reg-1', CSeq: `${cseq} REGISTER`, ...headers },
    }));
  };
  const challenge = async (protocol = 'ws'): Promise<string> => {
    const reply = await send({}, { protocol });
    assert.equal(reply.status, 401);
    lastChallenge = reply.content.headers?.['WWW-Authenticate'] ?? '';
    nc = 0;
    return lastChallenge;
  };
  const register = async (headers: Record<string, string> = {}, over: FakeRequestOptions & { username?: string } = {}): Promise<RegistrarReply> => {
    if (lastChallenge === '') await challenge();
    const username = over.username ?? 'a1';
    nc += 1;
    const Authorization = answerChallenge({ challenge: lastChallenge, username, password: `${username}-password`, nc });
    return send({ Authorization, Contact: '<sip:x@tab1.invalid;transport=ws>;expires=300', To: `<sip:${username}@allo>`, ...headers }, over);
  };
  return { time, credentials, bindings, registrar, send, challenge, register };
}

describe('Registrar', () => {
  describe('given a client without credentials', () => {
    for (const [protocol, algorithm] of [['ws', 'MD5'], ['wss', 'MD5'], ['tcp', 'SHA-256'], ['udp', 'SHA-256']] as const) {
      it(`asks for ${algorithm} over ${protocol}, and registers a client that answers`, async () => {
        const { challenge, send, bindings } = setUp();
        const asked = await challenge(protocol);
        assert.match(asked, new RegExp(`^Digest realm="allo", nonce="[\\w-]+", algorithm=${algorithm}, qop="auth"$`));
        const Authorization = answerChallenge({ challenge: asked, username: 'a1', password: 'a1-password' });
        const reply = await send({ Authorization, Contact: '<sip:x@tab1.invalid>' }, { protocol });
        assert.equal(reply.status, 200);
        assert.equal(bindings.listByAgent(ALICE_ID).length, 1);
      });
    }
    it('takes SHA-256 from a browser that can (RFC 8760)', async () => {
      const { challenge, send } = setUp();
      const stronger = (await challenge()).replace('MD5', 'SHA-256');
      const Authorization = answerChallenge({ challenge: stronger, username: 'a1', password: 'a1-password' });
      assert.equal((await send({ Authorization, Contact: '<sip:x@tab1.invalid>' })).status, 200);
    });
  });

  describe('given wrong credentials', () => {
    it('answers an unknown user, a wrong password and an expired credential alike', async () => {
      const { challenge, send, credentials, bindings } = setUp();
      credentials.add('old', ALICE, epochMs(999_999));
      const shape = async (username: string, password: string): Promise<unknown> => {
        const Authorization = answerChallenge({ challenge: await challenge(), username, password });
        const reply = await send({ Authorization, To: `<sip:${username}@allo>`, Contact: '<sip:x@t.invalid>' });
        return { ...reply, content: { headers: { 'WWW-Authenticate': reply.content.headers?.['WWW-Authenticate']?.replace(/nonce="[^"]+"/g, 'nonce') } } };
      };
      const wrong = await shape('a1', 'guess');
      assert.deepEqual(wrong, { ...(wrong as RegistrarReply), status: 401, outcome: 'denied' });
      assert.deepEqual(await shape('nobody', 'guess'), wrong);
      assert.deepEqual(await shape('old', 'old-password'), wrong);
      assert.equal(bindings.size, 0);
    });
    it('refuses a replayed request, without asking for the password again', async () => {
      const { challenge, send } = setUp();
      const Authorization = answerChallenge({ challenge: await challenge(), username: 'a1', password: 'a1-password' });
      assert.equal((await send({ Authorization, Contact: '<sip:x@t.invalid>' })).status, 200);
      const replay = await send({ Authorization, Contact: '<sip:evil@t.invalid>' });
      assert.equal(replay.status, 401);
      assert.match(replay.content.headers?.['WWW-Authenticate'] ?? '', /stale=true/);
    });
    it('says stale only to somebody who knew the password (RFC 7616 §3.3)', async () => {
      const { challenge, send, time } = setUp();
      const first = await challenge();
      time.now += 6 * 60_000;
      const right = await send({ Authorization: answerChallenge({ challenge: first, username: 'a1', password: 'a1-password' }) });
      const wrong = await send({ Authorization: answerChallenge({ challenge: first, username: 'a1', password: 'guess' }) });
      assert.match(right.content.headers?.['WWW-Authenticate'] ?? '', /stale=true/);
      assert.doesNotMatch(wrong.content.headers?.['WWW-Authenticate'] ?? '', /stale/);
    });
    it('refuses credentials made for somebody else, the same for users known and unknown (RFC 3261 §22.4)', async () => {
      const { challenge, send, bindings } = setUp();
      const answers = [];
      for (const username of ['a1', 'nobody']) {
        const Authorization = answerChallenge({ challenge: await challenge(), username, password: `${username}-password`, uri: 'sip:elsewhere.example' });
        answers.push(await send({ Authorization, To: `<sip:${username}@allo>`, Contact: '<sip:x@t.invalid>' }));
      }
      assert.deepEqual(answers[0], { status: 400, content: { headers: {} }, outcome: 'refused' });
      assert.deepEqual([answers[1], bindings.size], [answers[0], 0]);
    });
    for (const [uri, requestUri] of [['sip:ALLO', 'sip:allo'], ['sip:allo:5060;transport=udp', 'sip:127.0.0.1'], ['sips:a1@allo', 'sip:allo:5061'], ['sip:127.0.0.1', 'sip:127.0.0.1:5060']] as const) {
      it(`takes ${uri} for a request to ${requestUri}: equipment disagrees on what stands there`, async () => {
        const { challenge, send } = setUp();
        const Authorization = answerChallenge({ challenge: await challenge(), username: 'a1', password: 'a1-password', uri });
        assert.equal((await send({ Authorization, Contact: '<sip:x@t.invalid>' }, { uri: requestUri })).status, 200);
      });
    }
    it('does not let one user register as another', async () => {
      const { register, credentials } = setUp();
      credentials.add('b1', ALICE);
      assert.equal((await register({ To: '<sip:b1@allo>' })).status, 403);
    });
  });

  describe('given a registered softphone', () => {
    it('lists contacts with the seconds left', async () => {
      const { register, time } = setUp();
      await register();
      time.now += 100_500;
      const reply = await register({ Contact: '<sip:y@tab2.invalid>' }, { port: 40_001 });
      assert.equal(reply.content.headers?.['Contact'], '<sip:y@tab2.invalid>;expires=300, <sip:x@tab1.invalid;transport=ws>;expires=200');
    });
    it('keeps it for what it asks, at most 600 s, and never longer than its credential', async () => {
      const { register, bindings, time, credentials } = setUp();
      await register({ Contact: '<sip:x@t.invalid>;expires=7200' });
      assert.equal(bindings.listByAgent(ALICE_ID)[0]?.expiresAt, time.now + 600_000);
      credentials.add('a1', ALICE, epochMs(time.now + 5_000));
      await register({ Contact: '<sip:x@t.invalid>' });
      assert.equal(bindings.listByAgent(ALICE_ID)[0]?.expiresAt, time.now + 5_000);
    });
    it('refuses less than a minute and says the least (RFC 3261 §10.3)', async () => {
      const reply = await setUp().register({ Contact: '<sip:x@t.invalid>;expires=59' });
      assert.deepEqual([reply.status, reply.content.headers?.['Min-Expires']], [423, '60']);
    });
    it('forgets it when its time is up', async () => {
      const { register, bindings, time } = setUp();
      await register();
      time.now += 300_000;
      assert.deepEqual(bindings.listByAgent(ALICE_ID), []);
      assert.equal(bindings.findByFlow({ address: '127.0.0.1', port: 40_000, protocol: 'ws' }), undefined);
    });
    it('unregisters one contact with expires=0, all with a star', async () => {
      const { register, bindings } = setUp();
      for (const n of [1, 2, 3]) await register({ Contact: `<sip:x@tab${n}.invalid>` }, { port: 40_000 + n });
      assert.equal((await register({ Contact: '<sip:x@tab1.invalid>;expires=0' })).outcome, 'unregistered');
      assert.deepEqual(bindings.listByAgent(ALICE_ID).map(({ contactUri }) => contactUri), ['sip:x@tab3.invalid', 'sip:x@tab2.invalid']);
      assert.equal((await register({ Contact: '*', Expires: '0' })).status, 200);
      assert.equal(bindings.size, 0);
    });
    it('refuses a star without Expires: 0, and contacts that are no SIP URI', async () => {
      const { register } = setUp();
      for (const Contact of ['*', '*, <sip:x@h>', '<http://x>', '<sip:x y@h>', '<sip:x@h>,'.repeat(5)]) {
        assert.equal((await register({ Contact })).status, 400, Contact);
      }
    });
    it('answers a REGISTER without Contact with what is registered (§10.2.3)', async () => {
      const { register, challenge, send } = setUp();
      await register();
      const Authorization = answerChallenge({ challenge: await challenge(), username: 'a1', password: 'a1-password' });
      const reply = await send({ Authorization });
      assert.equal(reply.outcome, 'listed');
      assert.match(reply.content.headers?.['Contact'] ?? '', /tab1/);
    });
    it('does not let an older request undo a newer one (§10.3 step 7)', async () => {
      const { register, bindings } = setUp();
      await register({ CSeq: '50 REGISTER' });
      assert.equal((await register({ CSeq: '49 REGISTER', Contact: '<sip:x@tab1.invalid;transport=ws>;expires=0' })).status, 500);
      assert.equal(bindings.size, 1);
    });
    it('does not let an older star undo a newer contact (§10.3 step 6)', async () => {
      const { register, bindings } = setUp();
      await register({ CSeq: '50 REGISTER' });
      await register({ 'Call-ID': 'reg-2', Contact: '<sip:y@tab2.invalid>' }, { port: 40_001 });
      assert.equal((await register({ CSeq: '49 REGISTER', Contact: '*', Expires: '0' })).status, 500);
      assert.equal(bindings.size, 2);
    });
    it('moves a contact to the connection that it came back by', async () => {
      const { register, bindings } = setUp();
      await register();
      await register({}, { port: 40_009 });
      assert.equal(bindings.findByFlow({ address: '127.0.0.1', port: 40_000, protocol: 'ws' }), undefined);
      assert.equal(bindings.listByAgent(ALICE_ID)[0]?.flow.port, 40_009);
    });
    it('gives a connection to whoever registered over it last', async () => {
      const { register, bindings, credentials } = setUp();
      credentials.add('guest', { kind: 'guest', tenantId: ALICE.tenantId });
      await register();
      await register({ Contact: '<sip:g@tab9.invalid>' }, { username: 'guest' });
      assert.equal(bindings.findByFlow({ address: '127.0.0.1', port: 40_000, protocol: 'ws' })?.principal.kind, 'guest');
      assert.deepEqual(bindings.listByAgent(ALICE_ID), []);
    });
    it('tells nothing from a UDP source address, which anybody can forge', async () => {
      const { register, bindings } = setUp();
      await register({}, { protocol: 'udp' });
      assert.equal(bindings.findByFlow({ address: '127.0.0.1', port: 40_000, protocol: 'udp' }), undefined);
    });
  });

  describe('given its limits', () => {
    it('drops the oldest contact of a user who opens too many', async () => {
      const { register, bindings } = setUp({ maxPerUser: 2 });
      for (const n of [1, 2, 3]) await register({ Contact: `<sip:x@tab${n}.invalid>` }, { port: 40_000 + n });
      assert.deepEqual(bindings.listByAgent(ALICE_ID).map(({ contactUri }) => contactUri), ['sip:x@tab3.invalid', 'sip:x@tab2.invalid']);
    });
    it('keeps all contacts of a request or none (§10.3 step 7)', async () => {
      const { register, bindings } = setUp({ maxTotal: 2 });
      await register();
      const both = '<sip:y@tab2.invalid>, <sip:z@tab3.invalid>';
      assert.equal((await register({ Contact: both })).status, 503);
      assert.deepEqual(bindings.listByAgent(ALICE_ID).map(({ contactUri }) => contactUri), ['sip:x@tab1.invalid;transport=ws']);
      assert.equal((await register({ Contact: '<sip:x@tab1.invalid;transport=ws>;expires=0' })).status, 200);
      assert.equal((await register({ Contact: both })).status, 200);
      assert.equal(bindings.size, 2);
    });
    it('answers 503 with Retry-After when full', async () => {
      const { register } = setUp({ maxTotal: 1 });
      await register();
      const reply = await register({ Contact: '<sip:x@tab2.invalid>' }, { port: 40_001 });
      assert.deepEqual([reply.status, reply.content.headers?.['Retry-After']], [503, '30']);
    });
  });
});

describe('Bindings', () => {
  it('sweeps what expired when it is full', () => {
    let now = 0;
    const bindings = new Bindings({ clock: () => epochMs(now), maxTotal: 1 });
    const binding = (contactUri: SipUri) => ({
      username: 'a1', principal: ALICE, contactUri, flow: { address: '::1', port: contactUri.length, protocol: 'ws' },
      expiresAt: epochMs(now + 60_000), registeredAt: epochMs(now), callId: 'c', cseq: 1,
    });
    assert.equal(bindings.put(binding(sipUri('sip:a@h'))), 'kept');
    assert.equal(bindings.put(binding(sipUri('sip:bb@h'))), 'full');
    now = 60_000;
    assert.equal(bindings.put(binding(sipUri('sip:bb@h'))), 'kept');
    assert.equal(bindings.size, 1);
  });
});
