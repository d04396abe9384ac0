import type { Scope } from '../../../../server/base/scope.ts';
import { BenchChild } from '../process/child.ts';
import type { RegistrationSettings, RegistrationTimes } from '../process/generator-messages.ts';
import type { Load } from './load.ts';

/**
 * Registrations with digest, by a generator of our own: SIPp 3.6.1 knows no SHA-256, which telephones are asked for,
 * and no WebSocket.
 */
export const registrationLoad = (scope: Scope, of: Pick<RegistrationSettings, 'transport' | 'port' | 'users'>): Load => async ({ rate, count }) => {
  const generator = BenchChild.spawn(scope, './registration-process.ts', { ...of, rate, count } satisfies RegistrationSettings);
  const measured = await generator.hear<RegistrationTimes>();
  await generator.stop();
  return { ...measured, retransmissions: 0 };
};
