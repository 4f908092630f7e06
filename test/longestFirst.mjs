import { basename } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** Test files that take longest, the longest first: one that starts last keeps one core busy and lets the other wait. */
const LONGEST = [
  'pageLooks.long',
  'crashPoints.long',
  'overload.long',
  'pageTrouble.long',
  'kills.long',
  'readBack.long',
  'journalGone.long',
  'journalCommand.long',
  'pageOperator.long',
  'pageWorld.long',
  'programs.long',
  'allCharts',
  'programs',
  'simulation',
  'fairness',
  'pageFiles',
  'degrade',
  'recordedFrames',
  'badInput',
  'boundedAnswers',
  'doctor',
  'whatIf',
  'compiledChart',
  'charts',
];
const placeOf = ({ path }) => {
  const place = LONGEST.indexOf(basename(path, '.test.ts'));
  return place < 0 ? LONGEST.length : place;
};

/** Jest's order (what failed, then what took long, or is large), but for files known to be long. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => placeOf(a) - placeOf(b));
  }
}
