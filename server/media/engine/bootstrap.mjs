// Worker threads do not inherit the TypeScript loader of the main thread on Node 20: it is
// registered here before the worker itself is loaded.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
