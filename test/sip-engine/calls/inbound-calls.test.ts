import assert from 'node:assert/strict';
import { runSipp } from '../../support/sipp.ts';
import { once, publishedScenario, scenario, sdp, startHarness, until, type Harness } from '../support/harness.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from '../support/srf.ts';

type OnInvite = (req: SrfRequest, res: SrfResponse) => void;

describe('calls into the engine, answered by drachtio-srf', () => {
  let harness: Harness;
  let onInvite: OnInvite;
  let remote: string;

  before(async () => {
    // T1 of 25 ms: an ACK timeout takes 1.6 s instead of 32.
    harness = await startHarness({ timers: { t1: 25, t2: 200, t4: 50 } });
    harness.srf.invite((req, res) => onInvite(req, res));
    remote = `127.0.0.1:${harness.udp}`;
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  afterEach(async () => {
    await until('no transaction or dialog is left', () => {
      const { transactions, dialogs } = harness.engine.stats().gauges;
      return transactions === 0 && dialogs === 0;
    }, 8_000);
  });

  const counter = (name: string): number => harness.engine.stats().counters[name] ?? 0;

  describe('given a caller who is answered and hangs up', () => {
    for (const [transport, mode] of [['UDP', 'u1'], ['TCP', 't1']] as const) {
      it(`carries the call over ${transport} (RFC 3261 §13, §15)`, async () => {
        const ended = new Promise<string>((resolve) => {
          onInvite = (req, res) => {
            void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) })
              .then((dialog) => dialog.once('destroy', (_bye: SrfRequest, reason: string) => resolve(reason)));
          };
        });
        const result = await runSipp({
          scenario: scenario('caller-hangs-up'), transport: mode,
          remote: `127.0.0.1:${mode === 'u1' ? harness.udp : harness.tcp}`,
        });
        assert.equal(result.exitCode, 0, result.errors);
        assert.equal(await ended, 'normal release');
      });
    }
  });

  describe('given an application that hangs up', () => {
    it('sends the BYE and hears its 200 (RFC 3261 §15.1.1)', async () => {
      const dialogs: SrfDialog[] = [];
      onInvite = (req, res) => {
        void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(async (dialog) => {
          dialogs.push(dialog);
          await once(dialog, 'ack');
          await dialog.destroy();
        });
      };
      const result = await runSipp({ scenario: scenario('callee-hangs-up'), remote });
      assert.equal(result.exitCode, 0, result.errors);
      assert.equal(dialogs.length, 1);
    });
  });

  describe('given an INVITE without an offer', () => {
    it('brings the answer of the ACK to the application (RFC 3261 §13.2.1)', async () => {
      const answered = new Promise<string>((resolve) => {
        onInvite = (req, res) => {
          void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) })
            .then((dialog) => dialog.once('ack', (ack: SrfRequest) => resolve(ack.body)));
        };
      });
      const result = await runSipp({ scenario: publishedScenario('uac-nosdp'), remote });
      assert.equal(result.exitCode, 0, result.errors);
      assert.match(await answered, /^m=audio /m);
    });
  });

  describe('given a caller who gives up while it rings', () => {
    it('answers 200 to the CANCEL and 487 to the INVITE, and tells the application (RFC 3261 §9.2)', async () => {
      const cancelled = new Promise<SrfRequest>((resolve) => {
        onInvite = (req, res) => {
          req.once('cancel', resolve);
          res.send(180);
        };
      });
      const result = await runSipp({ scenario: publishedScenario('uac-cancel'), remote });
      assert.equal(result.exitCode, 0, result.errors);
      assert.equal((await cancelled).method, 'CANCEL');
    });

    it('refuses what the application answers afterwards', async () => {
      const late = new Promise<unknown>((resolve) => {
        onInvite = (req, res) => {
          res.send(180);
          req.once('cancel', () => res.send(200, { body: sdp(1) }, (error) => resolve(error)));
        };
      });
      const result = await runSipp({ scenario: publishedScenario('uac-cancel'), remote });
      assert.equal(result.exitCode, 0, result.errors);
      assert.match(String(await late), /unknown transaction/);
    });
  });

  describe('given a lossy network', () => {
    it('hangs up after 64·T1 without an ACK and tells the application (RFC 3261 §13.3.1.4)', async () => {
      const ended = new Promise<string>((resolve) => {
        onInvite = (req, res) => {
          void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) })
            .then((dialog) => dialog.once('destroy', (_bye: SrfRequest, reason: string) => resolve(reason)));
        };
      });
      const result = await runSipp({ scenario: publishedScenario('uac-drop-all-200'), remote });
      assert.equal(result.exitCode, 0, result.errors);
      assert.equal(await ended, 'ACK timeout');
      assert.equal(counter('ended.ack-timeout'), 1);
    });

    it('absorbs the ACK of a refused INVITE (RFC 3261 §17.2.1)', async () => {
      onInvite = (_req, res) => res.send(503);
      const result = await runSipp({ scenario: publishedScenario('uac-drop-one-503'), remote });
      assert.equal(result.exitCode, 0, result.errors);
    });
  });

  describe('given an INVITE without Contact', () => {
    it('answers 400 before any application sees it (RFC 3261 §8.1.1.8)', async () => {
      onInvite = () => assert.fail('the application must not see it');
      const result = await runSipp({ scenario: publishedScenario('uac-expect-400-no-contact-header'), remote });
      assert.equal(result.exitCode, 0, result.errors);
    });
  });

  describe('given a caller who puts the call on hold', () => {
    it('carries the re-INVITE to the dialog (RFC 3261 §14)', async () => {
      onInvite = (req, res) => {
        void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(async (dialog) => {
          await once(dialog, 'ack');
          await dialog.modify(sdp(15_002));
          await dialog.destroy();
        });
      };
      const result = await runSipp({ scenario: publishedScenario('uac-recv-reinvite'), remote });
      assert.equal(result.exitCode, 0, result.errors);
    });
  });

  describe('given a subscription', () => {
    it('lets the application notify, and ends the dialog with it (RFC 6665 §4.4.1)', async () => {
      const done = new Promise<void>((resolve, reject) => {
        harness.srf.use('subscribe', (req, res) => {
          harness.srf.createUAS(req, res, {}).then(async (dialog) => {
            await dialog.request({ method: 'NOTIFY', headers: { Event: 'presence', 'Subscription-State': 'active' } });
            await dialog.request({ method: 'NOTIFY', headers: { Event: 'presence', 'Subscription-State': 'terminated' } });
          }).then(resolve, reject);
        });
      });
      const result = await runSipp({ scenario: publishedScenario('uac-subscribe'), remote });
      assert.equal(result.exitCode, 0, result.errors);
      await done;
    });
  });
});
