import assert from 'node:assert/strict';
import { describeRest, whatIsLeft, type Rest } from './what-is-left.ts';

const rest = (over: { transactions?: number; dialogs?: number; connections?: number; sockets?: number; resources?: Record<string, number> } = {}): Rest => {
  const { transactions = 0, dialogs = 0, connections = 0, sockets = 5, resources = { UDPWrap: 1 } } = over;
  return { figures: { held: { transactions, dialogs, connections, applications: 1 }, resources }, sockets };
};

describe('whatIsLeft', () => {
  describe('given a process that is as it was', () => {
    it('finds nothing', () => {
      assert.deepEqual(whatIsLeft(rest(), rest()), []);
    });
    it('finds nothing when there is less than before', () => {
      assert.deepEqual(whatIsLeft(rest({ sockets: 6, resources: { UDPWrap: 1, Timeout: 2 } }), rest()), []);
    });
  });
  describe('given something that is left', () => {
    for (const over of [{ transactions: 1 }, { dialogs: 1 }, { connections: 1 }]) {
      it(`names ${Object.keys(over)[0]}, also when they were there before`, () => {
        assert.deepEqual(whatIsLeft(rest(over), rest(over)), [`1 ${Object.keys(over)[0]}, 0 before`]);
      });
    }
    it('does not take an engine that tells nothing for an empty one', () => {
      assert.equal(whatIsLeft(rest(), { figures: { resources: {} }, sockets: 5 }).length, 3);
    });
    it('names sockets, and timers of which there were none', () => {
      assert.deepEqual(whatIsLeft(rest(), rest({ sockets: 6, resources: { UDPWrap: 1, Timeout: 3 } })), ['6 sockets, 5 before', '3 Timeout, 0 before']);
    });
  });
});

describe('describeRest', () => {
  it('counts everything in one line', () => {
    assert.equal(describeRest(rest()), '0 transactions, 0 dialogs, 0 connections, 5 sockets, 1 UDPWrap');
  });
});
