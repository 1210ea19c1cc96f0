import type { Config } from '../../src/config/config.ts'

/** As they are where nobody set them. */
export const usualLimits: Config['limits'] = {
  activitiesPerActor: 600,
  activitiesPerServer: 3_000,
}
