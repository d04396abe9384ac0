import type { ActiveRecording, Recorder, RecordingRequest } from '../../../server/call/ports.ts';
import type { RecordingEnd } from '../../../server/model/recording.ts';
import { deferred } from './fake-legs.ts';

/** A recording that a test ends by hand, or that ends when it is told to. */
export class FakeRecording implements ActiveRecording {
  readonly request: RecordingRequest;
  readonly recordingId: RecordingRequest['recordingId'];
  readonly #ended = deferred<RecordingEnd>();
  readonly ended = this.#ended.promise;
  isPaused = false;
  isOver = false;
  positionMs = 0;

  constructor(request: RecordingRequest) {
    this.request = request;
    this.recordingId = request.recordingId;
  }

  async setPaused(isPaused: boolean): Promise<number> {
    if (this.isOver) throw new Error('it has ended');
    this.isPaused = isPaused;
    return this.positionMs;
  }

  stop(): Promise<RecordingEnd> {
    this.end({ how: 'stopped' });
    return this.ended;
  }

  end(how: Pick<RecordingEnd, 'how'> & Partial<RecordingEnd>): void {
    this.isOver = true;
    this.#ended.resolve({ durationMs: this.positionMs, bytes: 1_000, checksum: 'ab'.repeat(32), lostMs: 0, ...how });
  }
}

/** Makes recordings of nothing, and remembers what was asked of it. */
export class FakeRecorder implements Recorder {
  readonly recordings: FakeRecording[] = [];
  fault: Error | undefined;

  async start(request: RecordingRequest): Promise<ActiveRecording> {
    if (this.fault) throw this.fault;
    const recording = new FakeRecording(request);
    this.recordings.push(recording);
    return recording;
  }

  /** The one that was begun last. */
  get latest(): FakeRecording {
    const recording = this.recordings.at(-1);
    if (!recording) throw new Error('nothing was recorded');
    return recording;
  }
}
