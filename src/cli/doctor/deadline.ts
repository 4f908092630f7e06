import { createSystemClock } from '../../adapters/process/systemClock.js';
import { withDeadline as within } from '../../adapters/process/withDeadline.js';

const LATE = new Error('late');

/** What `work` brings, or `otherwise` once `ms` are over. What comes after that is ignored. */
export async function withDeadline<T>(ms: number, work: Promise<T>, otherwise: T): Promise<T> {
  const clock = createSystemClock();
  try {
    return await within(
      clock,
      ms,
      () => work,
      () => LATE,
    );
  } catch (error) {
    if (error === LATE) return otherwise;
    throw error;
  } finally {
    clock.close();
  }
}
