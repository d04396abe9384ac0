import type { SipCredential, SipCredentials, SipPrincipal } from '../../../server/access/ports.ts';
import { epochMs, type EpochMs } from '../../../server/base/time.ts';
import { asId, type TenantId, type UserId } from '../../../server/model/ids.ts';

/** The agent of the tests. */
export const ALICE: SipPrincipal = { kind: 'agent', userId: asId<UserId>('alice'), tenantId: asId<TenantId>('t1') };

/** Credentials in memory whose passwords the test knows. */
export class FakeCredentials implements Pick<SipCredentials, 'find' | 'revoke' | 'mint'> {
  readonly #known = new Map<string, SipCredential>();

  add(username: string, principal: SipPrincipal, expiresAt: EpochMs = epochMs(Number.MAX_SAFE_INTEGER)): SipCredential {
    const credential = { username, password: `${username}-password`, realm: 'allo', principal, expiresAt };
    this.#known.set(username, credential);
    return credential;
  }

  async mint(principal: SipPrincipal, sessionExpiresAt: EpochMs): Promise<SipCredential> {
    return this.add(`minted-${this.#known.size}`, principal, sessionExpiresAt);
  }

  async find(username: string): Promise<SipCredential | undefined> {
    return this.#known.get(username);
  }

  async revoke(username: string): Promise<void> {
    this.#known.delete(username);
  }
}
