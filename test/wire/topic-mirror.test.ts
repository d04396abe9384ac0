import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LiveItem } from '../../server/wire/live-item.ts';
import { TopicMirror } from '../../server/wire/topic-mirror.ts';

const item = (key: string, value: number): LiveItem =>
  ({ kind: 'my-state', key, state: 'available', since: value }) as unknown as LiveItem;

const contents = (mirror: TopicMirror): [string, LiveItem][] => [...mirror.items];

describe('TopicMirror', () => {
  it('asks for a snapshot when a delta comes first', () => {
    const mirror = new TopicMirror();
    assert.equal(mirror.delta(1, [item('a', 1)], []), 'gap');
    assert.equal(mirror.items.size, 0);
  });

  it('applies deltas that count on from the snapshot', () => {
    const mirror = new TopicMirror();
    mirror.snapshot(7, [item('a', 1), item('b', 1)]);
    assert.equal(mirror.delta(8, [item('a', 2)], ['b']), 'applied');
    assert.deepEqual(contents(mirror), [['a', item('a', 2)]]);
  });

  it('puts a key that the same delta drops: a new thing under an old name', () => {
    const mirror = new TopicMirror();
    mirror.snapshot(0, [item('a', 1)]);
    mirror.delta(1, [item('a', 2)], ['a']);
    assert.deepEqual(contents(mirror), [['a', item('a', 2)]]);
  });

  it('ignores a delta that it has applied already', () => {
    const mirror = new TopicMirror();
    mirror.snapshot(0, []);
    mirror.delta(1, [item('a', 1)], []);
    assert.equal(mirror.delta(1, [item('a', 9)], []), 'duplicate');
    assert.deepEqual(contents(mirror), [['a', item('a', 1)]]);
  });

  it('applies nothing after a gap until the next snapshot', () => {
    const mirror = new TopicMirror();
    mirror.snapshot(0, []);
    assert.equal(mirror.delta(2, [item('a', 1)], []), 'gap');
    assert.equal(mirror.delta(3, [item('a', 1)], []), 'gap');
    assert.equal(mirror.items.size, 0);
    mirror.snapshot(3, [item('b', 1)]);
    assert.equal(mirror.delta(4, [item('c', 1)], []), 'applied');
    assert.deepEqual([...mirror.items.keys()], ['b', 'c']);
  });

  it('gives a new map with each change, so that a page sees that something changed', () => {
    const mirror = new TopicMirror();
    mirror.snapshot(0, []);
    const before = mirror.items;
    mirror.delta(1, [item('a', 1)], []);
    assert.notEqual(mirror.items, before);
    assert.equal(before.size, 0);
  });

  it('is what the server holds after any loss and repetition, once it has resynchronised', () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c'), isDrop: fc.boolean(), value: fc.nat(), fate: fc.constantFrom('arrives', 'arrives', 'lost', 'twice'),
    });
    fc.assert(fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const server = new Map<string, LiveItem>();
      const mirror = new TopicMirror();
      mirror.snapshot(0, []);
      changes.forEach(({ key, isDrop, value, fate }, index) => {
        if (isDrop) server.delete(key);
        else server.set(key, item(key, value));
        if (fate === 'lost') return;
        for (let time = 0; time < (fate === 'twice' ? 2 : 1); time += 1) {
          const outcome = mirror.delta(index + 1, isDrop ? [] : [item(key, value)], isDrop ? [key] : []);
          if (outcome === 'gap') mirror.snapshot(index + 1, [...server.values()]);
        }
        assert.deepEqual(new Map(mirror.items), server);
      });
    }));
  });
});
