import type { Config } from '../../src/config/config.ts'

/** As they are where nobody set them. */
export const usualLimits: Config['limits'] = {
  activitiesPerActor: 600,
  activitiesPerServer: 3_000,
  postsPerHour: 300,
  followsPerHour: 100,
  mentionsPerHour: 200,
  newAccounts: { age: 86_400_000, postsPerHour: 60, followsPerHour: 50, mentionsPerHour: 30 },
  mentionsPerPost: 50,
  accountsPerRequest: 50,
}
