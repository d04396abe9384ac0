import assert from 'node:assert/strict';
import type { RequestFacts } from '../../../server/sip-engine/sip-engine.ts';
import { routesAreKnown, startHarness, until, type Harness } from '../support/harness.ts';
import { Phone } from '../support/phone.ts';
import { connectSrf, type Srf } from '../support/srf.ts';
import { handMade, toTagOf } from '../support/udp-peer.ts';

describe('applications with tags (drachtio-srf: new Srf(tags))', () => {
  let harness: Harness;
  let carol: Phone;
  let tagged: Srf[];
  let chooseTag: (facts: RequestFacts) => string | undefined;
  const asked: RequestFacts[] = [];

  beforeEach(async () => {
    asked.length = 0;
    harness = await startHarness({
      chooseTag: (facts) => {
        asked.push(facts);
        return chooseTag(facts);
      },
    });
    tagged = [await connectSrf(harness.engine.adminPort, 'cymru', ['sales', 'fr']), await connectSrf(harness.engine.adminPort, 'cymru', ['sales', 'ar'])];
    for (const [index, srf] of [harness.srf, ...tagged].entries()) {
      for (const method of ['options', 'message']) srf.use(method, (_req, res) => res.send(200, { headers: { 'X-Application': String(index) } }));
    }
    for (const srf of [harness.srf, ...tagged]) await routesAreKnown(srf, harness);
    carol = await Phone.open(harness.udp);
  });
  afterEach(async () => {
    for (const srf of tagged) srf.disconnect();
    await harness.close();
    await carol.close();
  });

  let sequence = 0;
  const ask = (method = 'OPTIONS'): void => carol.send(handMade({
    method, port: carol.port, branch: `z9hG4bK-tag-${(sequence += 1)}`, callId: `tag-${sequence}`, headers: ['From: "Zoé" <sip:zoe@127.0.0.1>;tag=z'],
  }).replace(/\r\nFrom: Carol[^\r]*/, ''));
  const servedBy = async (times: number, method?: string): Promise<string[]> => {
    const served: string[] = [];
    for (let i = 0; i < times; i += 1) {
      ask(method);
      served.push(/X-Application: (\d)/.exec(await carol.next('SIP/2.0 200'))?.[1] ?? '');
    }
    return served;
  };

  it('gives a request to those that carry the tag, in turn', async () => {
    chooseTag = () => 'sales';
    assert.deepEqual((await servedBy(4)).sort(), ['1', '1', '2', '2']);
    chooseTag = () => 'ar';
    assert.deepEqual(await servedBy(2), ['2', '2']);
  });

  it('lets every one of a tag have its turn, also when the tags alternate', async () => {
    let turn = 0;
    chooseTag = () => ((turn += 1) % 2 === 0 ? 'sales' : 'fr');
    assert.deepEqual((await servedBy(8)).sort(), ['1', '1', '1', '1', '1', '1', '2', '2']);
  });

  it('gives it to any, tagged or not, when there is no choice', async () => {
    chooseTag = () => undefined;
    assert.deepEqual((await servedBy(6)).sort(), ['0', '0', '1', '1', '2', '2']);
  });

  it('answers 503 when nobody with the tag is connected, counted', async () => {
    chooseTag = () => 'night';
    ask();
    await carol.next('SIP/2.0 503');
    assert.equal(harness.engine.stats().counters['refused.no-tagged-application'], 1);
    chooseTag = () => 'fr';
    tagged[0]?.disconnect();
    await until('it is gone', () => harness.engine.stats().gauges.applications === 2);
    ask();
    await carol.next('SIP/2.0 503');
    tagged.shift();
  });

  it('answers 404 when nobody with the tag serves the method', async () => {
    chooseTag = () => 'sales';
    ask('INFO');
    await carol.next('SIP/2.0 404');
  });

  it('tells the chooser what came from where, as text', async () => {
    chooseTag = () => undefined;
    await servedBy(1, 'MESSAGE');
    assert.deepEqual(asked, [{
      method: 'MESSAGE', uri: 'sip:1000@127.0.0.1', from: '"Zoé" <sip:zoe@127.0.0.1>;tag=z', to: '<sip:1000@127.0.0.1>', callId: `tag-${sequence}`,
      transport: 'udp', sourceAddress: '127.0.0.1', sourcePort: carol.port,
    }]);
  });

  it('answers 500 when the chooser throws, and reports it', async () => {
    chooseTag = () => { throw new Error('no idea'); };
    ask();
    await carol.next('SIP/2.0 500');
    assert.deepEqual(harness.faults, [{ code: 'sip.message', message: 'no idea' }]);
  });

  it('asks for no tag inside a dialog: its application has the request', async () => {
    chooseTag = () => 'fr';
    tagged[0]?.invite((req, res) => { void tagged[0]?.createUAS(req, res, { localSdp: 'v=0\r\n' }); });
    for (const srf of tagged) await routesAreKnown(srf, harness);
    const tag = await carol.call();
    chooseTag = () => 'ar';
    carol.request({ method: 'INFO', sequence: 2, toTag: tag });
    assert.equal(toTagOf(await carol.next('SIP/2.0 200')), tag);
    await carol.hangUp(tag, 3);
    assert.equal(asked.length, 1);
  });
});
