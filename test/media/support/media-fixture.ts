import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asId } from '../../../server/model/ids.ts';
import type { CallId, LegId } from '../../../server/model/ids.ts';
import { writeWav } from '../../../server/media/listen/wav.ts';
import { WorkerMedia } from '../../../server/media/worker-media.ts';
import type { WorkerMediaOptions } from '../../../server/media/worker-media.ts';
import { makeSine } from './signals.ts';

/** A media plane with prompts made for the test. */
export interface MediaFixture {
  readonly media: WorkerMedia;
  readonly directory: string;
  readonly faults: { readonly code: string; readonly message: string }[];
  close(): Promise<void>;
}

/** The UDP range of tests; pairs are taken at random from it. */
export const TEST_PORTS = { min: 42_000, max: 46_000 } as const;

/** Prompts in French: `a500` (500 Hz), `b700` (700 Hz) and `c900` (900 Hz), each of 400 ms. */
export async function startMedia(options: Partial<WorkerMediaOptions> = {}): Promise<MediaFixture> {
  const directory = await mkdtemp(join(tmpdir(), 'allo-media-'));
  await mkdir(join(directory, 'fr'));
  for (const [id, frequency] of [['a500', 500], ['b700', 700], ['c900', 900]] as const) {
    await writeWav(join(directory, 'fr', `${id}.wav`), makeSine(frequency, 400), 8_000);
  }
  const faults: { code: string; message: string }[] = [];
  const media = await WorkerMedia.start({
    host: '127.0.0.1', rtpPorts: TEST_PORTS, promptsDirectory: directory,
    onFault: (fault) => { faults.push(fault); },
    ...options,
  });
  return {
    media, directory, faults,
    close: async () => {
      await media.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

let count = 0;

/** A leg id that no other test has. */
export function nextLegId(): LegId {
  count += 1;
  return asId<LegId>(`leg-${count}`);
}

/** A call id that no other test has. */
export function nextCallId(): CallId {
  count += 1;
  return asId<CallId>(`call-${count}`);
}
