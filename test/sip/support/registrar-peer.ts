import { systemClock } from '../../../server/base/time.ts';
import { Bindings } from '../../../server/sip/registrar/bindings.ts';
import { Registrar } from '../../../server/sip/registrar/registrar.ts';
import { ALICE, FakeCredentials } from './fake-credentials.ts';
import { fakeRequest } from './fake-request.ts';
import { SipPeer } from './sip-peer.ts';

/** A PBX with a registrar: account `acme`, password `acme-password`, at least a minute. */
export class RegistrarPeer {
  readonly peer: SipPeer;
  readonly bindings = new Bindings({ clock: systemClock });
  readonly #registrar: Registrar;

  private constructor(peer: SipPeer) {
    this.peer = peer;
    const credentials = new FakeCredentials();
    credentials.add('acme', ALICE);
    this.#registrar = new Registrar({ realm: 'allo', credentials, bindings: this.bindings, clock: systemClock });
  }

  static async open(): Promise<RegistrarPeer> {
    const pbx = new RegistrarPeer(await SipPeer.open());
    pbx.peer.script = (request) => {
      if (request.method === 'REGISTER') void pbx.#answer(request);
      return undefined;
    };
    return pbx;
  }

  /** The contact that is registered now. */
  get contact(): string | undefined {
    return this.bindings.listByUsername('acme')[0]?.contactUri;
  }

  async #answer(request: SipPeer['requests'][number]): Promise<void> {
    const names = ['authorization', 'to', 'via', 'call-id', 'cseq', 'contact', 'expires', 'supported', 'require', 'path'];
    const headers = Object.fromEntries(names.filter((name) => request.get(name) !== '').map((name) => [name, request.get(name)]));
    const { status, content } = await this.#registrar.register(fakeRequest({ method: 'REGISTER', protocol: 'udp', headers }));
    this.peer.respond(request, status, { headers: Object.entries(content.headers ?? {}).map(([name, value]) => `${name}: ${value}`) });
  }
}
