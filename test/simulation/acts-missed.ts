import { readersOf, say, someAccount } from './acts-fediverse.ts'
import type { Act } from './stage.ts'

const shortest = 5 * 60_000

/** A post whose server gives up at once, while the bridge is away for long enough to look for it. */
export const missedPost: Act = async (stage) => {
  const account = someAccount(stage)
  const { chance, world } = stage
  const gap = world.outage()
  if (account === undefined || gap === undefined || gap.to - gap.from < shortest) return undefined
  const readers = await readersOf(account, stage)
  const visibility = chance.pick(['public', 'unlisted'] as const) ?? 'public'
  const draft = { options: { visibility }, must: [], readers, isSent: false, wasMissed: true }
  const posted = say(account, draft, stage)
  return `${account.handle} posts ${posted.mark} (${visibility}), and its server gives up`
}
