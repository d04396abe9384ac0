import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import sinon from 'sinon';
import { epochMs, systemClock } from '../../server/base/time.ts';
import { MemorySipCredentials } from '../../server/access/memory-sip-credentials.ts';
import { asId, type CallId, type LegId, type OfferId, type UserId } from '../../server/model/ids.ts';
import { Bindings } from '../../server/sip/registrar/bindings.ts';
import { Registrar } from '../../server/sip/registrar/registrar.ts';
import type { RegistrarReply } from '../../server/sip/registrar/registrar-reply.ts';
import { answerChallenge } from './support/digest-client.ts';
import { ALICE, FakeCredentials } from './support/fake-credentials.ts';
import { fakeRequest } from './support/fake-request.ts';
import { LOCAL_SDP, SipCentre } from './support/sip-centre.ts';
import { SipPeer } from './support/sip-peer.ts';

const ALICE_ID = asId<UserId>('alice');
const INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';
const OTHER = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E129>"';

function setUp() {
  const time = { now: 1_000_000 };
  const clock = () => epochMs(time.now);
  const credentials = new FakeCredentials();
  credentials.add('a1', ALICE);
  const bindings = new Bindings({ clock });
  const registrar = new Registrar({ realm: 'allo', credentials, bindings, clock });
  let cseq = 0;
  const send = (headers: Record<string, string>, port: number): Promise<RegistrarReply> => registrar.register(fakeRequest({
    method: 'REGISTER', uri: 'sip:allo', protocol: 'tls', port,
    headers: { To: '<sip:a1@allo>', Via: 'SIP/2.0/TLS a.invalid;branch=z9hG4bK1', 'Call-ID': `call-${port}`, CSeq: `${cseq += 1} REGISTER`, ...headers },
  }));
  const register = async (headers: Record<string, string>, port = 40_000): Promise<RegistrarReply> => {
    const challenge = (await send({}, port)).content.headers?.['WWW-Authenticate'] ?? '';
    return send({ Authorization: answerChallenge({ challenge, username: 'a1', password: 'a1-password' }), ...headers }, port);
  };
  const contacts = (): readonly string[] => bindings.listByAgent(ALICE_ID).map(({ contactUri }) => contactUri);
  return { time, bindings, register, contacts };
}

describe('Registrar extensions', () => {
  describe('given a device that names itself (RFC 5626 §6)', () => {
    it('puts its new flow in the place of the old one, whatever its contact is called now', async () => {
      const { register, contacts, bindings } = setUp();
      await register({ Contact: `<sip:x@before.invalid>;${INSTANCE};reg-id=1`, Supported: 'outbound, path' });
      const reply = await register({ Contact: `<sip:x@after.invalid>;${INSTANCE};reg-id=1`, Supported: 'outbound, path' }, 40_001);
      assert.equal(reply.status, 200);
      assert.deepEqual(contacts(), ['sip:x@after.invalid']);
      assert.equal(bindings.findByFlow({ address: '127.0.0.1', port: 40_000, protocol: 'tls' }), undefined);
      assert.equal(reply.content.headers?.['Require'], 'outbound');
      assert.match(reply.content.headers?.['Contact'] ?? '', /^<sip:x@after\.invalid>;expires=300;\+sip\.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>";reg-id=1$/);
    });
    it('does so without a reg-id, and does not promise a flow then', async () => {
      const { register, contacts } = setUp();
      await register({ Contact: `<sip:x@before.invalid>;${INSTANCE}` });
      const reply = await register({ Contact: `<sip:x@after.invalid>;${INSTANCE}`, Supported: 'outbound' }, 40_001);
      assert.deepEqual(contacts(), ['sip:x@after.invalid']);
      assert.equal(reply.content.headers?.['Require'], undefined);
    });
    it('keeps its second flow and other devices beside it', async () => {
      const { register, contacts } = setUp();
      const Supported = 'outbound';
      await register({ Contact: `<sip:x@one.invalid>;${INSTANCE};reg-id=1`, Supported });
      await register({ Contact: `<sip:x@two.invalid>;${INSTANCE};reg-id=2`, Supported }, 40_001);
      await register({ Contact: `<sip:x@three.invalid>;${OTHER};reg-id=1`, Supported }, 40_002);
      assert.deepEqual(contacts(), ['sip:x@three.invalid', 'sip:x@two.invalid', 'sip:x@one.invalid']);
    });
    it('does not let an older request of the device undo a newer one', async () => {
      const { register, contacts } = setUp();
      await register({ Contact: `<sip:x@one.invalid>;${INSTANCE};reg-id=1`, CSeq: '900 REGISTER' });
      assert.equal((await register({ Contact: `<sip:x@two.invalid>;${INSTANCE};reg-id=1`, CSeq: '899 REGISTER' })).status, 500);
      assert.deepEqual(contacts(), ['sip:x@one.invalid']);
    });
    for (const bad of ['+sip.instance="urn:uuid:1"', '+sip.instance="<http://x>"', '+sip.instance="<urn:a\tb>"', 'reg-id=1', `${INSTANCE};reg-id=0`]) {
      it(`counts ${JSON.stringify(bad)} as a contact without a flow of its own`, async () => {
        const { register, bindings } = setUp();
        assert.equal((await register({ Contact: `<sip:x@h.invalid>;${bad}`, Supported: 'outbound' })).content.headers?.['Require'], undefined);
        assert.equal(bindings.listByAgent(ALICE_ID)[0]?.regId, undefined);
      });
    }
  });

  describe('given Require and Supported', () => {
    it('takes what it knows, and says what it does not (RFC 3261 §8.2.2.3)', async () => {
      const { register, contacts } = setUp();
      const Contact = '<sip:x@h.invalid>';
      const reply = await register({ Contact, Require: 'outbound, gruu, x-other' });
      assert.deepEqual([reply.status, reply.content.headers], [420, { Unsupported: 'gruu, x-other', Supported: 'path, outbound' }]);
      assert.deepEqual(contacts(), []);
      assert.equal((await register({ Contact, Require: 'path, outbound' })).status, 200);
    });
    it('refuses a flow through a proxy that keeps none (439, RFC 5626 §6)', async () => {
      const Contact = `<sip:x@h.invalid>;${INSTANCE};reg-id=1`;
      const Via = 'SIP/2.0/TLS edge.invalid;branch=z9hG4bK2, SIP/2.0/TLS a.invalid;branch=z9hG4bK1';
      const status = async (headers: Record<string, string>): Promise<number> => (await setUp().register({ Contact, Via, Supported: 'outbound', ...headers })).status;
      assert.equal(await status({}), 439);
      assert.equal(await status({ Path: '<sip:core.invalid;lr>, <sip:edge.invalid;lr>' }), 439);
      assert.equal(await status({ Path: '<sip:core.invalid;lr>, <sip:edge.invalid;lr;ob>' }), 200);
      assert.equal(await status({ Supported: 'path' }), 200);
    });
  });

  describe('given a Path (RFC 3327)', () => {
    it('keeps it, and repeats it to a client that asks', async () => {
      const { register, bindings } = setUp();
      const Path = '<sip:core.invalid;lr>, <sip:edge.invalid;transport=tls;lr>';
      const reply = await register({ Contact: '<sip:x@h.invalid>', Path, Supported: 'path' });
      assert.equal(reply.content.headers?.['Path'], Path);
      assert.deepEqual(bindings.listByAgent(ALICE_ID)[0]?.path, ['<sip:core.invalid;lr>', '<sip:edge.invalid;transport=tls;lr>']);
      assert.equal((await register({ Contact: '<sip:x@h.invalid>', Path })).content.headers?.['Path'], undefined);
    });
    it('takes nobody for another who comes through the same proxy', async () => {
      const { register, bindings } = setUp();
      await register({ Contact: '<sip:x@h.invalid>', Path: '<sip:edge.invalid;lr>' });
      assert.equal(bindings.findByFlow({ address: '127.0.0.1', port: 40_000, protocol: 'tls' }), undefined);
    });
    for (const Path of ['sip:edge.invalid;lr', '<sip:edge.invalid>', '<sip:a@b;lr>\r\nX: y', '<tel:1;lr>', '<sip:e;lr>,'.repeat(9)]) {
      it(`refuses ${JSON.stringify(Path.slice(0, 30))}`, async () => {
        assert.equal((await setUp().register({ Contact: '<sip:x@h.invalid>', Path })).status, 400);
      });
    }
    it('leads the INVITE along it, over real sockets', async () => {
      const centre = await SipCentre.start({ timers: { t1: 25 } });
      const proxy = await SipPeer.open();
      try {
        centre.credentials.add('a1', ALICE);
        const register = (headers: readonly string[], cseq: number): void => proxy.send([
          'REGISTER sip:allo SIP/2.0', `Via: SIP/2.0/UDP 127.0.0.1:${proxy.port};branch=z9hG4bK-r${cseq}`, 'Max-Forwards: 69', 'From: <sip:a1@allo>;tag=1', 'To: <sip:a1@allo>',
          'Call-ID: path-1', `CSeq: ${cseq} REGISTER`, 'Contact: <sip:alice@192.0.2.7:5070>;expires=300', `Path: <sip:127.0.0.1:${proxy.port};lr>`, 'Path: <sip:edge.invalid;lr;ob>',
          'Supported: path', ...headers,
        ], '', Number(centre.address('udp').split(':')[1]));
        register([], 1);
        const challenge = (await proxy.final()).get('www-authenticate');
        register([`Authorization: ${answerChallenge({ challenge, username: 'a1', password: 'a1-password' })}`], 2);
        assert.equal((await proxy.final()).status, 200);
        const outcome = centre.application.inviteAgent({
          agentId: ALICE_ID, callId: asId<CallId>('c'), offerId: asId<OfferId>('o'), legId: asId<LegId>('l'), sdpOffer: LOCAL_SDP, callerNumber: '+213555000111', ringTimeoutMs: 5_000,
        }, new AbortController().signal);
        const invite = await proxy.request('INVITE');
        assert.equal(invite.start, 'INVITE sip:alice@192.0.2.7:5070 SIP/2.0');
        assert.equal(invite.all('route').join(', '), `<sip:127.0.0.1:${proxy.port};lr>, <sip:edge.invalid;lr;ob>`);
        proxy.respond(invite, 486);
        assert.deepEqual(await outcome, { kind: 'rejected', sipStatus: 486 });
      } finally {
        await proxy.close();
        await centre.close();
      }
      assert.deepEqual(centre.faults, []);
    });
  });

  describe('given somebody who guesses', () => {
    afterEach(() => {
      sinon.restore();
      syncBuiltinESMExports();
    });
    it('does the same work for an unknown user as for a wrong password', async () => {
      const credentials = new MemorySipCredentials({ realm: 'allo', clock: systemClock });
      const minted = await credentials.mint(ALICE, epochMs(Date.now() + 3_600_000));
      const registrar = new Registrar({ realm: 'allo', credentials, bindings: new Bindings({ clock: systemClock }), clock: systemClock });
      const find = sinon.spy(credentials, 'find');
      // Every block of every hash is counted: work, not time, which a busy machine blurs.
      const create = crypto.createHash;
      let blocks = 0;
      sinon.stub(crypto, 'createHash').callsFake((...args: Parameters<typeof create>) => {
        const hash = create(...args);
        const update: (data: crypto.BinaryLike) => crypto.Hash = hash.update.bind(hash);
        hash.update = (data: crypto.BinaryLike) => {
          blocks += Math.ceil((Buffer.byteLength(data) + 9) / 64);
          return update(data);
        };
        return hash;
      });
      syncBuiltinESMExports();
      const work = async (username: string, round: number): Promise<string> => {
        const request = (Authorization?: string) => registrar.register(fakeRequest({
          method: 'REGISTER', headers: { To: `<sip:${username}@allo>`, 'Call-ID': `c${round}`, CSeq: `${round} REGISTER`, ...(Authorization ? { Authorization } : {}) },
        }));
        const challenge = (await request()).content.headers?.['WWW-Authenticate'] ?? '';
        const answer = answerChallenge({ challenge, username, password: 'a guess that is 32 characters ok' });
        blocks = 0;
        find.resetHistory();
        const reply = await request(answer);
        return `${reply.status} ${reply.outcome} ${Object.keys(reply.content.headers ?? {}).join()} finds=${find.callCount} blocks=${blocks}`;
      };
      const [known, unknown] = [new Map<string, number>(), new Map<string, number>()];
      for (let round = 1; round <= 200; round += 1) {
        const stranger = minted.username.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'));
        for (const [tally, username] of [[known, minted.username], [unknown, stranger]] as const) {
          const what = await work(username, round);
          tally.set(what, (tally.get(what) ?? 0) + 1);
        }
      }
      assert.deepEqual([...known], [...unknown]);
      assert.equal(known.size, 1, 'one and the same work each time');
      assert.match([...known.keys()][0] ?? '', /^401 denied WWW-Authenticate finds=1 blocks=[1-9]/);
    });
  });
});
