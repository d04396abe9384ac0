import { MemoryRoutingStore } from '../../server/routing/memory-routing-store.ts';
import { describeRoutingStore } from './routing-store-contract.ts';

describeRoutingStore('memory', async () => ({
  store: new MemoryRoutingStore(),
  close: async () => undefined,
  changesDelivered: async () => undefined,
}));
