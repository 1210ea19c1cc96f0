import type { Activity } from '../model/activity.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix } from '../translate/known.ts'
import { answeredMark } from '../translate/requests.ts'

/** How many questions of that account were answered today. */
export async function resolveRequest(
  activity: Activity,
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
): Promise<Pick<KnownForMatrix, 'answered'>> {
  if (activity.type !== 'ping' && activity.type !== 'feature-request') return {}
  return { answered: await store.countMarks(answeredMark(activity.actor, clock.now())) }
}
