import assert from 'node:assert/strict';
import { parseSippStatistics } from './sipp-statistics.ts';

const HEAD = 'ElapsedTime(C);CallRate(P);CallRate(C);TotalCallCreated;SuccessfulCall(C);FailedCall(C);Retransmissions(P);Retransmissions(C);';

describe('parseSippStatistics', () => {
  describe('given a run whose last calls ended long after they began', () => {
    const text = [HEAD, '00:00:00;0;0;0;0;0;0;0;', '00:00:00;150;150;75;75;0;0;0;', '00:00:01;200;200.1;200;199;0;0;0;', '00:00:02;196;198;400;390;0;3;3;', '00:00:12;0;33.3;400;398;2;1;4;', ''].join('\n');
    it('counts up to the last row', () => {
      const { created, succeeded, retransmissions } = parseSippStatistics(text);
      assert.deepEqual({ created, succeeded, retransmissions }, { created: 400, succeeded: 398, retransmissions: 4 });
    });
    it('takes the rate of the last row before all were begun', () => {
      assert.equal(parseSippStatistics(text).achievedRate, 200.1);
    });
    it('takes that of the last row of a run too short for more', () => {
      assert.equal(parseSippStatistics([HEAD, '00:00:00;0;0;0;0;0;0;0;', '00:00:00;99;98.5;30;30;0;0;0;'].join('\n')).achievedRate, 98.5);
    });
  });
  describe('given something else', () => {
    it('says that there are no rows', () => {
      assert.throws(() => parseSippStatistics(`${HEAD}\n`), /no statistics/);
    });
    it('names the column that is missing', () => {
      assert.throws(() => parseSippStatistics('TotalCallCreated;CallRate(C);\n5;1;\n'), /SuccessfulCall/);
    });
  });
});
